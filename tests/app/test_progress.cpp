#include "app/training/progress.h"

#include <QTest>

#include "app/commands/table.h"

using namespace netwright;

namespace {

StepEvent step_at(double epoch) {
  return {.step = 100,
          .epoch = epoch,
          .figures = {{"loss", 0.31234}, {"accuracy", 0.8867}},
          .learning_rate = 0.001,
          .samples_per_second = 5432.1,
          .elapsed = 20};
}

RunEvent run_of(int epochs) {
  return {.epochs = epochs,
          .figures = {{"loss", "Loss", "Loss", false, "lower"}, {"accuracy", "Accuracy", "Accuracy", true, "higher"}}};
}

}  // namespace

class TestProgress : public QObject {
  Q_OBJECT

 private slots:
  void says_what_fits_data() {
    QTest::addColumn<double>("epoch");
    QTest::addColumn<int>("columns");
    QTest::addColumn<QString>("expected");
    QTest::newRow("wide") << 0.5 << 120
                          << "Epoch 1/4 ###############---------------  50 %  loss 0.3123  accuracy 88.7 %  left 2:20  "
                             "5,432 images/s";
    QTest::newRow("last step of an epoch")
        << 2.0 << 120
        << "Epoch 2/4 ############################## 100 %  loss 0.3123  accuracy 88.7 %  left 0:20  5,432 images/s";
    QTest::newRow("no room for the rate")
        << 0.5 << 75 << "Epoch 1/4 ########---------  50 %  loss 0.3123  accuracy 88.7 %  left 2:20";
    QTest::newRow("narrow") << 0.5 << 30 << "Epoch 1/4 ######-------  50 %";
    QTest::newRow("tiny") << 0.5 << 9 << "Epoch 1/";
  }
  void says_what_fits() {
    QFETCH(double, epoch);
    QFETCH(int, columns);
    QFETCH(QString, expected);
    const std::string line = progress_line(step_at(epoch), run_of(4), "images", columns, false);
    QCOMPARE(QString::fromStdString(line), expected);
  }

  void never_wraps() {
    for (int columns = 1; columns < 160; ++columns) {
      for (const bool is_utf8 : {false, true}) {
        const std::string line = progress_line(step_at(3.7), run_of(12), "images", columns, is_utf8);
        QVERIFY2(width_of(line) < static_cast<std::size_t>(columns), line.c_str());
      }
    }
  }

  void durations_read_as_clocks() {
    QCOMPARE(duration_text(0), "0:00");
    QCOMPARE(duration_text(41.4), "0:41");
    QCOMPARE(duration_text(725), "12:05");
    QCOMPARE(duration_text(3729), "1:02:09");
  }
};

QTEST_APPLESS_MAIN(TestProgress)
#include "test_progress.moc"
