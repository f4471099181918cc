// Several runs beside each other, by mouse and keyboard: chosen in the list, drawn together, in a table that is sorted,
// edited, copied and saved; and the runs' book-keeping.

#include <QApplication>
#include <QChart>
#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QHeaderView>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QLineSeries>
#include <QMenu>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QSlider>
#include <QStackedWidget>
#include <QStandardPaths>
#include <QTabWidget>
#include <QTableView>
#include <QTest>
#include <QTimer>
#include <QToolButton>
#include <QTreeWidget>
#include <cmath>

#include "backend/run/metrics_csv.h"
#include "backend/run/run_folder.h"
#include "designer/training/compare_charts.h"
#include "designer/training/live_chart.h"
#include "designer/training/run_comparison.h"
#include "designer/training/run_keeping.h"
#include "designer/training/run_list.h"
#include "tests/designer/training/panel_on_spirals.h"
#include "tests/designer/training/recorded_runs.h"
#include "tests/support/dialogs.h"
#include "tests/support/files.h"

using namespace netwright;

namespace {

constexpr int patience = 30'000;
constexpr int tick_place = 10;  // from a row's left
constexpr int title_place = 45;

/// How run `number` (from 0) goes: of 60, 120 and 180 steps, 10 an epoch, each step a second longer than before.
double seconds_of(int number, int step) {
  return 0.5 * (number + 1) * step;
}
double loss_of(int number, int step) {
  return 2.0 / (1 + 0.1 * (number + 1) * step) + 0.2 * std::sin(step);
}
double accuracy_of(int number, int epoch) {
  return 0.5 + 0.1 * number + 0.01 * epoch;
}
int steps_of(int number) {
  return 60 * (number + 1);
}

std::vector<Event> events_of(int number) {
  RunEvent run = classification_run();
  run.name = "spirals";
  run.started = "2026-05-01T1" + std::to_string(number) + ":00:00Z";
  run.steps_per_epoch = 10;
  run.epochs = 6 * (number + 1);
  run.parameters = 1000 * (3 - number);
  run.validation_samples = 100;
  std::vector<Event> events{run};
  for (int step = 1; step <= steps_of(number); ++step) {
    StepEvent event = step_of(run, step, {{"loss", loss_of(number, step)}, {"accuracy", 0.5}});
    event.elapsed = seconds_of(number, step);
    events.emplace_back(event);
    if (step % 10 != 0) continue;
    EpochEvent epoch;
    epoch.epoch = step / 10;
    epoch.step = step;
    epoch.train = {{"loss", loss_of(number, step)}, {"accuracy", 0.5}};
    epoch.held_out = {{"loss", 1 + loss_of(number, step)}, {"accuracy", accuracy_of(number, epoch.epoch)}};
    epoch.elapsed = seconds_of(number, step) + 0.25;
    epoch.samples_per_second = 100 * (number + 1);
    events.emplace_back(epoch);
  }
  if (number == 2) return events;  // this one crashed
  DoneEvent done;
  done.reason = "finished";
  done.test = {{"loss", 0.3 - 0.1 * number}, {"accuracy", 0.7 + 0.1 * number}};
  done.epochs = run.epochs;
  done.best = accuracy_of(number, run.epochs);
  done.best_epoch = run.epochs;
  done.elapsed = seconds_of(number, steps_of(number)) + 0.25;
  events.emplace_back(done);
  return events;
}

QRect row_rect(QTreeWidget& runs, int row) {
  return runs.visualItemRect(runs.topLevelItem(row));
}

void click_row(QTreeWidget& runs, int row, int from_left = title_place, Qt::KeyboardModifiers keys = {}) {
  const QRect place = row_rect(runs, row);
  QTest::mouseClick(runs.viewport(), Qt::LeftButton, keys, {place.left() + from_left, place.center().y()});
}

void choose(QComboBox& combo, const QString& text) {
  combo.showPopup();
  const QModelIndex index = combo.model()->index(combo.findText(text), 0);
  QTest::mouseClick(combo.view()->viewport(), Qt::LeftButton, {}, combo.view()->visualRect(index).center());
  QTest::mouseRelease(combo.view()->viewport(), Qt::LeftButton, {}, combo.view()->visualRect(index).center());
  combo.hidePopup();
}

int column_of(const QTableView& table, const QString& title) {
  for (int column = 0; column < table.model()->columnCount(); ++column) {
    if (table.model()->headerData(column, Qt::Horizontal).toString() == title) return column;
  }
  return -1;
}

QStringList texts(const QTableView& table, const QString& title) {
  QStringList found;
  const int column = column_of(table, title);
  if (column < 0) return {"no column " + title};
  for (int row = 0; row < table.model()->rowCount(); ++row) {
    found << table.model()->index(row, column).data().toString();
  }
  return found;
}

void click_header(QTableView& table, const QString& title) {
  const int column = column_of(table, title);
  QHeaderView& header = *table.horizontalHeader();
  table.scrollTo(table.model()->index(0, column));
  QTest::mouseClick(header.viewport(), Qt::LeftButton, {},
                    {header.sectionViewportPosition(column) + 20, header.height() / 2});
}

/// Chooses an entry of the menu that opens.
void on_menu(bool& came, const QString& entry) {
  came = false;
  auto* timer = new QTimer(qApp);
  QObject::connect(timer, &QTimer::timeout, timer, [timer, entry, &came] {
    auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
    if (!menu) return;
    timer->stop();
    timer->deleteLater();
    for (QAction* action : menu->actions()) {
      if (action->text() != entry) continue;
      came = true;
      QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(action).center());
      return;
    }
    menu->close();
  });
  timer->start(20);
}

void open_context_menu(QAbstractScrollArea& view, QPoint at) {
  QContextMenuEvent event(QContextMenuEvent::Mouse, at, view.viewport()->mapToGlobal(at));
  QApplication::sendEvent(view.viewport(), &event);
}

}  // namespace

class TestRunComparison : public QObject, protected PanelOnSpirals {
  Q_OBJECT

 private slots:
  void initTestCase() { QStandardPaths::setTestModeEnabled(true); }
  void init();
  void cleanup();
  void several_are_chosen_by_tick_and_key();
  void curves_are_drawn_over_steps_epochs_and_time();
  void logarithmic_axes();
  void smoothing_is_honest_at_the_ends();
  void the_crosshair_tells_of_all();
  void one_split_alone();
  void runs_of_different_tasks();
  void the_table_says_results_and_differences();
  void what_is_missing_is_last();
  void a_click_on_a_column_sorts();
  void the_table_is_copied_and_saved();
  void titles_are_given_in_place();
  void notes_are_written_in_place();
  void runs_are_deleted_into_the_trash();
  void without_a_trash_it_asks();
  void metrics_are_saved();
  void the_live_run_moves_on();
  void many_runs_have_marks_of_their_own();

 private:
  void write_run(int number, const std::vector<Event>& events, const Project& project);
  QString run_folder(int number) const;
  QTreeWidget& list() const { return *find<QTreeWidget>(*panel_, "training.runs"); }
  QTableView& table() const { return *find<QTableView>(*panel_, "compare.table"); }
  CompareCharts& charts() const { return *find<CompareCharts>(*panel_, "compare.charts"); }
  RunKeeping& keeping() const { return *panel_->findChild<RunList*>()->keeping(); }
  bool is_comparing() const { return find<RunComparison>(*panel_, "compare")->isVisible(); }
  /// All three, as a person would; waits until they are drawn.
  void compare_all();
  /// Of run `number` in a chart: the curve of its steps, or of its held-out split.
  const Curve& curve(const char* chart, int number, bool is_held_out = false) const;
  void type_title(const QString& title);
  /// The first cell of a row of the table.
  void click_cell(int row);
};

void TestRunComparison::write_run(int number, const std::vector<Event>& events, const Project& project) {
  const auto made = RunFolder::create(run_folder(number).toStdString(), project);
  QVERIFY(made);
  auto writer = EventWriter::append_to(made->events_file());
  QVERIFY(writer);
  for (const Event& event : events) QVERIFY(writer->write(event));
}

QString TestRunComparison::run_folder(int number) const {
  return folder_->filePath(QString("spirals.runs/2026-05-01T1%1-00-00Z-spirals").arg(number));
}

void TestRunComparison::init() {
  begin({1500, 520});
  for (int number = 0; number < 3; ++number) {
    Project project = document_->project();
    project.recipe.optimiser_settings.set("lr", number == 0 ? 0.01 : number == 1 ? 0.001 : 0.1);
    write_run(number, events_of(number), project);
  }
  panel_ = std::make_unique<TrainingPanel>(*document_);
  panel_->resize(1500, 520);
  panel_->show();
  QVERIFY(QTest::qWaitForWindowExposed(panel_.get()));
  auto* tabs = find<QTabWidget>(*panel_, "training.tabs");
  for (int tab = 0; tab < tabs->count(); ++tab) {
    if (tabs->widget(tab)->isAncestorOf(&list())) tabs->setCurrentIndex(tab);
  }
  QTRY_COMPARE_WITH_TIMEOUT(list().topLevelItemCount(), 3, patience);
  // The newest is shown at first, and is the one chosen.
  QTRY_VERIFY_WITH_TIMEOUT(list().topLevelItem(0)->isSelected(), patience);
}

void TestRunComparison::cleanup() {
  end();
}

void TestRunComparison::compare_all() {
  click_row(list(), 0);
  click_row(list(), 2, title_place, Qt::ShiftModifier);
  QTRY_VERIFY_WITH_TIMEOUT(is_comparing() && table().model()->rowCount() == 3, patience);
}

const Curve& TestRunComparison::curve(const char* chart, int number, bool is_held_out) const {
  const LiveChart* found = charts().chart(QString::fromLatin1(chart));
  if (!found) qFatal("no chart %s", chart);
  // The newest is the first in the list.
  for (int i = 0; i < found->curve_count(); ++i) {
    const bool is_marked = found->look(i).marker == MarkerShape::Disc;
    if (found->look(i).row == 2 - number && is_marked == is_held_out) return found->points(i);
  }
  qFatal("no such curve");
}

void TestRunComparison::several_are_chosen_by_tick_and_key() {
  auto* hint = find<QLabel>(*panel_, "training.runs_hint");
  QVERIFY(hint->isVisible());
  QVERIFY(!is_comparing());
  click_row(list(), 1, tick_place);  // beside the first
  QTRY_VERIFY_WITH_TIMEOUT(is_comparing() && table().model()->rowCount() == 2, patience);
  QVERIFY(!hint->isVisible());
  click_row(list(), 2, title_place, Qt::ControlModifier);
  QTRY_COMPARE_WITH_TIMEOUT(table().model()->rowCount(), 3, patience);
  QCOMPARE(find<QLabel>(*panel_, "compare.heading")->text(), QString("3 runs"));

  // A run keeps its colour while others go.
  const LiveChart* loss = charts().chart("Loss");
  QVERIFY(loss);
  const int third = loss->look(loss->curve_count() - 1).series;
  QCOMPARE(third, 2);
  const QImage tick = list().topLevelItem(2)->icon(0).pixmap(14, 14).toImage();
  QCOMPARE(tick.pixelColor(10, 10), colours().series[2]);
  click_row(list(), 1, tick_place);
  QTRY_COMPARE_WITH_TIMEOUT(table().model()->rowCount(), 2, patience);
  loss = charts().chart("Loss");
  QCOMPARE(loss->look(loss->curve_count() - 1).series, 2);
  QCOMPARE(
      table().model()->index(1, 0).data(Qt::DecorationRole).value<QIcon>().pixmap(16, 10).toImage().pixelColor(8, 5),
      colours().series[2]);

  // A click alone goes back to one.
  click_row(list(), 2);
  QTRY_VERIFY_WITH_TIMEOUT(!is_comparing(), patience);
  QVERIFY(list().topLevelItem(2)->isSelected() && !list().topLevelItem(0)->isSelected());
  QCOMPARE(list().topLevelItem(2)->icon(0).pixmap(14, 14).toImage().pixelColor(10, 10), colours().accent);
  QTRY_COMPARE_WITH_TIMEOUT(find<LiveChart>(*panel_, "chart.Loss")->points(0).size(), std::size_t{60}, patience);
  QTest::keyClick(&list(), Qt::Key_A, Qt::ControlModifier);
  QTRY_VERIFY_WITH_TIMEOUT(is_comparing() && table().model()->rowCount() == 3, patience);
}

void TestRunComparison::curves_are_drawn_over_steps_epochs_and_time() {
  compare_all();
  QCOMPARE(charts().visible_charts(), (QStringList{"Loss", "Accuracy"}));
  auto& axis = *find<QComboBox>(*panel_, "compare.axis");
  for (int number = 0; number < 3; ++number) {
    const Curve& steps = curve("Loss", number);
    QCOMPARE(steps.size(), static_cast<std::size_t>(steps_of(number)));
    for (int i = 0; i < steps_of(number); ++i) {
      QCOMPARE(steps.x[static_cast<std::size_t>(i)], i + 1.0);
      QCOMPARE(steps.y[static_cast<std::size_t>(i)], loss_of(number, i + 1));
    }
    QCOMPARE(curve("Loss", number, true).x.back(), static_cast<double>(steps_of(number)));
    // Shares are percent.
    QCOMPARE(curve("Accuracy", number, true).y.front(), 100 * accuracy_of(number, 1));
  }
  choose(axis, "by epoch");
  QCOMPARE(curve("Loss", 1).x.front(), 0.1);
  QCOMPARE(curve("Loss", 1).x.back(), 12.0);
  QCOMPARE(curve("Loss", 1, true).x.front(), 1.0);
  choose(axis, "by time");
  // The longest run takes four minutes and a half, so these are minutes.
  QCOMPARE(curve("Loss", 0).x.front(), seconds_of(0, 1) / 60);
  QCOMPARE(curve("Loss", 2).x.back(), seconds_of(2, 180) / 60);
  QCOMPARE(charts().chart("Loss")->hover_heading(1.5).section(' ', 0, 3), QString("1 min 30 s"));
  // When an epoch was judged, which is later than its last step.
  QCOMPARE(curve("Loss", 1, true).x.front(), (seconds_of(1, 10) + 0.25) / 60);
  QCOMPARE(curve("Loss", 2, true).x.back(), (seconds_of(2, 180) + 0.25) / 60);
  // Without it these are seconds.
  click_row(list(), 0, tick_place);
  QTRY_COMPARE_WITH_TIMEOUT(table().model()->rowCount(), 2, patience);
  QCOMPARE(charts().chart("Loss")->points(0).x.back(), seconds_of(1, 120));
}

void TestRunComparison::logarithmic_axes() {
  compare_all();
  QTest::mouseClick(find<QToolButton>(*panel_, "compare.log_x"), Qt::LeftButton);
  QCOMPARE(curve("Loss", 0).x.front(), 0.0);
  QCOMPARE(curve("Loss", 0).x.back(), std::log10(60));
  QCOMPARE(charts().chart("Loss")->frame().x.low, 0.0);
  QCOMPARE(charts().chart("Loss")->hover_heading(1), QString::fromUtf8("step 10  ·  training / validation"));
  choose(*find<QComboBox>(*panel_, "compare.axis"), "by time");
  QCOMPARE(curve("Loss", 1).x.back(), std::log10(seconds_of(1, 120) / 60));
  QTest::mouseClick(find<QToolButton>(*panel_, "compare.log_y"), Qt::LeftButton);
  QVERIFY(charts().chart("Loss")->is_log());
  QVERIFY(!charts().chart("Accuracy")->is_log());
}

/// Against the weighted mean written out: weights βⁿ of the value n steps ago, divided by their sum.
void TestRunComparison::smoothing_is_honest_at_the_ends() {
  compare_all();
  auto* slider = find<QSlider>(*panel_, "compare.smoothing");
  slider->setValue(80);
  LiveChart& loss = *charts().chart("Loss");
  loss.reset_zoom();
  const double beta = 0.8;
  std::vector<double> expected;
  for (int t = 1; t <= steps_of(0); ++t) {
    double sum = 0;
    double weights = 0;
    for (int n = 0; n < t; ++n) {
      sum += std::pow(beta, n) * loss_of(0, t - n);
      weights += std::pow(beta, n);
    }
    expected.push_back(sum / weights);
  }
  QCOMPARE(expected.front(), loss_of(0, 1));  // the first point is the curve's own
  int raw = 0;
  int smooth = 0;
  for (const QAbstractSeries* series : loss.chart()->series()) {
    const auto& line = static_cast<const QLineSeries&>(*series);
    if (line.count() != steps_of(0)) continue;
    const auto agrees = [&](const std::function<double(int)>& value) {
      for (int i = 0; i < line.count(); ++i) {
        if (std::abs(line.at(i).y() - value(i)) > 1e-12) return false;
      }
      return true;
    };
    if (agrees([](int i) { return loss_of(0, i + 1); })) {
      ++raw;
      QVERIFY(line.pen().color().alphaF() < 0.5);  // faint beneath
    }
    if (agrees([&](int i) { return expected[static_cast<std::size_t>(i)]; })) {
      ++smooth;
      QCOMPARE(line.pen().color().alphaF(), 1.0F);
    }
  }
  QCOMPARE(raw, 1);
  QCOMPARE(smooth, 1);
}

void TestRunComparison::the_crosshair_tells_of_all() {
  compare_all();
  LiveChart& loss = *charts().chart("Loss");
  QCOMPARE(loss.hover_heading(50), QString::fromUtf8("step 50  ·  training / validation"));
  const std::vector<HoverRow> rows = loss.hover_rows(50);
  QCOMPARE(rows.size(), std::size_t{3});
  const auto text = [](double value) { return QString::fromStdString(figure_text(value)); };
  QCOMPARE(rows[2].entry.value, text(loss_of(0, 50)) + "  /  " + text(1 + loss_of(0, 50)));
  QCOMPARE(rows[2].points.size(), std::size_t{2});
  QCOMPARE(rows[0].entry.value, text(loss_of(2, 50)) + "  /  " + text(1 + loss_of(2, 50)));
  // A run that has ended by then says nothing.
  const std::vector<HoverRow> late = loss.hover_rows(150);
  QCOMPARE(late[2].entry.value, QString::fromUtf8("–  /  –"));
  QVERIFY(late[2].points.empty());
  QVERIFY(late[0].entry.value.startsWith(text(loss_of(2, 150))));
  // The box is really painted.
  const QPoint at(static_cast<int>(loss.frame().to_x(50)), static_cast<int>(loss.frame().area.center().y()));
  const QImage before = loss.grab().toImage();
  QTest::mouseMove(loss.viewport(), at);
  QTRY_VERIFY(loss.grab().toImage() != before);
}

void TestRunComparison::one_split_alone() {
  compare_all();
  auto& splits = *find<QComboBox>(*panel_, "compare.splits");
  choose(splits, "held out");
  QCOMPARE(charts().chart("Loss")->curve_count(), 3);
  QCOMPARE(curve("Loss", 1, true).y.front(), 1 + loss_of(1, 10));
  choose(splits, "training");
  QCOMPARE(charts().chart("Loss")->curve_count(), 3);
  QCOMPARE(curve("Loss", 1).y.front(), loss_of(1, 1));
}

void TestRunComparison::runs_of_different_tasks() {
  RunEvent other = classification_run();
  other.task = "Regression";
  other.figures = {{"loss", "Loss", "Loss", false, "lower"}, {"r2", "R²", "R²", false, "higher"}};
  other.main_figure = "r2";
  std::vector<Event> events{other};
  for (int i = 1; i <= 10; ++i) events.emplace_back(step_of(other, i, {{"loss", 1.0 / i}}));
  write_run(3, events, document_->project());
  write_run(4, adversarial_events(), document_->project());
  panel_->findChild<RunList*>()->show_runs_of(document_->file_path());
  QTRY_COMPARE_WITH_TIMEOUT(list().topLevelItemCount(), 5, patience);

  click_row(list(), 1);  // the regression
  click_row(list(), 2, title_place, Qt::ControlModifier);
  QTRY_VERIFY_WITH_TIMEOUT(is_comparing() && table().model()->rowCount() == 2, patience);
  QVERIFY(charts().chart("Loss") && !charts().chart("Accuracy") && !charts().chart("R²"));
  QCOMPARE(find<QLabel>(*panel_, "compare.left_out")->text(), QString::fromUtf8("Not measured by all: R², Accuracy"));

  click_row(list(), 0, title_place, Qt::ControlModifier);  // and a generator and its discriminator
  QTRY_COMPARE_WITH_TIMEOUT(table().model()->rowCount(), 3, patience);
  QVERIFY(find<QLabel>(*panel_, "compare.nothing")->isVisible());
  QVERIFY(!charts().isVisible());
}

void TestRunComparison::the_table_says_results_and_differences() {
  compare_all();
  // The newest first; all of one project, told apart by what was changed.
  QCOMPARE(texts(table(), "Run"), (QStringList{"lr 0.001 → 0.1", "lr 0.01 → 0.001", "spirals"}));
  QCOMPARE(texts(table(), "Best accuracy"), (QStringList{"88.0 %", "72.0 %", "56.0 %"}));
  QCOMPARE(texts(table(), "Test accuracy"), (QStringList{"", "80.0 %", "70.0 %"}));
  QCOMPARE(texts(table(), "Test loss"), (QStringList{"", "0.2000", "0.3000"}));
  QCOMPARE(texts(table(), "lr"), (QStringList{"0.1", "0.001", "0.01"}));
  QCOMPARE(texts(table(), "Epochs"), (QStringList{"18", "12", "6"}));
  QCOMPARE(texts(table(), "Time"), (QStringList{"4 min 30 s", "2 min 00 s", "30 s"}));
  QCOMPARE(texts(table(), "Parameters"), (QStringList{"1,000", "2,000", "3,000"}));
  QCOMPARE(texts(table(), "State"), (QStringList{"crashed", "finished", "finished"}));
  QVERIFY(column_of(table(), "batch_size") < 0);  // they agree in it
  // The best stands out: the highest accuracy, the lowest loss.
  const auto is_bold = [&](int row, const char* title) {
    return table().model()->index(row, column_of(table(), title)).data(Qt::FontRole).value<QFont>().bold();
  };
  QVERIFY(is_bold(0, "Best accuracy") && !is_bold(1, "Best accuracy"));
  QVERIFY(is_bold(1, "Test loss") && !is_bold(2, "Test loss") && !is_bold(0, "Test loss"));
}

void TestRunComparison::what_is_missing_is_last() {
  TableColumn column;
  column.title = "a";
  column.cells = {{"10", 10.0}, {}, {"9", 9.0}, {"word b"}, {"100", 100.0}, {"Word a"}};
  const std::vector<int> rows{0, 1, 2, 3, 4, 5};
  QCOMPARE(sorted_rows(column, false, rows), (std::vector<int>{2, 0, 4, 5, 3, 1}));
  QCOMPARE(sorted_rows(column, true, rows), (std::vector<int>{4, 0, 2, 3, 5, 1}));
  // A field is a field whatever stands in it.
  column.cells = {{"one\ttwo\nthree"}, {"a, \"b\"", 0.1}};
  QCOMPARE(table_as_text({column}, {0, 1}), QString("a\none two three\na, \"b\"\n"));
  QCOMPARE(table_as_csv({column}, {1, 0}), std::string("a\n0.1\n\"one\ttwo\nthree\"\n"));
}

void TestRunComparison::a_click_on_a_column_sorts() {
  compare_all();
  const QStringList titles = texts(table(), "Run");
  click_header(table(), "lr");
  QStringList sorted = texts(table(), "lr");
  QVERIFY(sorted == (QStringList{"0.001", "0.01", "0.1"}) || sorted == (QStringList{"0.1", "0.01", "0.001"}));
  click_header(table(), "lr");
  std::reverse(sorted.begin(), sorted.end());
  QCOMPARE(texts(table(), "lr"), sorted);
  // Numbers as numbers, and what is missing last either way.
  click_header(table(), "Epochs");
  click_header(table(), "Epochs");
  click_header(table(), "Test accuracy");
  QCOMPARE(texts(table(), "Test accuracy").last(), QString());
  const QString first = texts(table(), "Test accuracy").first();
  click_header(table(), "Test accuracy");
  QCOMPARE(texts(table(), "Test accuracy").last(), QString());
  QVERIFY(texts(table(), "Test accuracy").first() != first);
  // Colours go with their rows.
  const int row = static_cast<int>(texts(table(), "Run").indexOf(titles[1]));
  QCOMPARE(
      table().model()->index(row, 0).data(Qt::DecorationRole).value<QIcon>().pixmap(16, 10).toImage().pixelColor(8, 5),
      colours().series[1]);
}

void TestRunComparison::the_table_is_copied_and_saved() {
  compare_all();
  table().setFocus();
  QTest::keyClick(&table(), Qt::Key_C, Qt::ControlModifier);
  const QStringList lines = QApplication::clipboard()->text().split('\n');
  QCOMPARE(lines.size(), 5);
  QCOMPARE(lines[0].section('\t', 0, 1), QString("Run\tBest accuracy"));
  QCOMPARE(lines[3].section('\t', 0, 3), QString("spirals\t56.0 %\t70.0 %\t0.01"));

  const QString path = folder_->filePath("table.csv");
  bool came = false;
  on_dialog(came, [&](QWidget* dialog) { choose_file(dialog, path); });
  QTest::mouseClick(find<QToolButton>(*panel_, "compare.save"), Qt::LeftButton);
  QVERIFY(came);
  const QStringList rows = QString::fromUtf8(file_content(path)).split('\n');
  QVERIFY2(rows[0].startsWith("Run,Best accuracy,Test accuracy,lr,Test loss,"), qPrintable(rows[0]));
  // In full, and as numbers.
  QCOMPARE(rows[2].section(',', 1, 4), QString("0.72,0.7999999999999999,0.001,0.19999999999999998"));
  QCOMPARE(rows[2].section(',', 2, 2).toDouble(), 0.7 + 0.1);
  QVERIFY2(rows[1].contains("2026-05-01T12:00:00Z"), qPrintable(rows[1]));
}

void TestRunComparison::click_cell(int row) {
  const QModelIndex cell = table().model()->index(row, 0);
  table().scrollTo(cell);
  QTest::mouseClick(table().viewport(), Qt::LeftButton, {}, table().visualRect(cell).center());
}

void TestRunComparison::type_title(const QString& title) {
  auto* editor = qobject_cast<QLineEdit*>(QApplication::focusWidget());
  QVERIFY(editor);
  editor->selectAll();
  QTest::keyClicks(editor, title);
  QTest::keyClick(editor, Qt::Key_Return);
}

void TestRunComparison::titles_are_given_in_place() {
  QApplication::setActiveWindow(panel_.get());
  compare_all();
  const QModelIndex cell = table().model()->index(1, 0);
  table().scrollTo(cell);
  const QPoint at = table().visualRect(cell).center();
  QTest::mouseClick(table().viewport(), Qt::LeftButton, {}, at);
  QTest::mouseDClick(table().viewport(), Qt::LeftButton, {}, at);
  type_title("slow, \"careful\"");
  QTRY_COMPARE(texts(table(), "Run")[1], QString("slow, \"careful\""));
  QCOMPARE(list().topLevelItem(1)->text(0), QString("slow, \"careful\""));
  QCOMPARE(notes_of_run(run_folder(1)).title, std::string("slow, \"careful\""));
  QVERIFY(QDir(run_folder(1)).exists());  // the folder keeps its name
  QVERIFY(charts().chart("Loss")->look(2).name == QString("slow, \"careful\""));

  // With F2 in the table, and in the list.
  table().setFocus();
  table().setCurrentIndex(table().model()->index(2, 3));
  QTest::keyClick(&table(), Qt::Key_F2);
  type_title("first");
  QTRY_COMPARE(list().topLevelItem(2)->text(0), QString("first"));
  click_row(list(), 0);
  list().setFocus();
  QTest::keyClick(&list(), Qt::Key_F2);
  type_title("fast");
  QTRY_COMPARE(list().topLevelItem(0)->text(0), QString("fast"));
  // Nothing typed: called as before.
  QTest::keyClick(&list(), Qt::Key_F2);
  auto* editor = qobject_cast<QLineEdit*>(QApplication::focusWidget());
  QVERIFY(editor);
  editor->selectAll();
  QTest::keyClick(editor, Qt::Key_Backspace);
  QTest::keyClick(editor, Qt::Key_Return);
  QTRY_COMPARE(list().topLevelItem(0)->text(0), QString("lr 0.001 → 0.1"));

  // They are there again another time.
  RunList again;
  again.show_runs_of(document_->file_path());
  QTRY_COMPARE_WITH_TIMEOUT(again.count(), 3, patience);
  QCOMPARE(again.title_of(run_folder(1)), QString("slow, \"careful\""));
}

void TestRunComparison::notes_are_written_in_place() {
  QApplication::setActiveWindow(panel_.get());
  compare_all();
  const QModelIndex cell = table().model()->index(0, column_of(table(), "Note"));
  table().scrollTo(cell);
  const QPoint at = table().visualRect(cell).center();
  QTest::mouseClick(table().viewport(), Qt::LeftButton, {}, at);
  QTest::mouseDClick(table().viewport(), Qt::LeftButton, {}, at);
  type_title("rate too high");
  QTRY_COMPARE(texts(table(), "Note"), (QStringList{"rate too high", "", ""}));
  QCOMPARE(notes_of_run(run_folder(2)).note, std::string("rate too high"));
  QVERIFY(list().topLevelItem(0)->toolTip(0).contains("rate too high"));

  // In the list by its menu, of several lines.
  bool came = false;
  on_menu(came, QString::fromUtf8("Note…"));
  click_row(list(), 1);
  open_context_menu(list(), row_rect(list(), 1).center());
  QVERIFY(came);
  auto* dialog = panel_->findChild<QInputDialog*>("runs.note");
  QVERIFY(dialog);
  auto* text = dialog->findChild<QPlainTextEdit*>();
  QVERIFY(text);
  QTest::keyClicks(text, "one");
  QTest::keyClick(text, Qt::Key_Return);
  QTest::keyClicks(text, "two");
  dialog->accept();
  QTRY_COMPARE(notes_of_run(run_folder(1)).note, std::string("one\ntwo"));
}

void TestRunComparison::runs_are_deleted_into_the_trash() {
  QStringList trashed;
  keeping().set_trash([&](const QString& folder) {
    trashed << folder;
    return QDir(folder).removeRecursively();
  });
  QSignalSpy messages(panel_.get(), &TrainingPanel::message);
  compare_all();
  // A run that another process writes stays.
  {
    auto writer = EventWriter::append_to((run_folder(1) + "/events.jsonl").toStdString());
    QVERIFY(writer);
    click_cell(1);
    table().setFocus();
    QTest::keyClick(&table(), Qt::Key_Delete);
    QVERIFY(trashed.isEmpty());
    QVERIFY(QDir(run_folder(1)).exists());
    QVERIFY2(messages.last().at(0).toString().contains("under way"), qPrintable(messages.last().at(0).toString()));
  }
  QTest::keyClick(&table(), Qt::Key_Delete);
  QCOMPARE(trashed, QStringList(run_folder(1)));
  QTRY_COMPARE_WITH_TIMEOUT(table().model()->rowCount(), 2, patience);
  QVERIFY(is_comparing());
  QTRY_COMPARE_WITH_TIMEOUT(list().topLevelItemCount(), 2, patience);
  // What it changed since the one before is told anew.
  QTRY_COMPARE_WITH_TIMEOUT(list().topLevelItem(0)->text(0), QString("lr 0.01 → 0.1"), patience);

  // Of two the second: the one that is left is shown alone. Then that one: there is nothing to see.
  click_cell(1);
  table().setFocus();
  QTest::keyClick(&table(), Qt::Key_Delete);
  QTRY_VERIFY_WITH_TIMEOUT(!is_comparing(), patience);
  QTRY_COMPARE_WITH_TIMEOUT(list().topLevelItemCount(), 1, patience);
  QTRY_VERIFY_WITH_TIMEOUT(find<QLabel>(*panel_, "training.heading")->isVisible(), patience);
  list().setFocus();
  QTest::keyClick(&list(), Qt::Key_Delete);
  QTRY_COMPARE_WITH_TIMEOUT(list().topLevelItemCount(), 0, patience);
  QVERIFY(!find<QLabel>(*panel_, "training.heading")->isVisible());
  QCOMPARE(trashed.size(), 3);
}

void TestRunComparison::without_a_trash_it_asks() {
  keeping().set_trash([](const QString&) { return false; });
  compare_all();
  list().setFocus();
  bool came = false;
  on_dialog(came, [](QWidget* dialog) { press(dialog, QMessageBox::Cancel); });
  QTest::keyClick(&list(), Qt::Key_Delete);
  QVERIFY(came);
  QCOMPARE(runs_of(document_->file_path().toStdString()).size(), std::size_t{3});
  on_dialog(came, [](QWidget* dialog) {
    for (QAbstractButton* button : message_box(dialog)->buttons()) {
      if (button->text() == "Delete") QTest::mouseClick(button, Qt::LeftButton);
    }
  });
  QTest::keyClick(&list(), Qt::Key_Delete);
  QVERIFY(came);
  QVERIFY(runs_of(document_->file_path().toStdString()).empty());
  QTRY_COMPARE_WITH_TIMEOUT(list().topLevelItemCount(), 0, patience);
  QVERIFY(!is_comparing());
}

void TestRunComparison::metrics_are_saved() {
  const QString path = folder_->filePath("metrics.csv");
  bool has_menu = false;
  bool has_dialog = false;
  on_menu(has_menu, QString::fromUtf8("Save metrics as CSV…"));
  on_dialog(has_dialog, [&](QWidget* dialog) { choose_file(dialog, path); });
  click_row(list(), 1);
  open_context_menu(list(), row_rect(list(), 1).center());
  QVERIFY(has_menu && has_dialog);
  const auto events = RunFolder::open(run_folder(1).toStdString())->events();
  QCOMPARE(file_content(path), QByteArray::fromStdString(metrics_csv(*events)));
  QCOMPARE(file_content(path).count('\n'), 1 + 120 + 12);
}

void TestRunComparison::the_live_run_moves_on() {
  // Tells a step for each command.
  const auto line = [](const Event& event) {
    return "cat <<'END' | tee -a \"$4/events.jsonl\"\n" + QByteArray::fromStdString(to_line(event)) + "\nEND\n";
  };
  RunEvent run = classification_run();
  run.name = "spirals";
  run.steps_per_epoch = 10;
  QByteArray body = "mkdir -p \"$4\"; cp \"$2\" \"$4/project.json\"\n" + line(run);
  body += line(step_of(run, 1, {{"loss", 3.0}, {"accuracy", 0.5}}));
  body += "while read -r line; do case \"$line\" in\n*pause*)\n" + line(CommandEvent{1, {Command::Kind::Pause}}) +
          line(step_of(run, 2, {{"loss", 2.5}, {"accuracy", 0.5}})) + ";;\n";
  DoneEvent done;
  done.reason = "stopped";
  body += "*stop*)\n" + line(done) + "exit 0;;\nesac; done\n";
  use_engine(body);
  panel_->start();
  QTRY_COMPARE_WITH_TIMEOUT(list().topLevelItemCount(), 4, patience);
  QTRY_VERIFY_WITH_TIMEOUT(
      panel_->findChild<LiveChart*>("chart.Loss") && find<LiveChart>(*panel_, "chart.Loss")->points(0).size() == 1,
      patience);
  click_row(list(), 1, tick_place);
  click_row(list(), 2, tick_place);
  QTRY_VERIFY_WITH_TIMEOUT(is_comparing() && table().model()->rowCount() == 3, patience);
  QCOMPARE(texts(table(), "State")[0], QString("under way"));
  const auto live = [&]() -> const Curve& { return charts().chart("Loss")->points(0); };
  QCOMPARE(live().size(), std::size_t{1});

  // It can't be deleted meanwhile.
  QSignalSpy messages(panel_.get(), &TrainingPanel::message);
  keeping().set_trash([](const QString&) { return false; });
  click_cell(0);
  table().setFocus();
  QTest::keyClick(&table(), Qt::Key_Delete);
  QVERIFY(messages.last().at(0).toString().contains("under way"));

  panel_->pause();
  QTRY_COMPARE_WITH_TIMEOUT(live().size(), std::size_t{2}, patience);
  QCOMPARE(live().x.back(), 2.0);
  QCOMPARE(live().y.back(), 2.5);
  panel_->stop();
  QTRY_VERIFY_WITH_TIMEOUT(!panel_->is_running(), patience);
  QVERIFY(is_comparing());
  QTRY_COMPARE_WITH_TIMEOUT(texts(table(), "State")[0], QString("stopped"), patience);
  QCOMPARE(table().model()->rowCount(), 3);
}

/// There are ten colours: the eleventh run is dashed.
void TestRunComparison::many_runs_have_marks_of_their_own() {
  for (int number = 3; number < 10; ++number) write_run(number, events_of(0), document_->project());
  for (const char* name : {"a", "b"}) {
    const auto made =
        RunFolder::create((folder_->filePath("spirals.runs/2026-05-02-") + name).toStdString(), document_->project());
    QVERIFY(made);
    auto writer = EventWriter::append_to(made->events_file());
    for (const Event& event : events_of(1)) QVERIFY(writer->write(event));
  }
  panel_->findChild<RunList*>()->show_runs_of(document_->file_path());
  QTRY_COMPARE_WITH_TIMEOUT(list().topLevelItemCount(), 12, patience);
  list().setFocus();
  QTest::keyClick(&list(), Qt::Key_A, Qt::ControlModifier);
  QTRY_VERIFY_WITH_TIMEOUT(is_comparing() && table().model()->rowCount() == 12, patience);
  const std::vector<HoverRow> rows = charts().chart("Loss")->hover_rows(10);
  QCOMPARE(rows.size(), std::size_t{12});
  QVERIFY(!rows[0].entry.is_dashed && rows[10].entry.is_dashed);
  QCOMPARE(rows[0].entry.colour, rows[10].entry.colour);
  QStringList titles = texts(table(), "Run");
  QCOMPARE(titles.removeDuplicates(), 0);
}

QTEST_MAIN(TestRunComparison)
#include "test_run_comparison.moc"
