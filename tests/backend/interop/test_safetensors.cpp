#include <QTemporaryDir>
#include <QTest>
#include <QtEndian>
#include <cstring>
#include <random>

#include "backend/interop/safetensors.h"
#include "tests/support/files.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

template <class T>
NamedTensor tensor(const std::string& name, const std::string& dtype, std::vector<std::int64_t> sizes,
                   const std::vector<T>& values) {
  NamedTensor result = {name, dtype, std::move(sizes), std::vector<std::byte>(values.size() * sizeof(T))};
  std::memcpy(result.bytes.data(), values.data(), result.bytes.size());
  return result;
}

TensorFile example() {
  return {{tensor<std::uint8_t>("mask", "U8", {3}, {1, 0, 255}),
           tensor<float>("conv1.weight", "F32", {2, 1, 1, 2}, {1.5F, -2, 0, 1e-30F}),
           tensor<std::int64_t>("steps", "I64", {}, {-7}), tensor<float>("empty", "F32", {0, 4}, {})},
          {{"format", "pt"}, {"note", "ü \"quoted\""}}};
}

QByteArray with_header(const QByteArray& header, const QByteArray& data = {}) {
  QByteArray file(8, '\0');
  qToLittleEndian<quint64>(static_cast<quint64>(header.size()), file.data());
  return file + header + data;
}

/// Reads the format on its own: Python's json and struct only.
constexpr auto independent_reader = R"(
import json, struct, sys
raw = open(sys.argv[1], 'rb').read()
n = struct.unpack('<Q', raw[:8])[0]
header = json.loads(raw[8:8 + n])
data = raw[8 + n:]
assert (8 + n) % 8 == 0
codes = {'F32': 'f', 'I64': 'q', 'U8': 'B'}
print(sorted(header.pop('__metadata__').items()))
for name in sorted(header):
    t = header[name]
    begin, end = t['data_offsets']
    code = codes[t['dtype']]
    size = struct.calcsize('<' + code)
    assert begin % size == 0
    print(name, t['dtype'], t['shape'], list(struct.unpack('<%d%s' % ((end - begin) // size, code), data[begin:end])))
)";

}  // namespace

class TestSafetensors : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { QVERIFY(folder_.isValid()); }

  void what_is_written_is_read() {
    QVERIFY(write_safetensors(path(), example()));
    const auto read = read_safetensors(path());
    QVERIFY2(read, read ? "" : read.error().message.c_str());
    QCOMPARE(read->metadata, example().metadata);
    QCOMPARE(read->tensors.size(), example().tensors.size());
    for (const NamedTensor& expected : example().tensors) {
      const auto found = std::find_if(read->tensors.begin(), read->tensors.end(),
                                      [&](const NamedTensor& t) { return t.name == expected.name; });
      QVERIFY2(found != read->tensors.end(), expected.name.c_str());
      QCOMPARE(found->dtype, expected.dtype);
      QCOMPARE(found->sizes, expected.sizes);
      QVERIFY(found->bytes == expected.bytes);
    }
  }

  void others_read_what_is_written() {
    QVERIFY(write_safetensors(path(), example()));
    const QString expected =
        "[('format', 'pt'), ('note', 'ü \"quoted\"')]\n"
        "conv1.weight F32 [2, 1, 1, 2] [1.5, -2.0, 0.0, 1.0000000031710769e-30]\n"
        "empty F32 [0, 4] []\n"
        "mask U8 [3] [1, 0, 255]\n"
        "steps I64 [] [-7]";
    QCOMPARE(run_python(independent_reader, {file()}), expected);
  }

  void what_others_write_is_read() {
    const QString written = run_python(R"(
import json, struct, sys
header = json.dumps({'b': {'dtype': 'F32', 'shape': [2], 'data_offsets': [8, 16]},
                     'a': {'dtype': 'I64', 'shape': [1, 1], 'data_offsets': [0, 8]}}).encode()
open(sys.argv[1], 'wb').write(struct.pack('<Q', len(header)) + header + struct.pack('<qff', 5, 0.5, -1))
)",
                                       {file()});
    QCOMPARE(written, QString());
    const auto read = read_safetensors(path());
    QVERIFY2(read, read ? "" : read.error().message.c_str());
    QCOMPARE(read->tensors.size(), std::size_t{2});
    QCOMPARE(read->tensors[0].name, std::string("a"));
    float values[2] = {};
    std::memcpy(values, read->tensors[1].bytes.data(), sizeof values);
    QCOMPARE(values[0], 0.5F);
    QCOMPARE(values[1], -1.0F);
  }

  void damaged_files_are_refused_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("reason");
    const auto row = [](const char* name, const QByteArray& content, const char* reason) {
      QTest::newRow(name) << content << QString(reason);
    };
    const QByteArray four("\0\0\0\0", 4);
    row("empty", "", "at byte 0: 0 bytes are too few");
    row("seven bytes", "1234567", "too few");
    row("header beyond the file", QByteArray("\xff\0\0\0\0\0\0\0{}", 10), "header of 255 bytes doesn't fit the file");
    row("header length absurd", QByteArray(8, '\xff') + "{}", "longer than");
    row("no JSON", with_header("{\"a\":"), "broken JSON");
    row("place of the break", with_header("{\"a\" 1}"), "at byte 13");
    row("not UTF-8", with_header("{\"\xff\":1}"), "broken JSON");
    row("a list", with_header("[]"), "no JSON object");
    row("nested without end", with_header(QByteArray(1'000'000, '[')), "header");
    row("too deep", with_header(R"({"a":{"shape":[[[[1]]]]}})"), "nested too deeply");
    row("number out of range", with_header(R"({"a":{"dtype":"F32","shape":[1e999],"data_offsets":[0,4]}})", four),
        "out of range");
    row("entry is a number", with_header(R"({"a":1})"), "tensor \"a\" is no JSON object");
    row("no dtype", with_header(R"({"a":{"shape":[1],"data_offsets":[0,4]}})", four), "has no dtype");
    row("unknown dtype", with_header(R"({"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}})", four), "F31");
    row("no shape", with_header(R"({"a":{"dtype":"F32","data_offsets":[0,4]}})", four), "has no shape");
    row("negative size", with_header(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", four), "no shape");
    row("size with a fraction", with_header(R"({"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}})", four),
        "no shape");
    row("size beyond 63 bits",
        with_header(R"({"a":{"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,4]}})", four), "no shape");
    row("sizes that overflow",
        with_header(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}})", four),
        "doesn't fit its 4 bytes");
    row("no offsets", with_header(R"({"a":{"dtype":"F32","shape":[1]}})", four), "data_offsets");
    row("one offset", with_header(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}})", four), "data_offsets");
    row("end before begin", with_header(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", four), "claims");
    row("beyond the file", with_header(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", four),
        "claims the bytes 0 to 8");
    row("shape doesn't fit", with_header(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", four),
        "F32 2 doesn't fit its 4 bytes");
    row("overlap",
        with_header(R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},)"
                    R"("b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})",
                    four),
        "overlap");
    row("gap",
        with_header(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                    R"("b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})",
                    four),
        "gap");
    row("bytes of no tensor", with_header(R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}})", four),
        "1 bytes belong to no tensor");
    row("named twice",
        with_header(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                    R"("a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})",
                    four),
        "named twice");
    row("metadata are a list", with_header(R"({"__metadata__":[1]})"), "metadata");
    row("metadata hold a number", with_header(R"({"__metadata__":{"a":1}})"), "no text");
  }
  void damaged_files_are_refused() {
    QFETCH(QByteArray, content);
    QFETCH(QString, reason);
    QVERIFY(put_file(file(), content));
    const auto read = read_safetensors(path());
    QVERIFY(!read);
    const QString message = QString::fromStdString(read.error().message);
    QVERIFY2(message.contains(reason), qPrintable(message));
    QVERIFY2(message.startsWith(file() + ": at byte "), qPrintable(message));
  }

  void missing_files_are_refused() {
    QVERIFY(!read_safetensors(path_of(folder_.filePath("nowhere"))));
    QVERIFY(!read_safetensors(path_of(folder_.path())));
  }

  void nonsense_is_not_written() {
    QVERIFY(!write_safetensors(path(), {{tensor<float>("a", "F32", {2}, {1})}, {}}));
    QVERIFY(!write_safetensors(path(), {{tensor<float>("a", "F33", {1}, {1})}, {}}));
    QVERIFY(
        !write_safetensors(path(), {{tensor<float>("a", "F32", {1}, {1}), tensor<float>("a", "F32", {1}, {2})}, {}}));
    QVERIFY(!write_safetensors(path(), {{tensor<float>("__metadata__", "F32", {1}, {1})}, {}}));
    QVERIFY(!write_safetensors(path(), {{tensor<float>("\xff", "F32", {1}, {1})}, {}}));
  }

  void any_byte_may_be_wrong() {
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    QVERIFY(write_safetensors(path(), example()));
    const QByteArray whole = file_content(file());
    int refused = 0;
    for (int round = 0; round < 1000; ++round) {
      QByteArray damaged = whole;
      for (int flip = 0; flip < 1 + round % 3; ++flip) {
        damaged[static_cast<qsizetype>(random() % damaged.size())] ^= static_cast<char>(1U << random() % 8);
      }
      if (round % 7 == 0) damaged.truncate(static_cast<qsizetype>(random() % damaged.size()));
      QVERIFY(put_file(file(), damaged));
      const auto read = read_safetensors(path());
      if (!read) {
        ++refused;
        continue;
      }
      std::size_t bytes = 0;
      for (const NamedTensor& t : read->tensors) bytes += t.bytes.size();
      QVERIFY(bytes < static_cast<std::size_t>(whole.size()));
    }
    QVERIFY(refused > 300);
  }

 private:
  QString file() const { return folder_.filePath("weights.safetensors"); }
  std::filesystem::path path() const { return path_of(file()); }
  QTemporaryDir folder_;
};

QTEST_APPLESS_MAIN(TestSafetensors)
#include "test_safetensors.moc"
