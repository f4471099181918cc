// From a run in the training panel to its report, by the button beside its figures and the real engine.

#include <QLabel>
#include <QPushButton>
#include <QStandardPaths>
#include <QTest>

#include "designer/report/report_view.h"
#include "designer/report/report_window.h"
#include "tests/designer/training/panel_on_spirals.h"

using namespace netwright;

class TestMakeReport : public QObject, PanelOnSpirals {
  Q_OBJECT

 private slots:
  void initTestCase() { QStandardPaths::setTestModeEnabled(true); }
  void init() {
    begin({1200, 360});
    use_real_engine({"--epochs", "3"});
  }
  void cleanup() { end(); }

  void a_run_is_reported() {
    auto* report = find<QPushButton>(*panel_, "training.report");
    QVERIFY(!report->isVisible());
    panel_->start();
    QTRY_VERIFY_WITH_TIMEOUT(!panel_->is_running(), 60'000);
    QVERIFY(report->isVisible());
    QTest::mouseClick(report, Qt::LeftButton);
    auto* window = find<ReportWindow>(*panel_, "report");
    QVERIFY(window->isVisible());
    QCOMPARE(window->run_folder(), panel_->run_folder());
    window->set_engine_arguments({"--samples", "50"});
    QTest::mouseClick(find<QPushButton>(*window, "report.make"), Qt::LeftButton);
    auto* view = find<ReportView>(*window, "report.view");
    QTRY_VERIFY_WITH_TIMEOUT(view->isVisible(), 120'000);
    QStringList words;
    for (const QLabel* label : view->findChildren<QLabel*>()) words << label->text();
    for (const char* expected :
         {"Quality", "Complexity", "Convergence and stability", "Generalisation and robustness", "Accuracy"}) {
      QVERIFY2(words.contains(expected), expected);
    }
    // Asked again, the same window comes to the front.
    QTest::mouseClick(report, Qt::LeftButton);
    QCOMPARE(panel_->findChildren<ReportWindow*>().size(), 1);
  }
};

QTEST_MAIN(TestMakeReport)
#include "test_make_report.moc"
