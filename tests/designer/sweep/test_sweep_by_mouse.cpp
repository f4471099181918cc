// A sweep of twelve small runs with the real engine, from the button to the Pareto plot, by mouse.

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStandardPaths>
#include <QTest>
#include <QToolButton>
#include <QTreeWidget>

#include "backend/run/run_folder.h"
#include "designer/sweep/pareto_view.h"
#include "designer/sweep/runs_table.h"
#include "designer/sweep/sweep_dialog.h"
#include "designer/sweep/sweep_view.h"
#include "designer/training/run_list.h"
#include "tests/designer/training/panel_on_spirals.h"

using namespace netwright;

class TestSweepByMouse : public QObject, PanelOnSpirals {
  Q_OBJECT

 private slots:
  void initTestCase() { QStandardPaths::setTestModeEnabled(true); }
  void init() {
    begin({1300, 560});
    use_real_engine({"--epochs", "6", "--limit-samples", "400"});
  }
  void cleanup() { end(); }

  void twelve_runs_and_their_pareto_plot() {
    click(find<QToolButton>(*panel_, "training.sweep"));
    auto* dialog = panel_->findChild<SweepDialog*>();
    QVERIFY(dialog);
    choose(*dialog, "optimiser lr");
    choose(*dialog, "fc1 out_features");
    type(*dialog, "axis.fc1.out_features", "2, 4, 8, 32");
    auto* queue = find<QPushButton>(*dialog, "sweep.queue");
    QTRY_COMPARE(queue->text(), QString("Queue 12 runs"));
    click(queue);

    // The view of the sweep lives while its runs go on.
    auto* view = find<SweepView>(*panel_, "sweep.view");
    QTRY_VERIFY(view->isVisible());
    QVERIFY(panel_->is_running());
    QTRY_VERIFY_WITH_TIMEOUT(view->table().rows.size() >= 2, patience_ms);
    QVERIFY(view->isVisible());
    QCOMPARE(view->table().count, 12);
    QTRY_VERIFY_WITH_TIMEOUT(!panel_->is_running() && panel_->queue().is_empty(), patience_ms);
    QTRY_VERIFY_WITH_TIMEOUT(words(*view).startsWith("12 of 12 runs done"), patience_ms);
    const SweepTable& table = view->table();
    QCOMPARE(table.rows.size(), std::size_t{12});
    for (const SweepRow& row : table.rows) {
      QCOMPARE(row.ending, std::string("finished"));
      QCOMPARE(row.epochs, 6);
      QVERIFY(row.main && row.seconds && row.parameters && row.macs);
      const auto project = RunFolder::open(row.folder)->project();
      QVERIFY(project && Value(project->recipe.optimiser_settings.real("lr")) == row.values[0]);
    }
    // What was drawn isn't touched.
    QVERIFY(!document_->is_modified());

    // In the Runs list they stand under one heading.
    auto* runs = find<QTreeWidget>(*panel_, "training.runs");
    QTRY_VERIFY(runs->topLevelItemCount() == 1 && runs->topLevelItem(0)->childCount() == 12);
    QCOMPARE(runs->topLevelItem(0)->text(0), QString("Sweep of lr, out_features · 12 runs"));

    click(find<QToolButton>(*panel_, "sweep.show_pareto"));
    auto* pareto = find<ParetoView>(*panel_, "sweep.pareto");
    QVERIFY(pareto->isVisible());
    const std::vector<bool> front = front_of(table, SweepCost::Parameters);
    const auto on_front = static_cast<std::size_t>(std::find(front.begin(), front.end(), true) - front.begin());
    QVERIFY(on_front < front.size());
    QVERIFY(!pareto->staircase().isEmpty());
    QTest::mouseClick(pareto, Qt::LeftButton, {}, pareto->place(on_front).toPoint());

    // The run opens, says which it is, and leads back.
    auto* back = find<QToolButton>(*panel_, "sweep.back");
    QTRY_VERIFY(back->isVisible());
    QVERIFY(!view->isVisible());
    QVERIFY2(find<QLabel>(*panel_, "sweep.run_words")->text().startsWith(QString("Run %1:").arg(on_front + 1)),
             qPrintable(find<QLabel>(*panel_, "sweep.run_words")->text()));
    click(back);
    QTRY_VERIFY(view->isVisible());

    click(find<QToolButton>(*panel_, "sweep.show_table"));
    auto* rows = find<RunsTable>(*panel_, "sweep.table");
    QVERIFY(rows->isVisible() && !pareto->isVisible());
    QCOMPARE(rows->topLevelItemCount(), 12);

    // Runs of the sweep are compared as any others: two ticks.
    runs->topLevelItem(0)->setExpanded(true);
    for (const int row : {3, 5}) {
      runs->scrollToItem(runs->topLevelItem(0)->child(row));
      const QRect place = runs->visualItemRect(runs->topLevelItem(0)->child(row));
      QTest::mouseClick(runs->viewport(), Qt::LeftButton, {}, QPoint(place.left() + 8, place.center().y()));
    }
    QTRY_VERIFY(find<QWidget>(*panel_, "compare")->isVisible());
    runs->topLevelItem(0)->setExpanded(false);

    // A heading in the list leads there too.
    panel_->start();
    QTRY_VERIFY(!view->isVisible());
    QTRY_VERIFY_WITH_TIMEOUT(!panel_->is_running(), patience_ms);
    QTRY_COMPARE(runs->topLevelItemCount(), 2);
    const QRect heading = runs->visualItemRect(runs->topLevelItem(1));
    QTest::mouseClick(runs->viewport(), Qt::LeftButton, {}, QPoint(heading.left() + 60, heading.center().y()));
    QTRY_VERIFY(view->isVisible());
    QTRY_COMPARE(view->table().rows.size(), std::size_t{12});
  }

 private:
  static constexpr int patience_ms = 120'000;

  static void click(QWidget* widget) { QTest::mouseClick(widget, Qt::LeftButton); }
  static QString words(const SweepView& view) { return view.findChild<QLabel*>("sweep.words")->text(); }
  static void choose(const QWidget& dialog, const QString& search) {
    auto* line = find<QLineEdit>(dialog, "sweep.search");
    line->clear();
    QTest::keyClicks(line, search);
    auto* tree = find<QTreeWidget>(dialog, "sweep.settings");
    QTest::mouseClick(tree->viewport(), Qt::LeftButton, {},
                      tree->visualItemRect(tree->topLevelItem(0)->child(0)).center());
  }
  static void type(const QWidget& dialog, const char* card, const QString& text) {
    auto* line = find<QLineEdit>(*find<QWidget>(dialog, card), "axis.values");
    line->setFocus();
    line->selectAll();
    QTest::keyClicks(line, text);
  }
};

QTEST_MAIN(TestSweepByMouse)
#include "test_sweep_by_mouse.moc"
