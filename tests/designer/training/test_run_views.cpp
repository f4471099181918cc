#include <QSignalSpy>
#include <QTest>
#include <cmath>

#include "designer/theme/theme.h"
#include "designer/training/confusion_view.h"
#include "designer/training/figure_words.h"
#include "tests/designer/training/recorded_runs.h"

using namespace netwright;

class TestRunViews : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { Theme::instance().set_appearance(Appearance::Light); }
  void confusion_in_words();
  void confusion_of_any_size_data();
  void confusion_of_any_size();
  void confusion_tints_by_row_share();
  void progress_in_words();
  void endings_in_words();
  void figures_in_words_data();
  void figures_in_words();
};

void TestRunViews::confusion_in_words() {
  ConfusionView view;
  view.resize(400, 300);
  view.show_matrix({"cat", "dog"}, {3, {{8, 2}, {3, 7}}});
  QCOMPARE(view.words_at(view.cell(0, 0).center().toPoint()), QString("cat, recognised: 8 of 10 (80.0 %)"));
  QCOMPARE(view.words_at(view.cell(0, 1).center().toPoint()), QString("cat, taken for dog: 2 of 10 (20.0 %)"));
  QCOMPARE(view.words_at(view.cell(1, 0).center().toPoint()), QString("dog, taken for cat: 3 of 10 (30.0 %)"));
  QCOMPARE(view.words_at({1, 1}), QString());
  view.clear();
  QCOMPARE(view.words_at({200, 150}), QString());
}

void TestRunViews::confusion_of_any_size_data() {
  QTest::addColumn<int>("classes");
  QTest::addColumn<QSize>("size");
  QTest::addRow("none") << 0 << QSize(300, 200);
  QTest::addRow("one") << 1 << QSize(300, 200);
  QTest::addRow("hundred") << 100 << QSize(300, 200);
  QTest::addRow("thousand") << 1000 << QSize(180, 140);
  QTest::addRow("no room") << 10 << QSize(1, 1);
}

void TestRunViews::confusion_of_any_size() {
  QFETCH(int, classes);
  QFETCH(QSize, size);
  const auto count = static_cast<std::size_t>(classes);
  ConfusionEvent matrix;
  matrix.counts.assign(count, std::vector<std::int64_t>(count, 0));
  if (count > 2) matrix.counts[2].resize(1);  // a damaged record
  ConfusionView view;
  view.setMinimumSize(1, 1);
  view.resize(size);
  view.show_matrix({"only one name"}, matrix);
  QVERIFY(!view.grab().isNull());
}

void TestRunViews::confusion_tints_by_row_share() {
  ConfusionView view;
  view.resize(400, 300);
  view.show_matrix({"a", "b"}, {1, {{1000, 0}, {1, 1}}});
  const QImage image = view.grab().toImage();
  const auto at = [&](std::size_t row, std::size_t column) {
    return image.pixelColor(view.cell(row, column).topLeft().toPoint() + QPoint(3, 3));
  };
  QCOMPARE(at(1, 0), at(1, 1));
  QVERIFY(at(0, 0).lightness() < at(1, 1).lightness());
  QVERIFY(at(1, 1).lightness() < at(0, 1).lightness());
}

void TestRunViews::progress_in_words() {
  RunRecord record;
  QCOMPARE(progress_text(record), QString());
  RunEvent run = classification_run();
  run.epochs = 5;
  record.add(run);
  StepEvent step = step_of(run, 150, {{"loss", 0.31274}, {"accuracy", 0.889}});
  step.samples_per_second = 12400.4;
  record.add(step);
  QCOMPARE(progress_text(record), QString("epoch 2 of 5  ·  35 s left  ·  loss 0.3127  ·  accuracy 88.9 %  ·  "
                                          "12,400 samples/s  ·  step 150"));
  // Of many figures the losses, and what the run is judged by.
  QString words = progress_text(record_of(adversarial_events()));
  QVERIFY2(words.contains("generator loss 0.95"), qPrintable(words));
  QVERIFY2(words.contains("discriminator loss 0."), qPrintable(words));
  QVERIFY2(!words.contains("verdict") && !words.contains("D(real)") && !words.contains("iversity"), qPrintable(words));
}

void TestRunViews::endings_in_words() {
  RunRecord record = record_of({classification_run(), step_of(classification_run(), 10, {{"loss", 1}})});
  QVERIFY(summary_text(record).startsWith("crashed in the first epoch"));
  DoneEvent done;
  done.reason = "diverged";
  done.message = "The loss is not a number.";
  done.epochs = 1;
  record.add(done);
  QVERIFY(summary_text(record).startsWith("diverged after 1 epoch"));
  QVERIFY(summary_text(record).endsWith("The loss is not a number."));

  done.reason = "finished";
  done.epochs = 2;
  done.elapsed = 130;
  done.test = {{"accuracy", 0.7}};
  record = record_of(classification_events());
  record.add(done);
  QCOMPARE(summary_text(record),
           QString("finished after 2 epochs  ·  best test accuracy 76.8 %  ·  test loss 0.1724  ·  2 min 10 s"));
  record.run->validation_samples = 500;
  QCOMPARE(summary_text(record),
           QString("finished after 2 epochs  ·  best validation accuracy 76.8 %  ·  test accuracy "
                   "70.0 %  ·  validation loss 0.1724  ·  2 min 10 s"));
  record = record_of(adversarial_events());
  record.add(done);
  QCOMPARE(summary_text(record), QString("finished after 2 epochs  ·  best Fréchet distance 0.5000  ·  2 min 10 s"));
}

void TestRunViews::figures_in_words_data() {
  QTest::addColumn<QString>("title");
  QTest::addColumn<QString>("words");
  QTest::addRow("a word") << "Accuracy"
                          << "accuracy";
  QTest::addRow("several") << "Pixel accuracy"
                           << "pixel accuracy";
  QTest::addRow("a name") << "Fréchet distance"
                          << "Fréchet distance";
  QTest::addRow("an abbreviation") << "Mean IoU"
                                   << "Mean IoU";
  QTest::addRow("none") << ""
                        << "";
}

void TestRunViews::figures_in_words() {
  QFETCH(QString, title);
  QFETCH(QString, words);
  RunEvent run = classification_run();
  run.figures[1].title = title.toStdString();
  const RunRecord record = record_of({run});
  QCOMPARE(figure_words(record, record.figures[1]), words);
}

QTEST_MAIN(TestRunViews)
#include "test_run_views.moc"
