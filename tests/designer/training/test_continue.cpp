// A run that was stopped is continued with the button beside its figures, and a finished one trained further.

#include <QApplication>
#include <QInputDialog>
#include <QPushButton>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTest>

#include "backend/run/run_folder.h"
#include "tests/designer/training/panel_on_spirals.h"

using namespace netwright;

class TestContinue : public QObject, PanelOnSpirals {
  Q_OBJECT

 private slots:
  void initTestCase() { QStandardPaths::setTestModeEnabled(true); }
  void init() {
    begin({1200, 360});
    use_real_engine({"--epochs", "600"});
  }
  void cleanup() { end(); }

  void a_stopped_run_goes_on() {
    auto* more = find<QPushButton>(*panel_, "training.continue");
    panel_->start();
    QTRY_VERIFY_WITH_TIMEOUT(epochs() >= 2, patience_ms);
    QVERIFY(!more->isVisible());
    panel_->stop();
    QTRY_VERIFY_WITH_TIMEOUT(!panel_->is_running(), patience_ms);
    QVERIFY(more->isVisible());
    QCOMPARE(more->accessibleName(), QString("Continue"));
    const QString run = panel_->run_folder();
    const int stopped_at = epochs();
    QVERIFY(stopped_at < 600);

    QTest::mouseClick(more, Qt::LeftButton);
    QVERIFY(panel_->is_running());
    QTRY_VERIFY_WITH_TIMEOUT(!panel_->is_running(), patience_ms);
    QCOMPARE(panel_->run_folder(), run);
    QCOMPARE(epochs(), 600);

    QCOMPARE(more->accessibleName(), QString("More epochs…"));
    QTest::mouseClick(more, Qt::LeftButton);
    auto* dialog = panel_->findChild<QInputDialog*>("training.more_epochs");
    QVERIFY(dialog);
    QCOMPARE(dialog->intValue(), 1200);
    QCOMPARE(dialog->intMinimum(), 601);
    dialog->setIntValue(605);
    dialog->accept();
    QTRY_VERIFY_WITH_TIMEOUT(panel_->is_running(), patience_ms);
    QTRY_VERIFY_WITH_TIMEOUT(!panel_->is_running(), patience_ms);
    QCOMPARE(epochs(), 605);
  }

 private:
  static constexpr int patience_ms = 60'000;

  /// By the record.
  int epochs() const {
    const auto run = RunFolder::open(panel_->run_folder().toStdU16String());
    if (!run) return 0;
    const auto events = run->events();
    int count = 0;
    for (const Event& event : events ? *events : std::vector<Event>()) {
      count += std::holds_alternative<EpochEvent>(event) ? 1 : 0;
    }
    return count;
  }
};

QTEST_MAIN(TestContinue)
#include "test_continue.moc"
