"""Reads TensorBoard event files independently of ours, for test_tensorboard.cpp and test_report.cpp.

FOLDER/events.out.tfevents.* -> FOLDER/scalars.json: [[tag, step, wall_time, value], ...] in the files' order. Written from
TensorFlow's record_writer.cc, event.proto and summary.proto: the CRC is bit by bit, the messages are decoded by
google.protobuf from descriptors made here.
"""

import json
import struct
import sys
from pathlib import Path

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def event_class():
    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="event.proto", package="tensorflow", syntax="proto3")

    def message(parent, name, fields):
        made = parent.add(name=name)
        for field, number, kind, type_name, label in fields:
            made.field.add(name=field, number=number, type=kind, type_name=type_name, label=label)
        return made

    summary = message(file.message_type, "Summary",
                      [("value", 1, kinds.TYPE_MESSAGE, ".tensorflow.Summary.Value", kinds.LABEL_REPEATED)])
    message(summary.nested_type, "Value", [
        ("tag", 1, kinds.TYPE_STRING, None, kinds.LABEL_OPTIONAL),
        ("simple_value", 2, kinds.TYPE_FLOAT, None, kinds.LABEL_OPTIONAL),
    ])
    message(file.message_type, "Event", [
        ("wall_time", 1, kinds.TYPE_DOUBLE, None, kinds.LABEL_OPTIONAL),
        ("step", 2, kinds.TYPE_INT64, None, kinds.LABEL_OPTIONAL),
        ("file_version", 3, kinds.TYPE_STRING, None, kinds.LABEL_OPTIONAL),
        ("summary", 5, kinds.TYPE_MESSAGE, ".tensorflow.Summary", kinds.LABEL_OPTIONAL),
    ])
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName("tensorflow.Event"))


assert crc32c(b"123456789") == 0xE3069283  # the check value of CRC-32C
Event = event_class()
folder = Path(sys.argv[1])
files = sorted(folder.glob("events.out.tfevents.*"))
assert len(files) == 1, f"{len(files)} event files"
data = files[0].read_bytes()
scalars, at, first = [], 0, True
while at < len(data):
    (length,) = struct.unpack_from("<Q", data, at)
    (length_crc,) = struct.unpack_from("<I", data, at + 8)
    assert masked(data[at:at + 8]) == length_crc, "the length's checksum"
    content = data[at + 12:at + 12 + length]
    assert len(content) == length, "cut short"
    (content_crc,) = struct.unpack_from("<I", data, at + 12 + length)
    assert masked(content) == content_crc, "the content's checksum"
    at += 16 + length
    event = Event.FromString(content)
    assert not event.UnknownFields() if hasattr(event, "UnknownFields") else True
    if first:
        assert event.file_version == "brain.Event:2", event.file_version
        first = False
        continue
    for value in event.summary.value:
        scalars.append([value.tag, event.step, event.wall_time, value.simple_value])
assert not first, "empty"
(folder / "scalars.json").write_text(json.dumps(scalars))
