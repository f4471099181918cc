#include <unistd.h>

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cstring>
#include <new>

#include "backend/data/array.h"
#include "tests/support/files.h"

using namespace netwright;

namespace {

constexpr std::size_t large = (std::size_t{256} << 20) + 4097;

/// What this process has mapped, a line each.
QByteArray maps() {
  return file_content("/proc/self/maps");
}

QByteArray numbered(int size) {
  QByteArray bytes(size, '\0');
  for (int i = 0; i < size; ++i) bytes[i] = static_cast<char>((i * 7 + i / 256) % 251);
  return bytes;
}

QByteArray content(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), static_cast<qsizetype>(bytes.size())};
}

}  // namespace

class TestArray : public QObject {
  Q_OBJECT

 private slots:
  void init() { QVERIFY(folder_.isValid()); }
  void cleanup() { qunsetenv("TMPDIR"); }

  void few_bytes_are_zeros_and_shared_by_copies() {
    Bytes bytes(1000);
    QCOMPARE(content(bytes), QByteArray(1000, '\0'));
    Bytes copy = bytes;
    copy.begin()[3] = std::byte{7};
    QCOMPARE(bytes.begin()[3], std::byte{7});
    QVERIFY(copy == bytes);
    QVERIFY(bytes != Bytes(1000));
    QVERIFY(Bytes(0).empty() && Bytes() == Bytes(0));
  }

  void many_bytes_lie_in_a_nameless_file() {
    qputenv("TMPDIR", folder_.path().toUtf8());
    {
      Bytes bytes(large);
      QCOMPARE(bytes.size(), large);
      QVERIFY2(maps().contains(folder_.path().toUtf8() + "/netwright-"), "nothing of TMPDIR is mapped");
      QVERIFY(QDir(folder_.path()).entryList(QDir::Files | QDir::Hidden).isEmpty());
      const auto is_zero = [](std::byte byte) { return byte == std::byte{0}; };
      QVERIFY(std::all_of(bytes.begin(), bytes.end(), is_zero));
      bytes.begin()[large - 1] = std::byte{5};
      const Bytes copy = bytes;
      bytes = Bytes();
      QCOMPARE(copy.begin()[large - 1], std::byte{5});
    }
    QVERIFY2(!maps().contains("/netwright-"), "the file is still mapped after its last copy");
  }

  void without_room_there_is_a_bad_alloc() {
    qputenv("TMPDIR", folder_.filePath("isn't there").toUtf8());
    QVERIFY_EXCEPTION_THROWN(Bytes{large}, std::bad_alloc);
    qputenv("TMPDIR", folder_.path().toUtf8());
    QVERIFY_EXCEPTION_THROWN(Bytes{std::size_t{1} << 55}, std::bad_alloc);
    QVERIFY(QDir(folder_.path()).entryList(QDir::Files | QDir::Hidden).isEmpty());
  }

  void a_file_is_mapped_from_any_byte_on_data() {
    QTest::addColumn<quint64>("offset");
    QTest::addColumn<quint64>("size");
    const auto page = static_cast<quint64>(sysconf(_SC_PAGESIZE));
    for (const quint64 offset : {quint64{0}, quint64{1}, quint64{80}, page - 1, page, page + 1, 3 * page - 3}) {
      for (const quint64 size : {quint64{0}, quint64{1}, page, 2 * page + 5}) {
        QTest::addRow("%llu bytes from %llu on", size, offset) << offset << size;
      }
    }
    QTest::newRow("the last byte") << 6 * page - 1 << quint64{1};
    QTest::newRow("nothing at the end") << 6 * page << quint64{0};
  }
  void a_file_is_mapped_from_any_byte_on() {
    QFETCH(quint64, offset);
    QFETCH(quint64, size);
    const QByteArray all = numbered(static_cast<int>(6 * sysconf(_SC_PAGESIZE)));
    QVERIFY(put_file(folder_.filePath("numbers"), all));
    auto mapped = Bytes::map(path_of(folder_.filePath("numbers")), offset, size);
    QVERIFY2(mapped, mapped ? "" : mapped.error().message.c_str());
    QCOMPARE(content(*mapped), all.mid(static_cast<qsizetype>(offset), static_cast<qsizetype>(size)));
    if (size == 0) return;
    // Changes stay private, and what is mapped outlives its name.
    mapped->begin()[0] ^= std::byte{0xFF};
    QCOMPARE(file_content(folder_.filePath("numbers")), all);
    QVERIFY(QFile::remove(folder_.filePath("numbers")));
    QCOMPARE(mapped->begin()[0] ^ std::byte{0xFF},
             static_cast<std::byte>(static_cast<unsigned char>(all[static_cast<qsizetype>(offset)])));
  }

  void what_can_not_be_mapped_is_refused_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<quint64>("offset");
    QTest::addColumn<quint64>("size");
    QTest::addColumn<QString>("reason");
    QTest::newRow("truncated") << "short" << quint64{90} << quint64{11}
                               << "11 bytes are needed from byte 90 on, but the file has 100; it is truncated";
    QTest::newRow("begins beyond the end") << "short" << quint64{101} << quint64{0} << "but the file has 100";
    QTest::newRow("overflow") << "short" << ~quint64{0} - 3 << quint64{10} << "but the file has 100";
    QTest::newRow("missing") << "nowhere" << quint64{0} << quint64{1} << "Can't open";
    QTest::newRow("a folder") << "." << quint64{0} << quint64{1} << "Can't map";
  }
  void what_can_not_be_mapped_is_refused() {
    QFETCH(QString, file);
    QFETCH(quint64, offset);
    QFETCH(quint64, size);
    QFETCH(QString, reason);
    QVERIFY(put_file(folder_.filePath("short"), numbered(100)));
    const auto mapped = Bytes::map(path_of(folder_.filePath(file)), offset, size);
    QVERIFY(!mapped);
    const QString message = QString::fromStdString(mapped.error().message);
    QVERIFY2(message.contains(reason) && message.contains(folder_.filePath(file)), qPrintable(message));
  }

  void arrays_know_their_samples() {
    Array array = make_array(ElementType::Float32, {5, 2, 3});
    QCOMPARE(array.count(), std::int64_t{5});
    QCOMPARE(sample_elements(array), std::int64_t{6});
    QCOMPARE(array.bytes.size(), std::size_t{120});
    QCOMPARE(array.as<float>()[29], 0.0F);
    QCOMPARE(make_array(ElementType::Int64, {4}).bytes.size(), std::size_t{32});
    QCOMPARE(sample_elements(make_array(ElementType::Int64, {4})), std::int64_t{1});
    QCOMPARE(Array().count(), std::int64_t{0});
    QCOMPARE(sample_elements(Array()), std::int64_t{0});
  }

  void a_sample_lies_around_an_axis_data() {
    QTest::addColumn<int>("axis");
    QTest::addColumn<QList<int>>("layout");
    QTest::newRow("first") << 0 << QList<int>{1, 2, 60};
    QTest::newRow("second") << 1 << QList<int>{2, 3, 20};
    QTest::newRow("last") << 3 << QList<int>{24, 5, 1};
  }
  void a_sample_lies_around_an_axis() {
    QFETCH(int, axis);
    QFETCH(QList<int>, layout);
    const AxisLayout found = layout_around(make_array(ElementType::UInt8, {1, 2, 3, 4, 5}), axis);
    QCOMPARE((QList<int>{int(found.outer), int(found.places), int(found.inner)}), layout);
    const AxisLayout single = layout_around(make_array(ElementType::UInt8, {7}), 0);
    QVERIFY(single.outer == 1 && single.places == 1 && single.inner == 1);
  }

 private:
  QTemporaryDir folder_;
};

QTEST_APPLESS_MAIN(TestArray)
#include "test_array.moc"
