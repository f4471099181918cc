// A run under way is steered with the fields and buttons beside it, and each thing done is marked.

#include <QLineEdit>
#include <QPushButton>
#include <QStandardPaths>
#include <QTest>

#include "backend/run/run_folder.h"
#include "tests/designer/training/panel_on_spirals.h"

using namespace netwright;

class TestSteering : public QObject, PanelOnSpirals {
  Q_OBJECT

 private slots:
  void initTestCase() { QStandardPaths::setTestModeEnabled(true); }
  void init() {
    begin({1200, 480});
    use_real_engine({"--epochs", "100000"});
  }
  void cleanup() { end(); }

  void a_run_does_as_it_is_asked() {
    auto* epochs = find<QLineEdit>(*panel_, "training.epochs");
    auto* rate = find<QLineEdit>(*panel_, "training.learning_rate");
    auto* turns = find<QLineEdit>(*panel_, "training.discriminator_steps");
    auto* checkpoint = find<QPushButton>(*panel_, "training.checkpoint");
    auto* samples = find<QPushButton>(*panel_, "training.show_samples");
    QVERIFY(!epochs->isVisible() && !checkpoint->isVisible());
    panel_->start();
    QTRY_COMPARE_WITH_TIMEOUT(epochs->text(), QString("100000"), patience_ms);
    QTRY_VERIFY_WITH_TIMEOUT(rate->isVisible() && checkpoint->isEnabled(), patience_ms);
    QVERIFY(!turns->isVisible());  // there is no discriminator

    QTest::mouseClick(checkpoint, Qt::LeftButton);
    QTest::mouseClick(samples, Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(commands().size(), std::size_t{2}, patience_ms);
    // An end that has passed means the end of the epoch under way.
    QTest::mouseClick(epochs, Qt::LeftButton);
    epochs->selectAll();
    QTest::keyClicks(epochs, "1");
    QTest::keyClick(epochs, Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(!panel_->is_running(), patience_ms);

    const std::vector<CommandEvent> done = commands();
    QCOMPARE(done.size(), std::size_t{3});
    QVERIFY(done[0].command.kind == Command::Kind::Checkpoint);
    QVERIFY(done[1].command.kind == Command::Kind::Sample);
    QCOMPARE(done[2].command.setting, std::string("epochs"));
    const QString kept = QString("%1/checkpoints/step-%2.safetensors").arg(panel_->run_folder()).arg(done[0].step);
    QVERIFY2(QFile::exists(kept), qPrintable(kept));
    for (const Event& event : events()) {
      if (const auto* end = std::get_if<DoneEvent>(&event)) QCOMPARE(end->reason, std::string("finished"));
    }
    QVERIFY(!epochs->isVisible());
  }

  void nonsense_is_not_sent() {
    auto* epochs = find<QLineEdit>(*panel_, "training.epochs");
    panel_->start();
    QTRY_VERIFY_WITH_TIMEOUT(epochs->isVisible() && epochs->isEnabled(), patience_ms);
    QTest::mouseClick(epochs, Qt::LeftButton);
    epochs->selectAll();
    QTest::keyClicks(epochs, "0");
    QTest::keyClick(epochs, Qt::Key_Return);
    epochs->selectAll();
    QTest::keyClicks(epochs, "-x");
    QTest::keyClick(epochs, Qt::Key_Return);
    panel_->stop();
    QTRY_VERIFY_WITH_TIMEOUT(!panel_->is_running(), patience_ms);
    QCOMPARE(commands().size(), std::size_t{1});  // the stop
  }

 private:
  static constexpr int patience_ms = 60'000;

  std::vector<Event> events() const {
    const auto run = RunFolder::open(panel_->run_folder().toStdU16String());
    const auto read = run ? run->events() : Result<std::vector<Event>>(std::vector<Event>());
    return read ? *read : std::vector<Event>();
  }
  std::vector<CommandEvent> commands() const {
    std::vector<CommandEvent> found;
    for (const Event& event : events()) {
      if (const auto* command = std::get_if<CommandEvent>(&event)) found.push_back(*command);
    }
    return found;
  }
};

QTEST_MAIN(TestSteering)
#include "test_steering.moc"
