#include <QTest>
#include <limits>

#include "backend/core/numbers.h"
#include "backend/core/shape.h"

using namespace netwright;

class TestNumbers : public QObject {
  Q_OBJECT

 private slots:
  void texts_data() {
    QTest::addColumn<qint64>("count");
    QTest::addColumn<QString>("separated");
    QTest::addColumn<QString>("unit");
    QTest::addColumn<QString>("bytes");
    QTest::newRow("zero") << qint64(0) << "0"
                          << "0"
                          << "0 B";
    QTest::newRow("small") << qint64(999) << "999"
                           << "999"
                           << "999 B";
    QTest::newRow("thousand") << qint64(1000) << "1,000"
                              << "1.00 K"
                              << "1000 B";
    QTest::newRow("mission") << qint64(62006) << "62,006"
                             << "62.0 K"
                             << "60.6 KiB";
    QTest::newRow("rounds up a unit") << qint64(999999) << "999,999"
                                      << "1.00 M"
                                      << "977 KiB";
    QTest::newRow("resnet") << qint64(1814073344) << "1,814,073,344"
                            << "1.81 G"
                            << "1.69 GiB";
    QTest::newRow("largest") << std::numeric_limits<qint64>::max() << "9,223,372,036,854,775,807"
                             << "9.22 E"
                             << "8.00 EiB";
  }

  void texts() {
    QFETCH(qint64, count);
    QTEST(QString::fromStdString(with_separators(count)), "separated");
    QTEST(QString::fromStdString(with_unit(count)), "unit");
    QTEST(QString::fromStdString(bytes_text(count)), "bytes");
  }

  void negative_numbers_keep_their_sign() {
    QCOMPARE(with_separators(-1234567), std::string("-1,234,567"));
    QCOMPARE(with_separators(-123), std::string("-123"));
  }

  void overflow_is_nothing() {
    const auto most = std::numeric_limits<std::int64_t>::max();
    QVERIFY(!checked_multiply(most, 2));
    QVERIFY(!checked_add(most, 1));
    QVERIFY(!checked_add(std::nullopt, 1));
    QCOMPARE(*checked_multiply(most, 1), most);
    QVERIFY(!(Shape{most, 3}).elements());
  }

  void shapes() {
    QCOMPARE((Shape{32, 28, {}}).to_string(), std::string("32×28×?"));
    QCOMPARE(Shape().to_string(), std::string("scalar"));
    QCOMPARE(*Shape().elements(), std::int64_t{1});
    QVERIFY((Shape{1, {}}).is_compatible_with(Shape{1, 5}));
    QVERIFY(!(Shape{1, {}}).is_compatible_with(Shape{2, 5}));
    QVERIFY(!(Shape{1}).is_compatible_with(Shape{1, 1}));
    QVERIFY(!Shape::from_sizes({3, 0, -1}).is_known());
  }
};

QTEST_APPLESS_MAIN(TestNumbers)
#include "test_numbers.moc"
