#include <QTest>

#include "designer/panels/number_steps.h"

using namespace netwright;

class TestNumberSteps : public QObject {
  Q_OBJECT

 private slots:
  void real_steps_data();
  void real_steps();
  void stays_in_range();
  void whole_numbers_keep_all_their_digits();
  void text_data();
  void text();
  void reads_numbers();
};

namespace {

SettingSpec learning_rate() {
  return {.name = "lr", .kind = SettingKind::Real, .fallback = 0.001, .help = "", .minimum = 0, .maximum = 1000};
}

SettingSpec share() {
  return {.name = "p", .kind = SettingKind::Real, .fallback = 0.5, .help = "", .minimum = 0, .maximum = 1};
}

SettingSpec tiny() {
  return {.name = "eps", .kind = SettingKind::Real, .fallback = 1e-8, .help = "", .minimum = 0, .maximum = 1};
}

SettingSpec decay() {
  return {
      .name = "weight_decay", .kind = SettingKind::Real, .fallback = 0.0, .help = "", .minimum = 0, .maximum = 1000};
}

}  // namespace

void TestNumberSteps::real_steps_data() {
  QTest::addColumn<SettingSpec>("spec");
  QTest::addColumn<double>("from");
  QTest::addColumn<double>("up");
  QTest::newRow("a decade's start") << learning_rate() << 0.001 << 0.002;
  QTest::newRow("a decade's end") << learning_rate() << 0.009 << 0.01;
  QTest::newRow("between digits") << learning_rate() << 0.0025 << 0.003;
  QTest::newRow("tiny") << tiny() << 1e-8 << 2e-8;
  QTest::newRow("from nothing") << decay() << 0.0 << 1e-4;
  QTest::newRow("a share") << share() << 0.5 << 0.55;
  QTest::newRow("a high share") << share() << 0.9 << 0.91;
  QTest::newRow("a higher one") << share() << 0.99 << 0.991;
  QTest::newRow("negative") << SettingSpec{.name = "x", .kind = SettingKind::Real, .fallback = 1.0, .help = ""} << -0.02
                            << -0.01;
}

void TestNumberSteps::real_steps() {
  QFETCH(SettingSpec, spec);
  QFETCH(double, from);
  QFETCH(double, up);
  QCOMPARE(stepped(spec, from, 1), up);
  if (from != 0.0025) {
    QCOMPARE(stepped(spec, up, -1) + 1, from + 1);  // fuzzy comparison needs a number that isn't 0
  }
}

void TestNumberSteps::stays_in_range() {
  QCOMPARE(stepped(share(), 1.0, 1), 1.0);
  QCOMPARE(stepped(share(), 0.05, -3), 0.0);
  QCOMPARE(stepped(learning_rate(), 900.0, 100), 1000.0);
  const SettingSpec kernel{
      .name = "k", .kind = SettingKind::Integer, .fallback = std::int64_t{3}, .help = "", .minimum = 1, .maximum = 7};
  QCOMPARE(stepped(kernel, std::int64_t{7}, 1), std::int64_t{7});
  QCOMPARE(stepped(kernel, std::int64_t{2}, -10), std::int64_t{1});
  QCOMPARE(stepped(kernel, std::int64_t{9}, 1), std::int64_t{9});
  QCOMPARE(stepped(kernel, std::int64_t{9}, -1), std::int64_t{7});
}

void TestNumberSteps::whole_numbers_keep_all_their_digits() {
  const SettingSpec seed{.name = "seed", .kind = SettingKind::Integer, .fallback = std::int64_t{0}, .help = ""};
  const std::int64_t large = (std::int64_t{1} << 60) + 1;
  QCOMPARE(stepped(seed, large, 1), large + 1);
}

void TestNumberSteps::text_data() {
  QTest::addColumn<double>("number");
  QTest::addColumn<QString>("text");
  QTest::newRow("small") << 0.001 << "0.001";
  QTest::newRow("tiny") << 1e-5 << "1e-5";
  QTest::newRow("odd") << 0.1 + 0.2 << "0.30000000000000004";
  QTest::newRow("whole") << 20.0 << "20";
  QTest::newRow("zero") << 0.0 << "0";
}

void TestNumberSteps::text() {
  QFETCH(double, number);
  QFETCH(QString, text);
  QCOMPARE(number_text(number), text);
  QVERIFY(real_from(text) == number);
}

void TestNumberSteps::reads_numbers() {
  QCOMPARE(real_from(QStringLiteral(" 0,5 ")).value_or(-1), 0.5);
  QCOMPARE(real_from(QStringLiteral("3e-4")).value_or(-1), 3e-4);
  QVERIFY(!real_from(QStringLiteral("nan")));
  QVERIFY(!real_from(QStringLiteral("1 2")));
  QCOMPARE(whole_from(QStringLiteral("28")).value_or(-1), std::int64_t{28});
  QVERIFY(!whole_from(QStringLiteral("2.5")));
  QVERIFY(!whole_from(QString()));
}

QTEST_APPLESS_MAIN(TestNumberSteps)
#include "test_number_steps.moc"
