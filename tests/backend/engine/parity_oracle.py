"""The network of test_graph_module.cpp written by hand in PyTorch, for parity.

FOLDER holds `weights.safetensors`, `names` (the module's own, a line each) and `input` (plain float32, the shape given
as arguments). Writes `evaluated` and
`trained` (the outputs in both modes), `gradients` (of the sum of squares of `trained`, in the order of parameters())
and `statistics` (running means and variances after the training pass), all plain float32. Refuses names whose order, and
weights whose names or shapes, differ from the state_dict's.
"""

import json
import struct
import sys
from pathlib import Path

import numpy
import torch
from torch import nn

folder = Path(sys.argv[1])
shape = [int(size) for size in sys.argv[2:]]


class Branching(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, (3, 5), padding="same", padding_mode="reflect", bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1, groups=2, padding_mode="circular")
        self.leaky = nn.LeakyReLU(0.2)
        self.max_pool = nn.MaxPool2d(3, 2, padding=1)
        self.avg_pool = nn.AvgPool2d(3, 2, padding=1, count_include_pad=False)
        self.conv3 = nn.Conv2d(16, 6, (4, 3), padding="same", dilation=(1, 2))
        self.tanh = nn.Tanh()
        self.dropout = nn.Dropout(0.0)
        self.adaptive = nn.AdaptiveAvgPool2d((3, 2))
        self.flatten = nn.Flatten()
        self.fc1 = nn.Linear(36, 12)
        self.sigmoid = nn.Sigmoid()
        self.fc2 = nn.Linear(12, 5)
        self.softmax = nn.Softmax(1)

    def forward(self, x):
        stem = self.relu1(self.bn1(self.conv1(x)))
        branch = self.leaky(self.conv2(stem))
        joined = stem + branch + stem
        both = torch.cat([self.max_pool(joined), self.avg_pool(branch)], 1)
        y = self.dropout(self.tanh(self.conv3(both)))
        y = self.flatten(self.adaptive(y))
        return self.softmax(self.fc2(self.sigmoid(self.fc1(y))))


def read_weights(path):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    types = {"F32": numpy.float32, "I64": numpy.int64}
    weights = {}
    header.pop("__metadata__", None)
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        values = numpy.frombuffer(data[begin:end], types[entry["dtype"]]).reshape(entry["shape"])
        weights[name] = torch.from_numpy(values.copy())
    return weights


def write(name, tensors):
    numpy.concatenate([t.detach().numpy().ravel() for t in tensors]).tofile(folder / name)


model = Branching()
names = (folder / "names").read_text().split()
if names != list(model.state_dict()):
    sys.exit(f"the names differ: {names} and {list(model.state_dict())}")
weights = read_weights(folder / "weights.safetensors")
model.load_state_dict(weights, strict=True)
x = torch.from_numpy(numpy.fromfile(folder / "input", numpy.float32)).reshape(shape)

model.eval()
write("evaluated", [model(x)])
model.train()
y = model(x)
y.pow(2).sum().backward()
write("trained", [y])
write("gradients", [p.grad for p in model.parameters()])
write("statistics", [model.bn1.running_mean, model.bn1.running_var])
