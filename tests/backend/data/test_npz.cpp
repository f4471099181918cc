#include <QTemporaryDir>
#include <QTest>
#include <random>

#include "backend/data/npy.h"
#include "backend/data/zip_archive.h"
#include "tests/support/files.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

const char* const two_arrays =
    "import numpy, sys; numpy.%1(sys.argv[1], x_train=numpy.arange(60, dtype='u1').reshape(5, 12), "
    "y=numpy.array([3, 1, 4]))";

}  // namespace

class TestNpz : public QObject {
  Q_OBJECT

 private slots:
  void arrays_are_found_by_name_data() {
    QTest::addColumn<QString>("function");
    QTest::newRow("stored") << "savez";
    QTest::newRow("deflated") << "savez_compressed";
  }
  void arrays_are_found_by_name() {
    QFETCH(QString, function);
    QCOMPARE(run_python(QString(two_arrays).arg(function), {file()}), QString());
    const auto names = npz_names(path());
    QVERIFY2(names, names ? "" : names.error().message.c_str());
    QCOMPARE(*names, (std::vector<std::string>{"x_train", "y"}));
    const auto x = read_npz(path(), "x_train");
    QVERIFY2(x, x ? "" : x.error().message.c_str());
    QVERIFY(x->type == ElementType::UInt8);
    QCOMPARE(x->sizes, (std::vector<std::int64_t>{5, 12}));
    for (int i = 0; i < 60; ++i) QCOMPARE(int(x->as<std::uint8_t>()[i]), i);
    const auto y = read_npz(path(), "y");
    QVERIFY(y);
    QCOMPARE(y->as<std::int64_t>()[2], std::int64_t{4});
    const auto header = read_npz_header(path(), "y");
    QVERIFY(header && header->type == ElementType::Int64);
    QCOMPARE(header->sizes, (std::vector<std::int64_t>{3}));

    const auto missing = read_npz(path(), "z");
    QVERIFY(!missing);
    QVERIFY2(missing.error().message.find("There are: x_train, y.") != std::string::npos,
             missing.error().message.c_str());
  }

  void what_other_programs_write_is_read_data() {
    QTest::addColumn<QString>("python");
    QTest::newRow("zip64 everywhere") << "zipfile.ZIP64_LIMIT = 10\nz = zipfile.ZipFile(f, 'w')";
    QTest::newRow("with a comment") << "z = zipfile.ZipFile(f, 'w'); z.comment = b'PK\\x05\\x06 made up'";
    QTest::newRow("with folders") << "z = zipfile.ZipFile(f, 'w', zipfile.ZIP_DEFLATED); z.writestr('empty/', '')";
    QTest::newRow("after other bytes") << "f.write(b'#!/bin/sh\\n'); z = zipfile.ZipFile(f, 'a')";
  }
  void what_other_programs_write_is_read() {
    QFETCH(QString, python);
    const QString source =
        "import io, numpy, sys, zipfile\n"
        "a = io.BytesIO(); numpy.save(a, numpy.arange(1000, dtype='f4'))\n"
        "f = open(sys.argv[1], 'wb+')\n" +
        python + "\nz.writestr('deep/a.npy', a.getvalue()); z.close(); f.close()";
    QCOMPARE(run_python(source, {file()}), QString());
    const auto array = read_npz(path(), "deep/a");
    QVERIFY2(array, array ? "" : array.error().message.c_str());
    QCOMPARE(array->sizes, (std::vector<std::int64_t>{1000}));
    QCOMPARE(array->as<float>()[999], 999.0F);
    QCOMPARE(*npz_names(path()), (std::vector<std::string>{"deep/a"}));
  }

  void hostile_archives_are_refused_data() {
    QTest::addColumn<QString>("python");
    QTest::addColumn<QString>("reason");
    const auto row = [](const char* name, const char* python, const char* reason) {
      QTest::newRow(name) << QString(python) << QString(reason);
    };
    // b: a good archive; at(signature): where a record begins; u16, u32: numbers written into it.
    row("empty", "b = bytearray()", "not a zip archive");
    row("text", "b = bytearray(b'hello')", "not a zip archive");
    row("end record alone", "b = b[at(b'PK\\5\\6'):]", "the directory lies beyond the end");
    row("bytes after it", "b += b'x'", "not a zip archive");
    row("encrypted", "u16(at(b'PK\\1\\2') + 8, 1)", "is encrypted");
    row("unknown method", "u16(at(b'PK\\1\\2') + 10, 12)", "is packed by method 12");
    row("several volumes", "u16(at(b'PK\\5\\6') + 4, 1)", "several volumes");
    row("directory beyond the file", "u32(at(b'PK\\5\\6') + 16, 0x7FFFFFFF)", "the directory lies beyond the end");
    row("directory too large", "u32(at(b'PK\\5\\6') + 12, 0x7FFFFFFF)", "are more than the 10000");
    row("more entries than there are", "u16(at(b'PK\\5\\6') + 8, 9); u16(at(b'PK\\5\\6') + 10, 9)",
        "entry 2 of the directory isn't there");
    row("a name beyond the directory", "u16(at(b'PK\\1\\2') + 28, 60000)", "entry 1 of the directory is cut off");
    row("member beyond the file", "u32(at(b'PK\\1\\2') + 42, 0x7FFFFFFF)", "should begin here and doesn't");
    row("member elsewhere", "u32(at(b'PK\\1\\2') + 42, 7)", "should begin here and doesn't");
    row("member longer than the file", "u32(at(b'PK\\1\\2') + 20, 9999999)", "it is truncated");
    row("zip64 without its record", "u32(at(b'PK\\5\\6') + 16, 0xFFFFFFFF)", "the zip64 record");
    row("zip64 sizes without their field", "u32(at(b'PK\\1\\2') + 24, 0xFFFFFFFF)",
        "the archive promises 4294967295 bytes");
    row("wrong checksum", "u32(at(b'PK\\1\\2') + 16, 1)", "the checksum is another");
    row("shorter than promised", "u32(at(b'PK\\1\\2') + 24, 5000)", "the archive promises 5000 bytes");
    row("longer than promised", "u32(at(b'PK\\1\\2') + 24, 3000)", "needs 4000 bytes, and at most");
    row("damaged data", "b[at(b'PK\\3\\4') + 60] ^= 255", "");
    row("a header that promises 4 TB",
        "import io; a = io.BytesIO(); numpy.lib.format.write_array_header_1_0(a, {'descr': '<f4', 'fortran_order': "
        "False, "
        "'shape': (1 << 40,)}); z = zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED); "
        "z.writestr('a.npy', a.getvalue()); z.close(); b = bytearray(open(sys.argv[1], 'rb').read())",
        "needs 4398046511104 bytes");
    row("a member that isn't .npy",
        "z = zipfile.ZipFile(sys.argv[1], 'w'); z.writestr('a', b'hello, this is text'); z.close(); "
        "b = bytearray(open(sys.argv[1], 'rb').read())",
        "a: at byte 0: not a .npy file");
    row("too many members",
        "z = zipfile.ZipFile(sys.argv[1], 'w'); [z.writestr(str(i), b'') for i in range(70000)]; z.close(); "
        "b = bytearray(open(sys.argv[1], 'rb').read())",
        "70000 members");
  }
  void hostile_archives_are_refused() {
    QFETCH(QString, python);
    QFETCH(QString, reason);
    const QString source =
        "import numpy, struct, sys, zipfile\n"
        "numpy.savez_compressed(sys.argv[1], a=numpy.arange(1000, dtype='f4'))\n"
        "b = bytearray(open(sys.argv[1], 'rb').read())\n"
        "def at(signature): return b.rindex(signature)\n"
        "def u16(place, number): b[place:place + 2] = struct.pack('<H', number)\n"
        "def u32(place, number): b[place:place + 4] = struct.pack('<I', number)\n" +
        python + "\nopen(sys.argv[1], 'wb').write(b)";
    QCOMPARE(run_python(source, {file()}), QString());
    const auto array = read_npz(path(), "a");
    QVERIFY(!array);
    const QString message = QString::fromStdString(array.error().message);
    QVERIFY2(message.contains(reason), qPrintable(message));
    QVERIFY2(message.startsWith(file()), qPrintable(message));
  }

  void any_byte_may_be_wrong_data() { arrays_are_found_by_name_data(); }
  void any_byte_may_be_wrong() {
    QFETCH(QString, function);
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    QCOMPARE(run_python(QString(two_arrays).arg(function), {file()}), QString());
    const QByteArray whole = file_content(file());
    const Array good = *read_npz(path(), "x_train");
    int readable = 0;
    for (int round = 0; round < 1000; ++round) {
      QByteArray damaged = whole;
      const auto at = static_cast<qsizetype>(random() % damaged.size());
      damaged[at] = static_cast<char>(damaged[at] ^ static_cast<char>(1U << random() % 8));
      if (round % 5 == 0) damaged.truncate(static_cast<qsizetype>(random() % damaged.size()));
      QVERIFY(put_file(file(), damaged));
      const auto array = read_npz(path(), "x_train");
      if (!array) continue;
      // The checksum covers all of the array: what can be read is right.
      QVERIFY(array->bytes == good.bytes);
      QCOMPARE(array->sizes, good.sizes);
      ++readable;
    }
    QVERIFY(readable > 0 && readable < 1000);
  }

 private:
  QString file() const { return folder_.filePath("arrays.npz"); }
  std::filesystem::path path() const { return path_of(file()); }
  QTemporaryDir folder_;
};

QTEST_APPLESS_MAIN(TestNpz)
#include "test_npz.moc"
