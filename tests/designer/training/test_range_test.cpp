#include <QFile>
#include <QLabel>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <cmath>

#include "backend/graph/project_json.h"
#include "designer/theme/theme.h"
#include "designer/training/live_chart.h"
#include "designer/training/range_test_dialog.h"
#include "designer/training/training_panel.h"
#include "tests/designer/training/panel_on_spirals.h"
#include "tests/designer/training/recorded_runs.h"

using namespace netwright;

namespace {

constexpr int patience_ms = 30000;
constexpr int count = 60;

QByteArray say(const Event& event) {
  return "cat <<'END_OF_LINE'\n" + QByteArray::fromStdString(to_line(event)) + "\nEND_OF_LINE\n";
}

/// From 1e-6 to 1; the loss falls until 0.01 and then explodes.
StepEvent step_at(int number) {
  const double rate = std::pow(10, -6 + 6.0 * number / (count - 1));
  const double loss = rate < 0.01 ? 2.3 - 1.5 * rate / 0.01 : 0.8 * std::pow(rate / 0.01, 3);
  return step_of(classification_run(), number, {{"loss", loss}, {"accuracy", 0.1}}, rate);
}

QByteArray searching_engine() {
  QByteArray body = say(classification_run());
  for (int i = 0; i < count; ++i) body += say(step_at(i));
  DoneEvent done;
  done.reason = "finished";
  done.message = "The loss falls fastest at 0.00312.";
  done.best = 0.00312;
  return body + say(done);
}

}  // namespace

class TestRangeTest : public QObject, protected PanelOnSpirals {
  Q_OBJECT

 private slots:
  void init();
  void cleanup();
  void suggests_and_sets_in_one_step();
  void the_curve_is_over_the_rates_exponent();
  void a_failure_is_said();
  void no_suggestion_no_button();
  void mistakes_forbid_it();
  void closing_ends_the_engine();

 private:
  RangeTestDialog* open();
};

void TestRangeTest::init() {
  begin({1200, 600});
}

void TestRangeTest::cleanup() {
  end();
}

RangeTestDialog* TestRangeTest::open() {
  QTest::mouseClick(find<QToolButton>(*panel_, "training.range_test"), Qt::LeftButton);
  auto* dialog = panel_->findChild<RangeTestDialog*>();
  if (!dialog) qFatal("no dialog");
  return dialog;
}

void TestRangeTest::suggests_and_sets_in_one_step() {
  const QString copy = folder_->filePath("seen.netwright");
  use_engine("cp \"$2\" '" + copy.toUtf8() + "'\n" + searching_engine());
  const Project before = document_->project();
  RangeTestDialog* dialog = open();
  auto* use = find<QPushButton>(*dialog, "range_test.use");
  QTRY_VERIFY_WITH_TIMEOUT(use->isEnabled(), patience_ms);
  QCOMPARE(use->text(), QString("Use 0.0031"));
  QCOMPARE(find<QLabel>(*dialog, "range_test.words")->text(), QString("The loss falls fastest at 0.00312."));
  QCOMPARE(*read_project(copy.toStdString()), before);

  QTest::mouseClick(use, Qt::LeftButton);
  QCOMPARE(document_->project().recipe.optimiser_settings.real("lr"), 0.0031);
  QCOMPARE(document_->undo_stack().count(), 1);
  document_->undo_stack().undo();
  QCOMPARE(document_->project(), before);
  QTRY_VERIFY_WITH_TIMEOUT(!panel_->findChild<RangeTestDialog*>(), patience_ms);
}

void TestRangeTest::the_curve_is_over_the_rates_exponent() {
  use_engine(searching_engine());
  RangeTestDialog* dialog = open();
  QTRY_VERIFY_WITH_TIMEOUT(find<QPushButton>(*dialog, "range_test.use")->isEnabled(), patience_ms);
  auto* chart = find<LiveChart>(*dialog, "range_test.chart");
  QCOMPARE(chart->points(0).size(), std::size_t{count});
  chart->reset_zoom();
  QVERIFY(std::abs(chart->frame().x.low + 6) < 1e-9);
  QVERIFY(std::abs(chart->frame().x.high) < 1e-9);
  // The explosion at the end doesn't flatten what is to be seen.
  QVERIFY(chart->frame().y.high < 10);
  QVERIFY(chart->frame().y.low < 0.9);
  QCOMPARE(chart->marks().size(), std::size_t{1});
  QVERIFY(std::abs(chart->marks()[0].x - std::log10(0.0031)) < 1e-9);
}

void TestRangeTest::a_failure_is_said() {
  use_engine("echo 'no such verb' >&2\nexit 2\n");
  RangeTestDialog* dialog = open();
  const auto* words = find<QLabel>(*dialog, "range_test.words");
  QTRY_VERIFY_WITH_TIMEOUT(words->text().contains("no such verb"), patience_ms);
  QVERIFY(!find<QPushButton>(*dialog, "range_test.use")->isEnabled());
}

void TestRangeTest::no_suggestion_no_button() {
  DoneEvent done;
  done.reason = "finished";
  done.message = "The loss never falls.";
  use_engine(say(classification_run()) + say(done));
  RangeTestDialog* dialog = open();
  const auto* words = find<QLabel>(*dialog, "range_test.words");
  QTRY_COMPARE_WITH_TIMEOUT(words->text(), QString("The loss never falls."), patience_ms);
  QVERIFY(!find<QPushButton>(*dialog, "range_test.use")->isEnabled());
}

void TestRangeTest::mistakes_forbid_it() {
  auto* button = find<QToolButton>(*panel_, "training.range_test");
  QVERIFY(button->isEnabled());
  QVERIFY(document_->edit("No data", {SetData{}}));
  QVERIFY(!button->isEnabled());
  QCOMPARE(button->toolTip(), panel_->obstacle());
  panel_->find_learning_rate();
  QVERIFY(!panel_->findChild<RangeTestDialog*>());
}

void TestRangeTest::closing_ends_the_engine() {
  const QString number = folder_->filePath("pid");
  use_engine("echo $$ > '" + number.toUtf8() + "'\nexec sleep 600\n");
  RangeTestDialog* dialog = open();
  QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(number) && QFile(number).size() > 0, patience_ms);
  dialog->reject();
  QTRY_VERIFY_WITH_TIMEOUT(!panel_->findChild<RangeTestDialog*>(), patience_ms);
  QFile file(number);
  QVERIFY(file.open(QIODevice::ReadOnly));
  QVERIFY(!QFile::exists("/proc/" + QString::fromUtf8(file.readAll().trimmed())));
}

QTEST_MAIN(TestRangeTest)
#include "test_range_test.moc"
