// The views of a sweep, by mouse: parallel coordinates, the Pareto plot, the table.

#include <QHeaderView>
#include <QMouseEvent>
#include <QSignalSpy>
#include <QTest>
#include <cmath>

#include "designer/sweep/parallel_view.h"
#include "designer/sweep/pareto_view.h"
#include "designer/sweep/runs_table.h"
#include "designer/theme/theme.h"
#include "tests/designer/sweep/sweep_table_of.h"

using namespace netwright;

namespace {

void move_to(QWidget& widget, QPointF at, Qt::MouseButtons buttons = Qt::NoButton) {
  QMouseEvent move(QEvent::MouseMove, at, widget.mapToGlobal(at), Qt::NoButton, buttons, Qt::NoModifier);
  QApplication::sendEvent(&widget, &move);
}

void drag(QWidget& widget, QPointF from, QPointF to) {
  move_to(widget, from);
  QTest::mousePress(&widget, Qt::LeftButton, {}, from.toPoint());
  for (int i = 1; i <= 10; ++i) move_to(widget, from + (to - from) * i / 10, Qt::LeftButton);
  QTest::mouseRelease(&widget, Qt::LeftButton, {}, to.toPoint());
}

int count(const std::vector<bool>& flags) {
  return static_cast<int>(std::count(flags.begin(), flags.end(), true));
}

/// How many pixels of the picture are nearly of this colour.
int pixels_like(const QImage& image, const QColor& colour) {
  int found = 0;
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x) {
      const QColor pixel = image.pixelColor(x, y);
      const int off = std::abs(pixel.red() - colour.red()) + std::abs(pixel.green() - colour.green()) +
                      std::abs(pixel.blue() - colour.blue());
      found += off < 24 ? 1 : 0;
    }
  }
  return found;
}

}  // namespace

class TestSweepViews : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { Theme::instance().set_appearance(Appearance::Light); }
  void init() { table_ = sweep_table({0.001, 0.01, 0.1}, {4, 8, 16, 32}); }

  void axes_are_what_runs_differ_in() {
    const auto axes = plot_axes(table_);
    QStringList titles;
    for (const PlotAxis& axis : axes) titles += axis.title;
    QCOMPARE(titles, (QStringList{"lr", "out_features", "Accuracy", "parameters", "multiply-adds", "time"}));
    QVERIFY(axes[0].is_log && axes[1].is_log && !axes[2].is_log);
    QCOMPARE(axes[0].places[0], -3.0);
    QCOMPARE(axes[0].texts[4], QString("0.01"));
    QCOMPARE(axes[0].ticks.size(), std::size_t{3});
    QCOMPARE(axes[2].texts[0], QString("77.5 %"));
    // Words have places in their order; a range says itself whether it is logarithmic.
    SweepTable other = table_;
    other.sweep.axes[0] = {"optimiser.type", {std::string("SGD"), std::string("Adam"), std::string("AdamW")}};
    other.sweep.axes[1] = {"fc1.out_features", {}, SweepRange{4, 32, 4, false}};
    for (std::size_t i = 0; i < other.rows.size(); ++i) other.rows[i].values[0] = other.sweep.axes[0].values[i / 4];
    const auto words = plot_axes(other);
    QCOMPARE(words[0].title, QString("optimiser.type"));
    QCOMPARE(words[0].places[11], 2.0);
    QCOMPARE(words[0].texts[11], QString("AdamW"));
    QVERIFY(!words[1].is_log);
  }

  void axes_stand_still_while_runs_come() {
    SweepTable first = table_;
    first.rows.resize(1);
    const auto early = plot_axes(first);
    const auto late = plot_axes(table_);
    for (const std::size_t axis : {std::size_t{0}, std::size_t{1}}) {
      QVERIFY(early[axis].range == late[axis].range);
      QCOMPARE(early[axis].ticks.size(), late[axis].ticks.size());
      QCOMPARE(early[axis].is_log, late[axis].is_log);
    }
    first.sweep.axes[0] = {"optimiser.lr", {}, SweepRange{1e-4, 1, 5, true}};
    QVERIFY((plot_axes(first)[0].range == Range{-4, 0}));
  }

  void one_bad_run_does_not_make_the_others_alike() {
    table_.rows[0].main = -50;
    const auto looks = run_looks(table_, {});
    QCOMPARE(looks[0].goodness, 0.0);
    QCOMPARE(looks[7].goodness, 1.0);
    double least = 1;
    for (std::size_t run = 1; run < 12; ++run) least = std::min(least, looks[run].goodness);
    QVERIFY(least < 0.6);
  }

  void the_best_run_is_the_best_look() {
    const auto looks = run_looks(table_, "/runs/3");
    QCOMPARE(looks[7].goodness, 1.0);
    QVERIFY(looks[3].is_going_on && !looks[7].is_going_on);
    QCOMPARE(looks[7].values, QString("lr 0.01, out_features 32"));
    table_.main_figure->better = "lower";
    QCOMPARE(run_looks(table_, {})[7].goodness, 0.0);
    table_.rows[7].main.reset();
    QVERIFY(std::isnan(run_looks(table_, {})[7].goodness));
  }

  void a_brush_keeps_what_passes() {
    ParallelView& view = parallel({700, 260});
    QSignalSpy changed(&view, &ParallelView::filters_changed);
    // Along the axis of the width, from above 32 to above 8: two of four widths.
    const QPointF from = view.place(1, 3) - QPointF(0, 3);
    const QPointF to = view.place(1, 2) + QPointF(0, 8);
    drag(view, from, to);
    QVERIFY(changed.count() > 0);
    QCOMPARE(count(view.kept()), 6);
    QVERIFY(view.kept()[2] && view.kept()[3] && !view.kept()[0]);
    // Another axis narrows it further.
    drag(view, view.place(0, 0) + QPointF(0, 6), view.place(0, 0) - QPointF(0, 8));
    QCOMPARE(count(view.kept()), 2);
    // It stays when new rows come.
    view.show_runs(plot_axes(table_), run_looks(table_, {}));
    QCOMPARE(count(view.kept()), 2);
    QTest::keyClick(&view, Qt::Key_Escape);
    QCOMPARE(count(view.kept()), 12);
    QVERIFY(!view.has_filters());
  }

  void a_click_on_an_axis_takes_its_filter_away() {
    ParallelView& view = parallel({700, 260});
    drag(view, view.place(1, 3) - QPointF(0, 3), view.place(1, 3) + QPointF(0, 8));
    QCOMPARE(count(view.kept()), 3);
    const QPointF below = (view.place(1, 0) + view.place(1, 1)) / 2;
    QTest::mouseClick(&view, Qt::LeftButton, {}, below.toPoint());
    QCOMPARE(count(view.kept()), 12);
  }

  void a_title_moves_its_axis() {
    ParallelView& view = parallel({700, 260});
    drag(view, view.title_place(0).center(), view.title_place(2).center());
    QCOMPARE(view.order().mid(0, 3), (QStringList{"out_features", "Accuracy", "lr"}));
    view.show_runs(plot_axes(table_), run_looks(table_, {}));
    QCOMPARE(view.order().mid(0, 3), (QStringList{"out_features", "Accuracy", "lr"}));
  }

  void a_line_is_pointed_at_and_clicked() {
    ParallelView& view = parallel({700, 260});
    QSignalSpy hovered(&view, &ParallelView::hovered_changed);
    QSignalSpy clicked(&view, &ParallelView::run_clicked);
    const QPointF on_line = view.place(1, 7) * 0.3 + view.place(2, 7) * 0.7;
    move_to(view, on_line);
    QCOMPARE(view.hovered(), 7);
    QTest::mouseClick(&view, Qt::LeftButton, {}, on_line.toPoint());
    QCOMPARE(clicked.count(), 1);
    QCOMPARE(clicked[0][0].toInt(), 7);
    move_to(view, QPointF(2, 2));
    QCOMPARE(view.hovered(), -1);
    QCOMPARE(hovered.count(), 2);
  }

  void the_best_line_is_drawn_in_the_accent() {
    ParallelView& view = parallel({700, 260});
    const int before = pixels_like(view.grab().toImage(), colours().accent);
    QVERIFY(before > 100);
    table_.rows[7].main = 0.1;  // now the worst
    view.show_runs(plot_axes(table_), run_looks(table_, {}));
    QVERIFY(pixels_like(view.grab().toImage(), colours().accent) > 100);
  }

  void the_staircase_goes_through_the_front() {
    ParetoView view;
    view.resize(700, 280);
    const auto front = front_of(table_, SweepCost::Parameters);
    QCOMPARE(count(front), 4);  // the middle rate at each width
    for (const bool is_log : {false, true}) {
      view.show_runs(cost_axis(table_, SweepCost::Parameters, is_log), main_axis(table_), run_looks(table_, {}), front,
                     true);
      QPolygonF expected;
      for (const std::size_t run : {std::size_t{4}, std::size_t{5}, std::size_t{6}, std::size_t{7}}) {
        if (!expected.isEmpty()) expected << QPointF(view.place(run).x(), expected.back().y());
        expected << view.place(run);
      }
      QCOMPARE(view.staircase(), expected);
      // Every other point lies on or below it, to the right of its corner.
      for (std::size_t run = 0; run < 12; ++run) QVERIFY(view.place(run).y() >= view.place(7).y() - 1e-9);
    }
    // Where less is better the staircase falls.
    table_.main_figure->better = "lower";
    const auto least = front_of(table_, SweepCost::Parameters);
    view.show_runs(cost_axis(table_, SweepCost::Parameters, true), main_axis(table_), run_looks(table_, {}), least,
                   false);
    QCOMPARE(count(least), 2);  // a tie
    QCOMPARE(view.staircase().size(), qsizetype{1});
  }

  void a_point_is_clicked() {
    ParetoView view;
    view.resize(700, 280);
    view.show_runs(cost_axis(table_, SweepCost::Macs, true), main_axis(table_), run_looks(table_, {}),
                   front_of(table_, SweepCost::Macs), true);
    QSignalSpy clicked(&view, &ParetoView::run_clicked);
    move_to(view, view.place(5) + QPointF(3, 3));
    QCOMPARE(view.hovered(), 5);
    QTest::mouseClick(&view, Qt::LeftButton, {}, view.place(5).toPoint());
    QCOMPARE(clicked.count(), 1);
    QCOMPARE(clicked[0][0].toInt(), 5);
    QTest::mouseClick(&view, Qt::LeftButton, {}, QPoint(view.width() - 3, view.height() / 2));
    QCOMPARE(clicked.count(), 1);
  }

  void empty_views_say_so() {
    SweepTable none;
    none.sweep = table_.sweep;
    ParallelView view;
    view.resize(400, 200);
    view.show_runs(plot_axes(none), run_looks(none, {}));
    ParetoView pareto;
    pareto.resize(400, 200);
    pareto.show_runs(cost_axis(none, SweepCost::Macs, false), main_axis(none), {}, {}, true);
    // Words, and no axis.
    QVERIFY(pixels_like(view.grab().toImage(), colours().muted) > 20);
    QVERIFY(pixels_like(pareto.grab().toImage(), colours().muted) > 20);
    move_to(view, {200, 100});
    QTest::mouseClick(&view, Qt::LeftButton, {}, {200, 100});
    QTest::mouseClick(&pareto, Qt::LeftButton, {}, {200, 100});
  }

  void the_table_sorts_by_numbers_and_keeps_its_order() {
    RunsTable runs;
    runs.resize(700, 300);
    table_.rows[2].main.reset();
    show(runs);
    runs.show();
    QVERIFY(QTest::qWaitForWindowExposed(&runs));
    const auto header_click = [&](int column) {
      const int x = runs.header()->sectionViewportPosition(column) + runs.header()->sectionSize(column) / 2;
      QTest::mouseClick(runs.header()->viewport(), Qt::LeftButton, {}, QPoint(x, runs.header()->height() / 2));
    };
    header_click(4);  // parameters: 82, 162, 322, 642
    QCOMPARE(runs.topLevelItem(0)->text(2), QString("4"));
    QCOMPARE(runs.topLevelItem(11)->text(2), QString("32"));
    header_click(3);
    header_click(3);  // accuracy, falling
    QCOMPARE(runs.topLevelItem(0)->text(0), QString("●  8"));
    QCOMPARE(runs.topLevelItem(11)->text(3), QString("–"));
    QTest::mouseClick(runs.viewport(), Qt::LeftButton, {}, runs.visualItemRect(runs.topLevelItem(1)).center());
    const int chosen = runs.selected();
    table_.rows[2].main = 0.99;
    show(runs);
    QCOMPARE(runs.topLevelItem(0)->text(0), QString("●  3"));
    QCOMPARE(runs.selected(), chosen);

    QSignalSpy opened(&runs, &RunsTable::run_opened);
    QTest::keyClick(&runs, Qt::Key_Return);
    QCOMPARE(opened.count(), 1);
    QCOMPARE(opened[0][0].toInt(), chosen);
    std::vector<bool> kept(12, true);
    kept[2] = false;
    runs.set_kept(kept);
    QVERIFY(runs.topLevelItem(0)->isHidden());
  }

 private:
  ParallelView& parallel(QSize size) {
    parallel_ = std::make_unique<ParallelView>();
    parallel_->resize(size);
    parallel_->show_runs(plot_axes(table_), run_looks(table_, {}));
    parallel_->show();
    if (!QTest::qWaitForWindowExposed(parallel_.get())) qFatal("no window");
    return *parallel_;
  }
  void show(RunsTable& runs) {
    runs.show_runs(table_, plot_axes(table_), run_looks(table_, {}), front_of(table_, SweepCost::Parameters),
                   "parameters");
  }

  SweepTable table_;
  std::unique_ptr<ParallelView> parallel_;
};

QTEST_MAIN(TestSweepViews)
#include "test_sweep_views.moc"
