#include <QTemporaryDir>
#include <QTest>
#include <random>

#include "backend/data/idx.h"
#include "tests/support/files.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

QByteArray header(std::initializer_list<quint32> sizes, char type = 0x08) {
  QByteArray bytes("\0\0", 2);
  bytes += type;
  bytes += static_cast<char>(sizes.size());
  for (const quint32 size : sizes) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift & 0xFF);
  }
  return bytes;
}

QByteArray counting(int count) {
  QByteArray bytes;
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(i);
  return bytes;
}

}  // namespace

class TestIdx : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    plain_ = header({3, 2, 4}) + counting(24);
    QVERIFY(put_file(file(), plain_));
    const QString packed =
        "import gzip, sys; open(sys.argv[1], 'wb').write(gzip.compress(open(sys.argv[2], 'rb').read()))";
    QCOMPARE(run_python(packed, {folder_.filePath("packed"), file()}), QString());
    gzip_ = file_content(folder_.filePath("packed"));
    QVERIFY(gzip_.startsWith("\x1f\x8b"));
  }

  void images_plain_and_gzip() {
    for (const QByteArray& content : {plain_, gzip_}) {
      QVERIFY(put_file(file(), content));
      const auto array = read_idx(path());
      QVERIFY2(array, array ? "" : array.error().message.c_str());
      QVERIFY(array->type == ElementType::UInt8);
      QCOMPARE(array->sizes, (std::vector<std::int64_t>{3, 2, 4}));
      for (int i = 0; i < 24; ++i) QCOMPARE(int(array->as<std::uint8_t>()[i]), i);
      const auto read_header = read_idx_header(path());
      QVERIFY(read_header);
      QVERIFY(read_header->type == ElementType::UInt8);
      QCOMPARE(read_header->sizes, array->sizes);
    }
  }

  void several_gzip_members_are_one_file() {
    const QString pack =
        "import gzip, sys; raw = open(sys.argv[2], 'rb').read()\n"
        "open(sys.argv[1], 'wb').write(gzip.compress(raw[:9]) + gzip.compress(raw[9:]))";
    QVERIFY(put_file(file(), plain_));
    QCOMPARE(run_python(pack, {folder_.filePath("members"), file()}), QString());
    const auto array = read_idx(path_of(folder_.filePath("members")));
    QVERIFY2(array, array ? "" : array.error().message.c_str());
    QCOMPARE(array->count(), 3);
  }

  void every_element_type_is_read_data() {
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("dtype");
    QTest::addColumn<QString>("values");
    QTest::addColumn<QList<double>>("expected");
    QTest::newRow("unsigned bytes") << 0x08 << "u1"
                                    << "0, 7, 255" << QList<double>{0, 7, 255};
    QTest::newRow("signed bytes") << 0x09 << "i1"
                                  << "-128, 0, 127" << QList<double>{-128, 0, 127};
    QTest::newRow("16 bits") << 0x0B << ">i2"
                             << "-32768, 1, 258" << QList<double>{-32768, 1, 258};
    QTest::newRow("32 bits") << 0x0C << ">i4"
                             << "-2147483648, 1, 16909060" << QList<double>{-2147483648.0, 1, 16909060};
    QTest::newRow("floats") << 0x0D << ">f4"
                            << "-0.5, 0, 3.25" << QList<double>{-0.5, 0, 3.25};
    QTest::newRow("doubles") << 0x0E << ">f8"
                             << "-0.5, 1e30, 3.25" << QList<double>{-0.5, double(1e30F), 3.25};
  }
  void every_element_type_is_read() {
    QFETCH(int, code);
    QFETCH(QString, dtype);
    QFETCH(QString, values);
    QFETCH(QList<double>, expected);
    // 25,000 times over, so that more than one chunk is converted.
    const QString write = "import numpy, sys; numpy.tile(numpy.array([%1], '%2'), 25000).tofile(sys.argv[1])";
    QCOMPARE(run_python(write.arg(values, dtype), {folder_.filePath("elements")}), QString());
    QVERIFY(
        put_file(file(), header({25'000, 3}, static_cast<char>(code)) + file_content(folder_.filePath("elements"))));
    const auto array = read_idx(path());
    QVERIFY2(array, array ? "" : array.error().message.c_str());
    QCOMPARE(array->sizes, (std::vector<std::int64_t>{25'000, 3}));
    const auto type = code == 0x08 ? ElementType::UInt8 : code < 0x0D ? ElementType::Int64 : ElementType::Float32;
    QVERIFY(array->type == type);
    const Array whole = converted(*array, ElementType::Float32);
    for (int i = 0; i < 75'000; ++i) {
      if (type == ElementType::Int64) {
        QCOMPARE(static_cast<double>(array->as<std::int64_t>()[i]), expected[i % 3]);
      } else {
        QCOMPARE(static_cast<double>(whole.as<float>()[i]), expected[i % 3]);
      }
    }
    QVERIFY(read_idx_header(path())->type == type);
    // One byte less is too little for any type.
    const QByteArray content = file_content(file());
    QVERIFY(put_file(file(), content.left(content.size() - 1)));
    QVERIFY(!read_idx(path()));
  }

  void large_files_are_mapped() {
    const qsizetype size = 20 << 20;
    QByteArray content = header({20, 1 << 20}) + QByteArray(size, 'x');
    content[content.size() - 1] = 'z';
    QVERIFY(put_file(file(), content));
    auto array = read_idx(path());
    QVERIFY(array);
    QCOMPARE(array->as<char>()[size - 2], 'x');
    QCOMPARE(array->as<char>()[size - 1], 'z');
    // What is mapped shows what is written into the file later; what was read doesn't.
    QFile changed(file());
    QVERIFY(changed.open(QIODevice::ReadWrite) && changed.seek(content.size() - 1) && changed.write("!") == 1);
    changed.close();
    QCOMPARE(array->as<char>()[size - 1], '!');
    // And what is changed in memory stays there.
    array->as<char>()[0] = 'a';
    QCOMPARE(file_content(file()).mid(12, 1), QByteArray("x"));
    QVERIFY(put_file(file(), content + "more"));
    QVERIFY(!read_idx(path()));
  }

  void sizes_need_no_more_than_the_header() {
    // Cut behind the header: sizes are known, but the file can't hold what they promise.
    QVERIFY(put_file(file(), header({60000, 28, 28})));
    const auto read_header = read_idx_header(path());
    QVERIFY(!read_header);
    QVERIFY(read_header.error().message.find("too short") != std::string::npos);
  }

  void damaged_files_are_refused_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("reason");
    const auto row = [](const char* name, const QByteArray& content, const char* reason) {
      QTest::newRow(name) << content << QString(reason);
    };
    row("empty", "", "at byte 0: the file ends within the IDX header");
    row("three bytes", plain_.left(3), "at byte 3: the file ends within the IDX header");
    row("text", "hello, this is text", "at byte 0: not an IDX file");
    row("unknown type", header({2}, 0x07) + "ab", "at byte 2: not an IDX file: there is no element type 07");
    row("floats cut off", header({2}, 0x0D) + "1234567", "the file is too short for them");
    row("no dimension", header({}), "at byte 3: 0 dimensions");
    row("five dimensions", header({1, 1, 1, 1, 1}) + "a", "at byte 3: 5 dimensions");
    row("cut in the sizes", plain_.left(10), "at byte 10: the file ends within the IDX header");
    row("size 0", header({3, 0}), "at byte 8: dimension 2 is 0");
    row("counts absurd", header({0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}) + "abc", "the file is too short for them");
    row("count beyond the file", header({1000000}) + "abc", "the file is too short for them");
    row("truncated", plain_.left(plain_.size() - 1), "the file is too short for them");
    row("trailing byte", plain_ + "x", "at byte 40: more bytes follow");
    row("gzip truncated", gzip_.left(gzip_.size() - 9), "the file is truncated");
    row("gzip cut in its header", gzip_.left(5), "the file is truncated");
    row("gzip with a wrong checksum", flipped(gzip_, gzip_.size() - 8), "damaged (incorrect data check)");
    row("gzip with a wrong length", flipped(gzip_, gzip_.size() - 4), "damaged (incorrect length check)");
    row("gzip followed by more", gzip_ + "x", "unknown bytes follow the gzip data");
    row("gzip of an unknown method", flipped(gzip_, 2), "damaged");
  }
  void damaged_files_are_refused() {
    QFETCH(QByteArray, content);
    QFETCH(QString, reason);
    QVERIFY(put_file(file(), content));
    const auto array = read_idx(path());
    QVERIFY(!array);
    const QString message = QString::fromStdString(array.error().message);
    QVERIFY2(message.contains(reason), qPrintable(message));
    QVERIFY2(message.startsWith(file() + ": at byte "), qPrintable(message));
  }

  void gzip_that_unpacks_to_another_length_is_refused_data() {
    QTest::addColumn<QString>("change");
    QTest::addColumn<QString>("reason");
    QTest::newRow("shorter") << "raw[:-3]"
                             << "the file ends 3 bytes early";
    QTest::newRow("longer") << "raw + b'abc'"
                            << "at byte 40 of the unpacked data: more bytes follow";
    QTest::newRow("endless") << "raw + bytes(50_000_000)"
                             << "more bytes follow";
  }
  void gzip_that_unpacks_to_another_length_is_refused() {
    QFETCH(QString, change);
    QFETCH(QString, reason);
    QVERIFY(put_file(file(), plain_));
    const QString pack = QString(
        "import gzip, sys; raw = open(sys.argv[1], 'rb').read()\n"
        "open(sys.argv[1], 'wb').write(gzip.compress(%1))");
    QCOMPARE(run_python(pack.arg(change), {file()}), QString());
    const auto array = read_idx(path());
    QVERIFY(!array);
    QVERIFY2(QString::fromStdString(array.error().message).contains(reason), array.error().message.c_str());
  }

  void a_small_gzip_file_cannot_claim_much_memory() {
    // 4 GiB promised by a file of some fifty bytes: refused before anything is allocated.
    QVERIFY(put_file(file(), header({65536, 256, 256})));
    const QString pack =
        "import gzip, sys; raw = open(sys.argv[1], 'rb').read(); open(sys.argv[1], 'wb').write(gzip.compress(raw))";
    QCOMPARE(run_python(pack, {file()}), QString());
    const auto array = read_idx(path());
    QVERIFY(!array);
    QVERIFY2(array.error().message.find("too short") != std::string::npos, array.error().message.c_str());
  }

  void what_is_no_file_is_refused() {
    QVERIFY(!read_idx(path_of(folder_.path())));
    QVERIFY(!read_idx(path_of(folder_.filePath("nowhere"))));
    QVERIFY(!read_idx("/dev/zero"));
  }

  void any_byte_may_be_wrong_data() {
    QTest::addColumn<QByteArray>("whole");
    QTest::newRow("plain") << plain_;
    QTest::newRow("gzip") << gzip_;
  }
  void any_byte_may_be_wrong() {
    QFETCH(QByteArray, whole);
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 1000; ++round) {
      QByteArray damaged = flipped(whole, static_cast<qsizetype>(random() % whole.size()), random() % 8);
      const bool is_cut = round % 5 == 0;
      if (is_cut) damaged.truncate(static_cast<qsizetype>(random() % damaged.size()));
      QVERIFY(put_file(file(), damaged));
      const auto array = read_idx(path());
      if (!array) continue;
      // Only a flip in a pixel, or in gzip's own bookkeeping, leaves a file that can be read; a flipped count and a cut
      // may happen to agree.
      std::size_t promised = 1;
      for (const std::int64_t size : array->sizes) promised *= static_cast<std::size_t>(size);
      QCOMPARE(array->bytes.size(), promised * bytes_of(array->type));
      if (!is_cut) QCOMPARE(promised, std::size_t{24});
    }
  }

 private:
  static QByteArray flipped(QByteArray bytes, qsizetype at, unsigned bit = 0) {
    bytes[at] = static_cast<char>(bytes[at] ^ static_cast<char>(1U << bit));
    return bytes;
  }
  QString file() const { return folder_.filePath("images-idx3-ubyte"); }
  std::filesystem::path path() const { return path_of(file()); }
  QTemporaryDir folder_;
  QByteArray plain_;
  QByteArray gzip_;
};

QTEST_APPLESS_MAIN(TestIdx)
#include "test_idx.moc"
