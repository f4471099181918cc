#include <QChart>
#include <QLabel>
#include <QLineSeries>
#include <QTest>
#include <QToolButton>
#include <cmath>

#include "designer/theme/theme.h"
#include "designer/training/live_chart.h"
#include "designer/training/run_charts.h"
#include "designer/training/run_view.h"
#include "tests/designer/training/recorded_runs.h"

using namespace netwright;

namespace {

using Figures = std::vector<FigureSpec>;

template <class T>
T* find(const QWidget& in, const QString& name) {
  T* found = in.findChild<T*>(name);
  if (!found) qFatal("no %s", qPrintable(name));
  return found;
}

QStringList names_of(const std::vector<LegendEntry>& legend) {
  QStringList names;
  for (const LegendEntry& entry : legend) names << entry.name;
  return names;
}

/// The x of the curve of a chart that has this look.
std::vector<double> points_of(const LiveChart& chart, const QString& name) {
  for (int curve = 0; curve < chart.curve_count(); ++curve) {
    if (chart.look(curve).name == name) return chart.points(curve).y;
  }
  qFatal("no curve %s", qPrintable(name));
}

}  // namespace

class TestRunCharts : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { Theme::instance().set_appearance(Appearance::Light); }
  void figures_are_grouped_data();
  void figures_are_grouped();
  void a_single_figure_shows_its_splits();
  void figures_of_one_chart_differ_by_colour();
  void validation_is_named();
  void shares_are_percent();
  void the_rate_gets_a_chart_once_it_changes();
  void as_many_as_there_is_room_for_data();
  void as_many_as_there_is_room_for();
  void the_chooser_chooses();
  void a_choice_outlives_the_run();
  void log_axes_leave_shares_alone();
  void alarms_are_a_strip_and_marks();
  void another_run_starts_afresh();
  void a_narrow_chart_keeps_its_legend();
  void figures_of_epochs_alone_are_named();
};

void TestRunCharts::figures_are_grouped_data() {
  QTest::addColumn<Figures>("figures");
  QTest::addColumn<QStringList>("titles");
  QTest::addColumn<QList<int>>("counts");
  QTest::addRow("none") << Figures() << QStringList() << QList<int>();
  QTest::addRow("classification") << classification_run().figures << QStringList{"Loss", "Accuracy"}
                                  << QList<int>{1, 1};
  QTest::addRow("adversarial") << adversarial_run().figures
                               << QStringList{"Loss", "Discriminator's verdict", "Gradient norm", "Diversity",
                                              "Fréchet distance"}
                               << QList<int>{2, 2, 2, 1, 1};
  QTest::addRow("apart in the list") << Figures{{"a", "A", "One"}, {"b", "B", "Two"}, {"c", "C", "One"}}
                                     << QStringList{"One", "Two"} << QList<int>{2, 1};
  QTest::addRow("no chart named") << Figures{{"a", "A", ""}, {"b", "B", ""}} << QStringList{"A", "B"}
                                  << QList<int>{1, 1};
}

void TestRunCharts::figures_are_grouped() {
  QFETCH(Figures, figures);
  QFETCH(QStringList, titles);
  QFETCH(QList<int>, counts);
  RunEvent run;
  run.figures = figures;
  QStringList found;
  QList<int> sizes;
  for (const ChartPlan& plan : charts_of(record_of({run}))) {
    found << plan.title;
    sizes << static_cast<int>(plan.figures.size());
  }
  QCOMPARE(found, titles);
  QCOMPARE(sizes, counts);
}

void TestRunCharts::a_single_figure_shows_its_splits() {
  RunCharts charts;
  charts.resize(800, 300);
  charts.show();
  charts.show_run(record_of(classification_events()));
  const LiveChart* loss = charts.chart("Loss");
  QVERIFY(loss);
  QCOMPARE(names_of(loss->legend()), (QStringList{"steps", "train", "test"}));
  QCOMPARE(loss->points(0).size(), std::size_t{200});
  QCOMPARE(loss->points(0).x.back(), 2.0);
  QCOMPARE(points_of(*loss, "test"), (std::vector<double>{2.1 * std::exp(-100 / 80.0), 2.1 * std::exp(-200 / 80.0)}));
  QCOMPARE(charts.visible_charts(), (QStringList{"Loss", "Accuracy"}));
  QVERIFY(!find<QWidget>(charts, "training.chart_chooser")->isVisible());
}

void TestRunCharts::figures_of_one_chart_differ_by_colour() {
  RunCharts charts;
  charts.resize(900, 300);
  charts.show();
  QVERIFY(QTest::qWaitForWindowExposed(&charts));
  charts.show_run(record_of(adversarial_events()));
  LiveChart* loss = charts.chart("Loss");
  QVERIFY(loss);
  QCOMPARE(names_of(loss->legend()), (QStringList{"Generator", "Discriminator", "train"}));
  QCOMPARE(points_of(*loss, "Generator").size(), std::size_t{200});
  QCOMPARE(points_of(*loss, "Discriminator").size(), std::size_t{200});
  QCOMPARE(points_of(*loss, "Generator, train"), (std::vector<double>{1, 1}));
  int generator = -1;
  int generator_train = -1;
  int discriminator = -1;
  for (int curve = 0; curve < loss->curve_count(); ++curve) {
    if (loss->look(curve).name == "Generator") generator = curve;
    if (loss->look(curve).name == "Generator, train") generator_train = curve;
    if (loss->look(curve).name == "Discriminator") discriminator = curve;
  }
  QCOMPARE(loss->look(generator).series, loss->look(generator_train).series);
  QVERIFY(loss->look(generator).series != loss->look(discriminator).series);
  QVERIFY(loss->look(generator).marker != loss->look(generator_train).marker);

  // Both are really drawn, each in its colour.
  loss->set_smoothing(0);
  loss->reset_zoom();
  QSet<QRgb> drawn;
  for (const QAbstractSeries* series : loss->chart()->series()) {
    const auto* line = static_cast<const QLineSeries*>(series);
    if (line->count() > 50) drawn.insert(line->pen().color().rgb());
  }
  QCOMPARE(drawn.size(), 2);
  // What is measured once an epoch stands alone.
  QCOMPARE(names_of(charts.chart("Fréchet distance")->legend()), QStringList("test"));
  QCOMPARE(charts.chart("Fréchet distance")->title(), QString("Fréchet distance"));
  RunEvent other;
  other.figures = {{"kl", "KL divergence", "Code"}};
  charts.show_run(record_of({other}));
  QCOMPARE(charts.chart("Code")->title(), QString("Code: KL divergence"));
}

void TestRunCharts::validation_is_named() {
  RunEvent run = classification_run();
  run.validation_samples = 500;
  EpochEvent epoch;
  epoch.epoch = 1;
  epoch.held_out = {{"loss", 1.0}};
  RunCharts charts;
  charts.show_run(record_of({run, epoch}));
  QCOMPARE(names_of(charts.chart("Loss")->legend()), QStringList("validation"));
  // The next run has no validation split: the same charts, another name.
  charts.show_run(record_of({classification_run(), epoch}));
  QCOMPARE(names_of(charts.chart("Loss")->legend()), QStringList("test"));
}

void TestRunCharts::shares_are_percent() {
  RunCharts charts;
  charts.resize(800, 300);
  charts.show();
  QVERIFY(QTest::qWaitForWindowExposed(&charts));
  charts.show_run(record_of(classification_events()));
  LiveChart* accuracy = charts.chart("Accuracy");
  accuracy->reset_zoom();
  QCOMPARE(accuracy->frame().y, (Range{0, 100}));
  QCOMPARE(accuracy->points(0).y[0], 100 * (1 - std::exp(-1 / 80.0)));
  QVERIFY(charts.chart("Loss")->frame().y.high < 10);
}

void TestRunCharts::the_rate_gets_a_chart_once_it_changes() {
  const RunEvent run = classification_run();
  RunRecord record = record_of({run, step_of(run, 1, {{"loss", 1}}), step_of(run, 2, {{"loss", 1}})});
  RunCharts charts;
  charts.resize(1000, 300);
  charts.show();
  charts.show_run(record);
  QVERIFY(!charts.chart("Learning rate"));
  const LiveChart* loss = charts.chart("Loss");
  record.add(step_of(run, 3, {{"loss", 1}}, 0.0005));
  charts.follow(record);
  const LiveChart* rate = charts.chart("Learning rate");
  QVERIFY(rate);
  QCOMPARE(rate->points(0).y, (std::vector<double>{0.001, 0.001, 0.0005}));
  QCOMPARE(charts.chart("Loss"), loss);  // the others stay, with what the user did to them
  QCOMPARE(loss->points(0).size(), std::size_t{3});
  QCOMPARE(charts.visible_charts(), (QStringList{"Loss", "Accuracy", "Learning rate"}));
}

void TestRunCharts::as_many_as_there_is_room_for_data() {
  QTest::addColumn<QSize>("size");
  QTest::addColumn<QStringList>("visible");
  QTest::addRow("wide") << QSize(900, 260) << QStringList{"Loss", "Discriminator's verdict", "Fréchet distance"};
  QTest::addRow("tall") << QSize(300, 700) << QStringList{"Loss", "Discriminator's verdict", "Fréchet distance"};
  QTest::addRow("two beside each other") << QSize(420, 200) << QStringList{"Loss", "Fréchet distance"};
  QTest::addRow("one") << QSize(250, 170) << QStringList{"Loss"};
  QTest::addRow("too small for any") << QSize(160, 110) << QStringList{"Loss"};
}

void TestRunCharts::as_many_as_there_is_room_for() {
  QFETCH(QSize, size);
  QFETCH(QStringList, visible);
  RunCharts charts;
  charts.resize(size);
  charts.show();
  QVERIFY(QTest::qWaitForWindowExposed(&charts));
  charts.show_run(record_of(adversarial_events()));
  QCOMPARE(charts.visible_charts(), visible);
  // They share the room and don't overlap.
  QRegion taken;
  for (const QString& title : visible) {
    const QRect place = charts.chart(title)->geometry();
    QVERIFY(charts.rect().contains(place));
    QVERIFY(!taken.intersects(place));
    QVERIFY(visible.size() == 1 || (place.width() >= 180 && place.height() >= 110));
    taken += place;
  }
}

void TestRunCharts::the_chooser_chooses() {
  RunCharts charts;
  charts.resize(900, 260);
  charts.show();
  QVERIFY(QTest::qWaitForWindowExposed(&charts));
  charts.show_run(record_of(adversarial_events()));
  const auto press = [&](const char* title) {
    QTest::mouseClick(find<QToolButton>(charts, QString::fromUtf8("choose.") + QString::fromUtf8(title)),
                      Qt::LeftButton);
  };
  QVERIFY(find<QToolButton>(charts, "choose.Loss")->isChecked());
  QVERIFY(!find<QToolButton>(charts, "choose.Diversity")->isChecked());
  press("Diversity");  // a fourth: the one of the least weight gives way
  QCOMPARE(charts.visible_charts(), (QStringList{"Loss", "Diversity", "Fréchet distance"}));
  press("Loss");
  press("Fréchet distance");
  QCOMPARE(charts.visible_charts(), QStringList("Diversity"));
  press("Diversity");  // the last one stays
  QCOMPARE(charts.visible_charts(), QStringList("Diversity"));
  QVERIFY(find<QToolButton>(charts, "choose.Diversity")->isChecked());
  // A chart that was hidden has gone on.
  press("Gradient norm");
  QCOMPARE(points_of(*charts.chart("Gradient norm"), "Generator").size(), std::size_t{200});
}

void TestRunCharts::a_choice_outlives_the_run() {
  RunCharts charts;
  charts.resize(900, 260);
  charts.show();
  QVERIFY(QTest::qWaitForWindowExposed(&charts));
  charts.show_run(record_of(adversarial_events()));
  QTest::mouseClick(find<QToolButton>(charts, "choose.Diversity"), Qt::LeftButton);
  const QStringList chosen = charts.visible_charts();
  charts.show_run(record_of(adversarial_events()));
  QCOMPARE(charts.visible_charts(), chosen);
  // Of another kind of run the usual ones are shown.
  RunEvent other;
  other.figures = {{"mse", "Squared error", "Error", false, "lower"}};
  charts.show_run(record_of({other}));
  QCOMPARE(charts.visible_charts(), QStringList("Error"));
}

void TestRunCharts::log_axes_leave_shares_alone() {
  RunCharts charts;
  charts.show_run(record_of(adversarial_events()));
  charts.set_log(true);
  QVERIFY(charts.chart("Loss")->is_log());
  QVERIFY(!charts.chart("Discriminator's verdict")->is_log());
  // So do charts made later.
  charts.show_run(record_of(classification_events()));
  QVERIFY(charts.chart("Loss")->is_log());
  QVERIFY(!charts.chart("Accuracy")->is_log());
}

void TestRunCharts::alarms_are_a_strip_and_marks() {
  RunView view;
  view.resize(900, 400);
  view.show();
  QVERIFY(QTest::qWaitForWindowExposed(&view));
  RunRecord record = record_of(adversarial_events());
  view.show_run("Training", record, true);
  auto* strip = find<QWidget>(view, "training.alarms");
  const auto* words = find<QLabel>(view, "training.alarm_words");
  QVERIFY(!strip->isVisible());
  record.add(AlarmEvent{"collapse", "Samples look alike. Try a lower learning rate.", 200, 2, false});
  record.add(AlarmEvent{"imbalance", "The discriminator wins.", 200, 2, false});
  view.follow(record, true);
  QVERIFY(strip->isVisible());
  QCOMPARE(words->text(), QString("Samples look alike. Try a lower learning rate.\nThe discriminator wins."));
  const std::vector<ChartMark>& marks = view.charts()->chart("Loss")->marks();
  QCOMPARE(marks.size(), std::size_t{2});
  QCOMPARE(marks[0].x, 2.0);
  QCOMPARE(marks[0].text, QString("collapse"));
  QVERIFY(marks[0].is_warning);
  // The strip really shows in the warning's colour.
  const QImage picture = view.grab().toImage();
  const QPoint edge = strip->mapTo(&view, QPoint(1, strip->height() / 2));
  QCOMPARE(picture.pixelColor(edge * picture.devicePixelRatio()), colours().warning);

  view.resize(900, 250);
  QCOMPARE(words->text(), QString("Samples look alike. …\nThe discriminator wins."));
  QVERIFY(strip->toolTip().contains("lower learning rate"));
  view.resize(900, 400);

  record.add(AlarmEvent{"imbalance", "", 200, 2, true});
  view.follow(record, true);
  QCOMPARE(words->text(), QString("Samples look alike. Try a lower learning rate."));
  record.add(AlarmEvent{"collapse", "", 200, 2, true});
  view.follow(record, true);
  QVERIFY(!strip->isVisible());
  // A run without alarms doesn't inherit them.
  record.add(AlarmEvent{"divergence", "The loss grows.", 200, 2, false});
  view.follow(record, true);
  view.show_run("cnn", record_of(classification_events()), false);
  QVERIFY(!strip->isVisible());
}

void TestRunCharts::another_run_starts_afresh() {
  RunCharts charts;
  charts.show_run(record_of(classification_events()));
  const RunEvent run = classification_run();
  charts.show_run(record_of({run, step_of(run, 1, {{"loss", 5}})}));
  QCOMPARE(charts.chart("Loss")->points(0), (Curve{{0.01}, {5}}));
  QCOMPARE(charts.chart("Accuracy")->points(0).size(), std::size_t{0});
  charts.show_run({});
  QVERIFY(!charts.chart("Loss"));
  QVERIFY(charts.visible_charts().isEmpty());
}

void TestRunCharts::figures_of_epochs_alone_are_named() {
  RunEvent run = classification_run();
  run.figures.push_back({"f1", "F1", "Classes", true, "higher"});
  run.figures.push_back({"recall", "Recall", "Classes", true, "higher"});
  EpochEvent epoch{.epoch = 1, .step = 100};
  epoch.held_out = {{"f1", 0.8}, {"recall", 0.7}};
  RunCharts charts;
  charts.resize(900, 300);
  charts.show_run(record_of({run, epoch}));
  QCOMPARE(names_of(charts.chart("Classes")->legend()), (QStringList{"F1", "Recall", "test"}));
}

void TestRunCharts::a_narrow_chart_keeps_its_legend() {
  LiveChart chart("Discriminator's verdict");
  chart.add_curve({"Real samples", 0});
  chart.add_curve({"Generated samples", 1});
  for (int curve : {0, 1}) {
    for (int i = 0; i < 3; ++i) chart.append(curve, i, 0.5);
  }
  chart.resize(600, 200);
  chart.show();
  QVERIFY(QTest::qWaitForWindowExposed(&chart));
  const double wide_top = chart.frame().area.top();
  const auto has_both_colours_above = [&] {
    const QImage picture = chart.grab().toImage();
    QSet<QRgb> seen;
    for (int y = 0; y < chart.frame().area.top() - 2; ++y) {
      for (int x = 0; x < picture.width(); ++x) seen.insert(picture.pixelColor(x, y).rgb());
    }
    return seen.contains(colours().series[0].rgb()) && seen.contains(colours().series[1].rgb());
  };
  QVERIFY(has_both_colours_above());
  chart.resize(200, 200);
  QTRY_VERIFY(chart.frame().area.top() > wide_top);  // in a row of its own
  QVERIFY(has_both_colours_above());
}

QTEST_MAIN(TestRunCharts)
#include "test_run_charts.moc"
