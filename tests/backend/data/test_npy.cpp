#include <QTemporaryDir>
#include <QTest>
#include <cstring>
#include <random>

#include "backend/data/npy.h"
#include "tests/support/files.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

Array numbers(ElementType type, std::vector<std::int64_t> sizes) {
  Array array = make_array(type, std::move(sizes));
  const auto count = array.bytes.size() / bytes_of(type);
  for (std::size_t i = 0; i < count; ++i) {
    if (type == ElementType::UInt8) array.as<std::uint8_t>()[i] = static_cast<std::uint8_t>(255 - i);
    if (type == ElementType::Int64) array.as<std::int64_t>()[i] = static_cast<std::int64_t>(i) - 3;
    if (type == ElementType::Float32) array.as<float>()[i] = static_cast<float>(i) / 4;
  }
  return array;
}

QByteArray with_header(const QByteArray& dict, const QByteArray& data = {}, char version = 1) {
  QByteArray file = QByteArray("\x93NUMPY") + version + '\0';
  file += static_cast<char>(dict.size() & 0xFF);
  file += static_cast<char>(dict.size() >> 8);
  if (version > 1) file += QByteArray(2, '\0');
  return file + dict + data;
}

}  // namespace

class TestNpy : public QObject {
  Q_OBJECT

 private slots:
  void numpy_reads_what_is_written_data() {
    QTest::addColumn<int>("type");
    QTest::addColumn<QList<qint64>>("sizes");
    QTest::addColumn<QString>("seen");
    QTest::newRow("uint8") << int(ElementType::UInt8) << QList<qint64>{2, 2} << "uint8 (2, 2) [255, 254, 253, 252]";
    QTest::newRow("int64") << int(ElementType::Int64) << QList<qint64>{4} << "int64 (4,) [-3, -2, -1, 0]";
    QTest::newRow("float32") << int(ElementType::Float32) << QList<qint64>{1, 3, 1}
                             << "float32 (1, 3, 1) [0.0, 0.25, 0.5]";
    QTest::newRow("scalar") << int(ElementType::Float32) << QList<qint64>{} << "float32 () [0.0]";
    QTest::newRow("nothing") << int(ElementType::Float32) << QList<qint64>{0, 5} << "float32 (0, 5) []";
  }
  void numpy_reads_what_is_written() {
    QFETCH(int, type);
    QFETCH(QList<qint64>, sizes);
    QFETCH(QString, seen);
    const Array array = numbers(static_cast<ElementType>(type), {sizes.begin(), sizes.end()});
    QVERIFY(write_npy(path(), array));
    const QString print = "import numpy, sys; a = numpy.load(sys.argv[1]); print(a.dtype, a.shape, a.ravel().tolist())";
    QCOMPARE(run_python(print, {file()}), seen);
    const auto read = read_npy(path());
    QVERIFY2(read, read ? "" : read.error().message.c_str());
    QVERIFY(read->type == array.type);
    QCOMPARE(read->sizes, array.sizes);
    QVERIFY(read->bytes == array.bytes);
  }

  void what_numpy_writes_is_read_data() {
    QTest::addColumn<QString>("expression");
    QTest::addColumn<int>("type");
    QTest::addColumn<QList<qint64>>("sizes");
    QTest::addColumn<QList<double>>("values");
    const int u8 = int(ElementType::UInt8);
    const int i64 = int(ElementType::Int64);
    const int f32 = int(ElementType::Float32);
    QTest::newRow("uint8") << "numpy.array([[1, 2], [3, 255]], 'u1')" << u8 << QList<qint64>{2, 2}
                           << QList<double>{1, 2, 3, 255};
    QTest::newRow("int64") << "numpy.array([-1, 2**40])" << i64 << QList<qint64>{2} << QList<double>{-1, 0x1p40};
    QTest::newRow("int32") << "numpy.array([-1, 7], 'i4')" << i64 << QList<qint64>{2} << QList<double>{-1, 7};
    QTest::newRow("bool") << "numpy.array([[True], [False]])" << i64 << QList<qint64>{2, 1} << QList<double>{1, 0};
    QTest::newRow("float32") << "numpy.array([0.5, -2], 'f4')" << f32 << QList<qint64>{2} << QList<double>{0.5, -2};
    QTest::newRow("float64") << "numpy.arange(6.0).reshape(1, 2, 3)" << f32 << QList<qint64>{1, 2, 3}
                             << QList<double>{0, 1, 2, 3, 4, 5};
    QTest::newRow("float16") << "numpy.array([0, 1, -2.5, 65504, 6e-8, 6.1e-5], 'f2')" << f32 << QList<qint64>{6}
                             << QList<double>{0, 1, -2.5, 65504, 0x1p-24, 0x3FFp-24};
    QTest::newRow("int8") << "numpy.array([-128, 127], 'i1')" << i64 << QList<qint64>{2} << QList<double>{-128, 127};
    QTest::newRow("int16") << "numpy.array([-300, 7], 'i2')" << i64 << QList<qint64>{2} << QList<double>{-300, 7};
    QTest::newRow("uint16") << "numpy.array([65535], 'u2')" << i64 << QList<qint64>{1} << QList<double>{65535};
    QTest::newRow("uint32") << "numpy.array([2**32 - 1], 'u4')" << i64 << QList<qint64>{1} << QList<double>{4294967295};
    QTest::newRow("scalar") << "numpy.float32(3)" << f32 << QList<qint64>{} << QList<double>{3};
    QTest::newRow("transposed and made contiguous")
        << "numpy.ascontiguousarray(numpy.arange(4, dtype='f4').reshape(2, 2).T)" << f32 << QList<qint64>{2, 2}
        << QList<double>{0, 2, 1, 3};
  }
  void what_numpy_writes_is_read() {
    QFETCH(QString, expression);
    QFETCH(int, type);
    QFETCH(QList<qint64>, sizes);
    QFETCH(QList<double>, values);
    const QString write = QString(
        "import numpy, sys\nfor version in 1, 2, 3:\n with open(sys.argv[1] + str(version), 'wb') as f:\n"
        "  numpy.lib.format.write_array(f, numpy.asanyarray(%1), version=(version, 0))");
    const QString said = run_python(write.arg(expression), {file()});
    QVERIFY2(!said.startsWith("failed"), qPrintable(said));
    for (const char* version : {"1", "2", "3"}) {
      const auto read = read_npy(path_of(file() + version));
      QVERIFY2(read, read ? "" : read.error().message.c_str());
      QCOMPARE(int(read->type), type);
      QCOMPARE(QList<qint64>(read->sizes.begin(), read->sizes.end()), sizes);
      for (qsizetype i = 0; i < values.size(); ++i) {
        const double value = type == int(ElementType::UInt8)   ? read->as<std::uint8_t>()[i]
                             : type == int(ElementType::Int64) ? static_cast<double>(read->as<std::int64_t>()[i])
                                                               : read->as<float>()[i];
        QCOMPARE(value, values[i]);
      }
    }
  }

  void others_are_refused_by_name_data() {
    QTest::addColumn<QString>("expression");
    QTest::addColumn<QString>("reason");
    QTest::newRow("complex") << "numpy.array([1j])"
                             << "<c16";
    QTest::newRow("big-endian") << "numpy.array([1], '>f4')"
                                << ">f4";
    QTest::newRow("long double") << "numpy.array([1], 'f16')"
                                 << "<f16";
    QTest::newRow("unsigned of 64 bits") << "numpy.array([1], 'u8')"
                                         << "<u8";
    QTest::newRow("dates") << "numpy.array(['2026-01-01'], 'datetime64[D]')"
                           << "<M8[D]";
    QTest::newRow("text") << "numpy.array(['a'])"
                          << "<U1";
    QTest::newRow("structured") << "numpy.zeros(2, [('x', 'f4'), ('y', 'i4')])"
                                << "structured";
    QTest::newRow("Fortran order") << "numpy.asfortranarray(numpy.zeros((2, 3), 'f4'))"
                                   << "ascontiguousarray";
  }
  void others_are_refused_by_name() {
    QFETCH(QString, expression);
    QFETCH(QString, reason);
    const QString said =
        run_python(QString("import numpy, sys; numpy.save(sys.argv[1], %1)").arg(expression), {file()});
    QCOMPARE(said, QString());
    const auto read = read_npy(path());
    QVERIFY(!read);
    QVERIFY2(QString::fromStdString(read.error().message).contains(reason), read.error().message.c_str());
  }

  void damaged_files_are_refused_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("reason");
    const QByteArray good = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n";
    const QByteArray four(4, '\0');
    const auto row = [](const char* name, const QByteArray& content, const char* reason) {
      QTest::newRow(name) << content << QString(reason);
    };
    row("empty", "", "ends within the header");
    row("other file", "PK\x03\x04 a zip archive", "not a .npy file");
    row("version 9", with_header(good, four, 9), "version 9");
    row("cut in the length", with_header(good).left(9), "header");
    row("header beyond the file", with_header(good).left(30), "doesn't fit");
    row("header absurd", QByteArray("\x93NUMPY\x02\0\xff\xff\xff\xff{", 13), "doesn't fit");
    row("no dict", with_header("import os\n", four), "isn't one that NumPy writes");
    row("no shape", with_header("{'descr': '<f4', 'fortran_order': False}", four), "isn't one");
    row("extra key", with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}", four), "isn't one");
    row("text after it", with_header(good + "junk", four), "isn't one");
    row("unclosed text", with_header("{'descr': '<f4", four), "isn't one");
    row("unclosed dict", with_header("{'descr': '<f4',", four), "isn't one");
    row("negative size", with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", four), "isn't one");
    row("huge size", with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", four),
        "isn't one");
    row("sizes that overflow",
        with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296, 4294967296), }", four),
        "far more");
    row("too few bytes", with_header(good, "123"), "needs 4 bytes, and 3 are there");
    row("too many bytes", with_header(good, "12345"), "needs 4 bytes, and 5 are there");
  }
  void damaged_files_are_refused() {
    QFETCH(QByteArray, content);
    QFETCH(QString, reason);
    QVERIFY(put_file(file(), content));
    const auto read = read_npy(path());
    QVERIFY(!read);
    const QString message = QString::fromStdString(read.error().message);
    QVERIFY2(message.contains(reason), qPrintable(message));
    QVERIFY2(message.startsWith(file() + ": at byte "), qPrintable(message));
  }

  void large_files_are_mapped() {
    Array large = make_array(ElementType::Float32, {5 << 20});
    large.as<float>()[(5 << 20) - 1] = 7;
    QVERIFY(write_npy(path(), large));
    const auto read = read_npy(path());
    QVERIFY(read);
    QVERIFY(read->bytes == large.bytes);
    // What is mapped shows what is written into the file later; what was read doesn't.
    const float eight = 8;
    QFile changed(file());
    QVERIFY(changed.open(QIODevice::ReadWrite) && changed.seek(changed.size() - 4));
    QCOMPARE(changed.write(reinterpret_cast<const char*>(&eight), 4), qint64{4});
    changed.close();
    QCOMPARE(read->as<float>()[(5 << 20) - 1], eight);
    // Numbers that don't begin at a multiple of their size can't be used where they lie.
    const QByteArray dict = "{'descr': '<f4', 'fortran_order': False, 'shape': (5242880,), }\n";
    const QByteArray odd = with_header(dict.size() % 4 == 1 ? dict + " " : dict, QByteArray(20 << 20, '\x01'));
    QVERIFY(odd.size() % 4 != 0);
    QVERIFY(put_file(file(), odd));
    const auto aligned = read_npy(path());
    QVERIFY2(aligned, aligned ? "" : aligned.error().message.c_str());
    QCOMPARE(reinterpret_cast<std::uintptr_t>(aligned->bytes.data()) % 4, std::uintptr_t{0});
    QVERIFY(put_file(file(), odd.left(odd.size() - 1)));
    QVERIFY(!read_npy(path()));
  }

  void gzip_is_unpacked() {
    const Array array = numbers(ElementType::Int64, {300, 7});
    QVERIFY(write_npy(path(), array));
    const QString pack =
        "import gzip, sys; raw = open(sys.argv[1], 'rb').read(); open(sys.argv[1], 'wb').write(gzip.compress(raw))";
    QCOMPARE(run_python(pack, {file()}), QString());
    const auto read = read_npy(path());
    QVERIFY2(read, read ? "" : read.error().message.c_str());
    QCOMPARE(read->sizes, array.sizes);
    QVERIFY(read->bytes == array.bytes);
    const auto header = read_npy_header(path());
    QVERIFY(header);
    QCOMPARE(header->sizes, array.sizes);
  }

  void any_byte_may_be_wrong() {
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    QVERIFY(write_npy(path(), numbers(ElementType::Float32, {3, 5})));
    const QByteArray whole = file_content(file());
    for (int round = 0; round < 1000; ++round) {
      QByteArray damaged = whole;
      damaged[static_cast<qsizetype>(random() % 128)] ^= static_cast<char>(1U << random() % 8);
      if (round % 7 == 0) damaged.truncate(static_cast<qsizetype>(random() % damaged.size()));
      QVERIFY(put_file(file(), damaged));
      if (const auto read = read_npy(path())) QVERIFY(read->bytes.size() <= 8 * static_cast<std::size_t>(whole.size()));
    }
  }

 private:
  QString file() const { return folder_.filePath("array.npy"); }
  std::filesystem::path path() const { return path_of(file()); }
  QTemporaryDir folder_;
};

QTEST_APPLESS_MAIN(TestNpy)
#include "test_npy.moc"
