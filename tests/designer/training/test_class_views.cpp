// What a real run shows of its classes and layers, and a picture that its network is tried on.

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QSignalSpy>
#include <QTabBar>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include "backend/run/run_folder.h"
#include "designer/theme/theme.h"
#include "designer/training/class_page.h"
#include "designer/training/confusion_view.h"
#include "designer/training/layers_view.h"
#include "designer/training/sample_page.h"
#include "designer/training/threshold_curves_view.h"
#include "designer/training/try_view.h"
#include "designer/training/verdict_view.h"
#include "tests/support/engine.h"

using namespace netwright;

class TestClassViews : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase();
  void a_cell_leads_to_its_samples();
  void data_that_changed_are_not_shown();
  void curves_by_mouse();
  void layers_show_the_figure_that_is_chosen();
  void unusual_values_are_remarked_on();
  void long_runs_keep_few_moments();
  void a_picture_is_tried();
  void a_file_that_is_no_picture_says_so();
  void a_text_is_tried();

 private:
  static constexpr int patience_ms = 60'000;
  template <class T>
  static T* find(const QWidget& in, const char* name) {
    T* found = in.findChild<T*>(QString::fromLatin1(name));
    if (!found) qFatal("no %s", name);
    return found;
  }

  static void show_to_try(TryView& view, const QString& run) {
    view.set_program(NETWRIGHT_BIN "/netwright-engine");
    view.resize(300, 400);
    view.show();
    view.show_run(run);
  }

  QTemporaryDir folder_;
  QString run_;
  RunRecord record_;
};

void TestClassViews::initTestCase() {
  Theme::instance().set_appearance(Appearance::Light);
  const QString project = folder_.filePath("shapes.netwright");
  const EngineRun made = run_engine({"new", "mission_cnn", "-o", project});
  QVERIFY2(made.code == 0, made.errors);
  run_ = folder_.filePath("run");
  const EngineRun trained =
      run_engine({"train", project, "--run", run_, "--epochs", "2", "--limit-samples", "700", "--batch-size", "32"});
  QVERIFY2(trained.code == 0, trained.errors);
  const auto run = RunFolder::open(run_.toStdU16String());
  QVERIFY(run);
  const auto events = run->events();
  QVERIFY(events);
  record_ = record_of(*events);
}

void TestClassViews::a_cell_leads_to_its_samples() {
  ClassPage page;
  page.resize(320, 360);
  page.show();
  page.show_run(record_, run_);
  QVERIFY(!page.is_empty());
  auto* matrix = find<ConfusionView>(page, "training.confusion");
  auto* verdicts = find<VerdictView>(page, "training.verdicts");
  QSignalSpy loaded(verdicts, &VerdictView::loaded);
  const auto& counts = record_.confusion->counts;
  std::size_t row = 0;
  std::size_t column = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    for (std::size_t k = 0; k < counts.size(); ++k) {
      if (counts[i][k] > counts[row][column]) std::tie(row, column) = std::pair(i, k);
    }
  }
  QTest::mouseClick(matrix, Qt::LeftButton, {}, matrix->cell(row, column).center().toPoint());
  QVERIFY(verdicts->isVisible() && !matrix->isVisible());
  QTRY_COMPARE_WITH_TIMEOUT(loaded.size(), 1, patience_ms);
  QVERIFY2(verdicts->words().isEmpty(), qPrintable(verdicts->words()));
  QCOMPARE(verdicts->shown_samples(), std::min<int>(24, static_cast<int>(counts[row][column])));
  QVERIFY2(verdicts->heading().contains(QString::fromStdString(record_.run->classes[row])),
           qPrintable(verdicts->heading()));
  QVERIFY(page.findChild<QWidget*>("data.pictures"));
  QTest::mouseClick(find<QToolButton>(page, "verdicts.back"), Qt::LeftButton);
  QVERIFY(matrix->isVisible());
}

void TestClassViews::data_that_changed_are_not_shown() {
  RunRecord other = record_;
  other.run->data = "0000000000000000";
  ClassPage page;
  page.resize(320, 360);
  page.show();
  page.show_run(other, run_);
  auto* matrix = find<ConfusionView>(page, "training.confusion");
  auto* verdicts = find<VerdictView>(page, "training.verdicts");
  QSignalSpy loaded(verdicts, &VerdictView::loaded);
  for (std::size_t column = 0; column < record_.confusion->counts.size() && loaded.isEmpty(); ++column) {
    if (record_.confusion->counts[0][column] == 0) continue;
    QTest::mouseClick(matrix, Qt::LeftButton, {}, matrix->cell(0, column).center().toPoint());
    QTRY_COMPARE_WITH_TIMEOUT(loaded.size(), 1, patience_ms);
  }
  QVERIFY2(verdicts->words().contains("changed"), qPrintable(verdicts->words()));
}

void TestClassViews::curves_by_mouse() {
  ClassPage page;
  page.resize(700, 420);
  page.show();
  page.show_run(record_, run_);
  auto* kinds = find<QTabBar>(page, "classes.kinds");
  QTest::mouseClick(kinds, Qt::LeftButton, {}, kinds->tabRect(1).center());
  auto* view = find<ThresholdCurvesView>(page, "curves");
  QVERIFY(view->isVisible());
  QTRY_COMPARE_WITH_TIMEOUT(view->visible_plots().size(), 2, patience_ms);
  QTRY_VERIFY_WITH_TIMEOUT((QTest::mouseMove(view, view->place(0, {0.97, 1}).toPoint() - QPoint(0, 1)),
                            view->hovered_name().contains("AUC")),
                           patience_ms);
  page.resize(280, 420);
  QTRY_COMPARE(view->visible_plots(), QStringList{"ROC"});
  QTest::mouseClick(find<QToolButton>(page, "curves.choose.1"), Qt::LeftButton);
  QCOMPARE(view->visible_plots(), QStringList{"Precision–recall"});
}

void TestClassViews::layers_show_the_figure_that_is_chosen() {
  QVERIFY(record_.layers.size() > 1);
  LayersView view;
  view.resize(300, 300);
  view.show();
  view.show_layers(record_.layers);
  auto* rows = find<LayerRows>(view, "layers.rows");
  auto* choice = find<QComboBox>(view, "layers.quantity");
  const auto& latest = record_.layers.back().layers;
  for (int index = 0; index < choice->count(); ++index) {
    choice->setCurrentIndex(index);
    const LayerQuantity& quantity = layer_quantities()[static_cast<std::size_t>(index)];
    const auto count = std::count_if(latest.begin(), latest.end(),
                                     [&](const LayerFigures& layer) { return layer.values.contains(quantity.name); });
    QVERIFY(count > 0);
    QCOMPARE(rows->row_count(), static_cast<int>(count));
    for (int row = 0; row < rows->row_count(); ++row) QVERIFY(!rows->value_text(row).isEmpty());
  }
  QVERIFY(!view.grab().isNull());
  view.show_layers({});
  QCOMPARE(rows->row_count(), 0);
}

void TestClassViews::unusual_values_are_remarked_on() {
  const auto remark = [](std::string_view name, double value) {
    for (const LayerQuantity& quantity : layer_quantities()) {
      if (name == quantity.name) return layer_remark(quantity, value);
    }
    return QString("no such quantity");
  };
  QVERIFY(!remark("dead", 0.7).isEmpty());
  QVERIFY(remark("dead", 0.1).isEmpty());
  QVERIFY(!remark("update_ratio", 0.5).isEmpty());
  QVERIFY(!remark("update_ratio", 0).isEmpty());
  QVERIFY(remark("update_ratio", 1e-3).isEmpty());
  QVERIFY(!remark("gradient_norm", 1e-9).isEmpty());
  QVERIFY(remark("weight_norm", 1e9).isEmpty());
}

void TestClassViews::long_runs_keep_few_moments() {
  RunRecord record;
  for (int i = 0; i < 5000; ++i) record.add(LayersEvent{i, i * 0.25, {{"fc1", {{"dead", 0.5}}}}});
  QVERIFY(record.layers.size() > 100 && record.layers.size() < 260);
  QCOMPARE(record.layers.front().step, 0);
  QCOMPARE(record.layers.back().step, 4999);
  for (std::size_t i = 1; i < record.layers.size(); ++i) QVERIFY(record.layers[i].step > record.layers[i - 1].step);
}

void TestClassViews::a_picture_is_tried() {
  // Twice as wide as high, in colour, and of another size than the network takes.
  QImage picture(90, 45, QImage::Format_RGB32);
  picture.fill(Qt::darkGreen);
  const QString file = folder_.filePath("picture.png");
  QVERIFY(picture.save(file));
  TryView view;
  show_to_try(view, run_);
  QTRY_VERIFY(view.kind() == TryKind::Picture);
  auto* drop = find<DropField>(view, "try.drop");
  auto* result = find<TryResult>(view, "try.result");
  QSignalSpy answered(&view, &TryView::answered);
  QMimeData mime;
  mime.setUrls({QUrl::fromLocalFile(file)});
  QDragEnterEvent enter({20, 20}, Qt::CopyAction, &mime, Qt::LeftButton, {});
  QApplication::sendEvent(drop, &enter);
  QVERIFY(enter.isAccepted());
  QDropEvent dropped({20, 20}, Qt::CopyAction, &mime, Qt::LeftButton, {});
  QApplication::sendEvent(drop, &dropped);
  QTRY_COMPARE_WITH_TIMEOUT(answered.size(), 1, patience_ms);
  QVERIFY2(!result->rows().empty(), qPrintable(find<QLabel>(view, "try.words")->text()));
  double sum = 0;
  for (const TryResult::Row& row : result->rows()) sum += row.share;
  QVERIFY(sum > 0.5 && sum < 1.0001);
  QVERIFY(std::is_sorted(result->rows().begin(), result->rows().end(),
                         [](const auto& a, const auto& b) { return a.share > b.share; }));
}

void TestClassViews::a_file_that_is_no_picture_says_so() {
  const QString file = folder_.filePath("nonsense.png");
  QFile nonsense(file);
  QVERIFY(nonsense.open(QIODevice::WriteOnly) && nonsense.write("no picture") > 0);
  nonsense.close();
  TryView view;
  show_to_try(view, run_);
  QTRY_VERIFY(view.kind() == TryKind::Picture);
  QSignalSpy answered(&view, &TryView::answered);
  view.try_file(file);
  QTRY_COMPARE_WITH_TIMEOUT(answered.size(), 1, patience_ms);
  QVERIFY(find<TryResult>(view, "try.result")->rows().empty());
  QVERIFY2(find<QLabel>(view, "try.words")->text().contains("nonsense.png"),
           qPrintable(find<QLabel>(view, "try.words")->text()));
}

void TestClassViews::a_text_is_tried() {
  const QString project = folder_.filePath("words.netwright");
  QCOMPARE(run_engine({"new", "word_language_lstm", "-o", project}).code, 0);
  const QString run = folder_.filePath("words");
  const EngineRun trained = run_engine({"train", project, "--run", run, "--epochs", "1", "--limit-samples", "300"});
  QVERIFY2(trained.code == 0, trained.errors);
  TryView view;
  show_to_try(view, run);
  QTRY_VERIFY(view.kind() == TryKind::Text);
  auto* text = find<QLineEdit>(view, "try.text");
  QSignalSpy answered(&view, &TryView::answered);
  QTest::mouseClick(text, Qt::LeftButton);
  QTest::keyClicks(text, "Schmetterling");
  QTest::keyClick(text, Qt::Key_Return);
  QTRY_COMPARE_WITH_TIMEOUT(answered.size(), 1, patience_ms);
  QVERIFY(find<TryResult>(view, "try.result")->rows().size() >= 2);
}

QTEST_MAIN(TestClassViews)
#include "test_class_views.moc"
