// The live views of samples, on files as the engine writes them. With NETWRIGHT_PICTURES set to a folder, pictures of
// every view are kept there.

#include <QApplication>
#include <QDir>
#include <QLabel>
#include <QListWidget>
#include <QMouseEvent>
#include <QSignalSpy>
#include <QSlider>
#include <QTabBar>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <memory>

#include "designer/theme/theme.h"
#include "designer/training/attention_view.h"
#include "designer/training/class_legend.h"
#include "designer/training/forecast_view.h"
#include "designer/training/picture_rows_view.h"
#include "designer/training/sample_page.h"
#include "designer/training/sample_views.h"
#include "designer/training/scatter_view.h"
#include "designer/training/wall_view.h"
#include "tests/support/files.h"

using namespace netwright;

namespace {

constexpr int patience_ms = 10'000;
constexpr int cell = 8;

/// The colour of a picture of the wall, another for each place and epoch.
QColor colour_at(int epoch, int row, int column) {
  return QColor::fromHsv((row * 97 + column * 61) % 360, 120 + (epoch * 7) % 120, 60 + (epoch * 13) % 190).rgb();
}

QString file_of(const QString& kind, int epoch, const QString& suffix) {
  return QStringLiteral("samples/%1-%2.%3").arg(kind).arg(epoch, 4, 10, QLatin1Char('0')).arg(suffix);
}

SampleEvent event_of(const QString& kind, int epoch, const QString& file, int rows = 0, int columns = 0) {
  return {kind.toStdString(), file.toStdString(), epoch * 100, epoch, rows, columns};
}

/// Pictures of one colour each, as a grid.
SampleEvent write_grid(const QString& folder, const QString& kind, int epoch, int rows, int columns, int side = cell) {
  QDir(folder).mkpath(QStringLiteral("samples"));
  QImage image(columns * side, rows * side, QImage::Format_RGB32);
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x) image.setPixelColor(x, y, colour_at(epoch, y / side, x / side));
  }
  const QString file = file_of(kind, epoch, QStringLiteral("png"));
  if (!image.save(folder + QLatin1Char('/') + file)) qFatal("a picture can't be written");
  return event_of(kind, epoch, file, rows, columns);
}

SampleEvent write_json(const QString& folder, const QString& kind, int epoch, const QByteArray& json) {
  QDir(folder).mkpath(QStringLiteral("samples"));
  const QString file = file_of(kind, epoch, QStringLiteral("json"));
  if (!put_file(folder + QLatin1Char('/') + file, json)) qFatal("a file can't be written");
  return event_of(kind, epoch, file);
}

/// moc doesn't read raw strings.
QByteArray quoted(QByteArray json) {
  return json.replace('\'', '"');
}

const QByteArray code_json = quoted(
    "{'classes':['cat','dog','bird'],'points':[[0,0],[1,2],[3,1],[-2,1],[null,0]],"
    "'labels':[0,1,2,1,0],'explained':[0.61,0.204],'layer':'encoder3'}");
const QByteArray points_json = quoted("{'real':[[0,0],[1,1],[0,1]],'fake':[[0.5,0.5],[30,30]]}");
const QByteArray attention_json = quoted(
    "{'layer':'attention1','samples':["
    "{'tokens':['b','o','n'],'weights':[0.1,0.7,0.2],'target':'French','predicted':'French'},"
    "{'tokens':['der','Hund'],'weights':[[0.9,0.1],[0.25,0.75]],'target':'German','predicted':'Dutch'}]}");
const QByteArray forecast_json = quoted(
    "{'series':[{'name':'channel 1','past':[1,2,3,4],'truth':[5,6],'forecast':[4.5,null]},"
    "{'name':'flat','past':[2,2],'truth':[2],'forecast':[2]}]}");

/// One event of each kind.
std::vector<SampleEvent> write_all_kinds(const QString& folder, int epoch) {
  return {write_grid(folder, "wall", epoch, 2, 3),
          write_grid(folder, "reconstructions", epoch, 3, 5),
          write_grid(folder, "masks", epoch, 3, 4),
          write_json(folder, "code", epoch, code_json),
          write_json(folder, "points", epoch, points_json),
          write_json(folder, "attention", epoch, attention_json),
          write_json(folder, "forecast", epoch, forecast_json)};
}

QColor pixel(QWidget& widget, QPointF at) {
  const QImage image = widget.grab().toImage();
  return image.pixelColor((at * image.devicePixelRatio()).toPoint());
}

void move_mouse(QWidget& widget, QPointF at) {
  QMouseEvent event(QEvent::MouseMove, at, widget.mapToGlobal(at), Qt::NoButton, Qt::NoButton, Qt::NoModifier);
  QApplication::sendEvent(&widget, &event);
}

int pixels_of(QWidget& widget, const QColor& colour) {
  const QImage image = widget.grab().toImage();
  int count = 0;
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x) count += image.pixelColor(x, y) == colour;
  }
  return count;
}

template <class View>
View& view_of(SamplePage& page) {
  auto* view = qobject_cast<View*>(page.view());
  if (!view) qFatal("another view than expected");
  return *view;
}

}  // namespace

class TestSampleViews : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { Theme::instance().set_appearance(Appearance::Light); }
  void init();
  void cleanup();
  void an_empty_run_says_so();
  void each_kind_has_its_page();
  void another_run_begins_anew();
  void a_wall_is_scaled_by_whole_pixels_data();
  void a_wall_is_scaled_by_whole_pixels();
  void time_follows_the_end_until_moved_back();
  void time_is_moved_by_mouse_and_keys();
  void a_picture_is_enlarged_with_its_past();
  void rows_are_captioned_data();
  void rows_are_captioned();
  void wide_grids_fold_where_that_enlarges_them();
  void a_code_map_mutes_and_names_classes();
  void axes_say_what_they_explain();
  void errors_stand_by_the_class();
  void generated_points_may_lie_outside();
  void attention_over_tokens();
  void attention_between_tokens();
  void attention_list_leaves_time_its_keys();
  void forecasts_stand_beside_the_truth();
  void damaged_files_show_words_data();
  void damaged_files_show_words();
  void a_file_that_comes_back_is_shown();
  void hundreds_of_epochs_keep_up();
  void a_cache_stays_small();
  void views_of_any_size_data();
  void views_of_any_size();
  void light_and_dark();

 private:
  SamplePage& page(const char* kind);
  void show(std::vector<SampleEvent> events, bool is_live = true);
  void wait_for(SamplePage& page) { QTRY_COMPARE_WITH_TIMEOUT(page.shown(), page.timeline()->position(), patience_ms); }

  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<SampleViews> views_;
};

void TestSampleViews::init() {
  folder_ = std::make_unique<QTemporaryDir>();
  QVERIFY(folder_->isValid());
  views_ = std::make_unique<SampleViews>();
  views_->resize(640, 360);
  views_->show();
  QVERIFY(QTest::qWaitForWindowExposed(views_.get()));
}

void TestSampleViews::cleanup() {
  views_.reset();
  folder_.reset();
}

void TestSampleViews::show(std::vector<SampleEvent> events, bool is_live) {
  views_->show_samples(folder_->path(), events, is_live);
}

/// Brought to the front by a click on its tab, where there is more than one.
SamplePage& TestSampleViews::page(const char* kind) {
  auto* tabs = views_->findChild<QTabBar*>("samples.kinds");
  for (int i = 0; i < tabs->count(); ++i) {
    if (tabs->tabData(i).toString() == QLatin1String(kind) && tabs->isVisible()) {
      QTest::mouseClick(tabs, Qt::LeftButton, {}, tabs->tabRect(i).center());
    }
  }
  for (SamplePage* page : views_->findChildren<SamplePage*>()) {
    if (page->isVisible()) return *page;
  }
  qFatal("no page is visible");
}

void TestSampleViews::an_empty_run_says_so() {
  QVERIFY(views_->is_empty());
  show({}, true);
  auto* words = views_->findChild<QLabel*>("samples.invitation");
  QVERIFY(words->isVisible());
  QVERIFY(words->text().contains("first epoch"));
  show({event_of("hologram", 1, "samples/hologram-0001.png", 1, 1)}, false);
  QVERIFY(views_->is_empty());
  QVERIFY(words->text().contains("no samples"));
}

void TestSampleViews::each_kind_has_its_page() {
  std::vector<SampleEvent> events = write_all_kinds(folder_->path(), 1);
  events.push_back(event_of("hologram", 1, "samples/hologram-0001.png"));
  show(events);
  QVERIFY(!views_->is_empty());
  auto* tabs = views_->findChild<QTabBar*>("samples.kinds");
  QCOMPARE(tabs->count(), 7);
  QCOMPARE(tabs->tabText(0), QString("Samples"));
  for (const char* kind : {"wall", "reconstructions", "masks", "code", "points", "attention", "forecast"}) {
    SamplePage& shown = page(kind);
    wait_for(shown);
    QCOMPARE(shown.problem(), QString());
    QVERIFY(shown.view()->isVisible());
  }
}

void TestSampleViews::another_run_begins_anew() {
  show({write_grid(folder_->path(), "wall", 1, 2, 3), write_grid(folder_->path(), "wall", 2, 2, 3),
        write_json(folder_->path(), "code", 1, code_json)});
  page("wall").timeline()->move_to(0);
  const QTemporaryDir other;
  views_->show_samples(other.path(), {write_grid(other.path(), "wall", 9, 2, 3)}, false);
  QCOMPARE(views_->findChildren<SamplePage*>().size(), 1);
  SamplePage& shown = page("wall");
  wait_for(shown);
  QCOMPARE(shown.timeline()->position(), 0);
  QCOMPARE(pixel(*shown.view(), view_of<WallView>(shown).place(1, 2).center()), colour_at(9, 1, 2));
  QVERIFY(!views_->findChild<QTabBar*>("samples.kinds")->isVisible());
}

void TestSampleViews::a_wall_is_scaled_by_whole_pixels_data() {
  QTest::addColumn<int>("side");
  QTest::addColumn<bool>("is_whole");
  QTest::addRow("small pictures grow") << 8 << true;
  QTest::addRow("one to one") << 100 << true;
  QTest::addRow("large pictures shrink to fit") << 300 << false;
}

void TestSampleViews::a_wall_is_scaled_by_whole_pixels() {
  QFETCH(int, side);
  QFETCH(bool, is_whole);
  show({write_grid(folder_->path(), "wall", 3, 2, 3, side)});
  SamplePage& shown = page("wall");
  wait_for(shown);
  auto& wall = view_of<WallView>(shown);
  for (int row = 0; row < 2; ++row) {
    for (int column = 0; column < 3; ++column) {
      const QRectF place = wall.place(row, column);
      QVERIFY(QRectF(wall.rect()).contains(place));
      if (is_whole) QCOMPARE(std::fmod(place.width() * wall.devicePixelRatioF(), side), 0.0);
      QCOMPARE(place.left(), std::round(place.left()));
      QCOMPARE(pixel(wall, place.center()), colour_at(3, row, column));
    }
  }
  QVERIFY(!wall.place(0, 0).intersects(wall.place(0, 1)));
  if (is_whole) {  // sharp: the colour goes to the very edge
    const QRectF place = wall.place(1, 1);
    QCOMPARE(pixel(wall, place.topLeft()), colour_at(3, 1, 1));
    QCOMPARE(pixel(wall, place.bottomRight() - QPointF(1, 1)), colour_at(3, 1, 1));
  }
}

void TestSampleViews::time_follows_the_end_until_moved_back() {
  std::vector<SampleEvent> events;
  const auto add = [&] {
    events.push_back(write_grid(folder_->path(), "wall", static_cast<int>(events.size()) + 1, 1, 1));
    show(events);
  };
  for (int i = 0; i < 4; ++i) add();
  SamplePage& shown = page("wall");
  auto* words = shown.findChild<QLabel*>("samples.moment");
  auto* latest = shown.findChild<QToolButton*>("samples.latest");
  QCOMPARE(shown.timeline()->position(), 3);
  QCOMPARE(words->text(), QString("epoch 4  ·  step 400"));
  QVERIFY(latest->isChecked());
  shown.timeline()->move_to(1);
  add();
  QCOMPARE(shown.timeline()->position(), 1);
  wait_for(shown);
  auto& wall = view_of<WallView>(shown);
  QCOMPARE(pixel(wall, wall.place(0, 0).center()), colour_at(2, 0, 0));
  QVERIFY(!latest->isChecked());
  QTest::mouseClick(latest, Qt::LeftButton);
  QVERIFY(latest->isChecked());
  QCOMPARE(shown.timeline()->position(), 4);
  add();
  QCOMPARE(shown.timeline()->position(), 5);
  wait_for(shown);
  QCOMPARE(pixel(wall, wall.place(0, 0).center()), colour_at(6, 0, 0));
}

void TestSampleViews::time_is_moved_by_mouse_and_keys() {
  std::vector<SampleEvent> events;
  for (int epoch = 1; epoch <= 60; ++epoch) events.push_back(write_grid(folder_->path(), "wall", epoch, 1, 2));
  events.front().step = 6570;
  events.front().epoch = 0;
  show(events);
  SamplePage& shown = page("wall");
  QSlider* slider = shown.timeline()->slider();
  QTest::mouseClick(slider, Qt::LeftButton, {}, QPoint(2, slider->height() / 2));
  QCOMPARE(shown.timeline()->position(), 0);
  QCOMPARE(shown.findChild<QLabel*>("samples.moment")->text(), QString("epoch 0  ·  step 6,570"));
  QTest::mouseClick(slider, Qt::LeftButton, {}, slider->rect().center());
  QVERIFY(std::abs(shown.timeline()->position() - 30) <= 2);
  const int before = shown.timeline()->position();
  auto& wall = view_of<WallView>(shown);
  wall.setFocus();
  QTest::keyClick(&wall, Qt::Key_Left);
  QCOMPARE(shown.timeline()->position(), before - 1);
  QTest::keyClick(&wall, Qt::Key_Right);
  QTest::keyClick(&wall, Qt::Key_Right);
  QCOMPARE(shown.timeline()->position(), before + 1);
  QTest::keyClick(slider, Qt::Key_Home);
  QCOMPARE(shown.timeline()->position(), 0);
  QTest::keyClick(&wall, Qt::Key_End);
  QCOMPARE(shown.timeline()->position(), 59);
  wait_for(shown);
  QCOMPARE(pixel(wall, wall.place(0, 1).center()), colour_at(60, 0, 1));
}

void TestSampleViews::a_picture_is_enlarged_with_its_past() {
  std::vector<SampleEvent> events;
  for (int epoch = 1; epoch <= 5; ++epoch) events.push_back(write_grid(folder_->path(), "wall", epoch, 2, 3));
  show(events);
  SamplePage& shown = page("wall");
  wait_for(shown);
  auto& wall = view_of<WallView>(shown);
  const double before = wall.place(1, 2).width();
  QTest::mouseClick(&wall, Qt::LeftButton, {}, wall.place(1, 2).center().toPoint());
  QCOMPARE(wall.chosen(), std::optional(PictureSheet::Cell{1, 2}));
  QVERIFY(wall.place(1, 2).width() <= before);
  QTRY_COMPARE_WITH_TIMEOUT(wall.history_size(), std::size_t{5}, patience_ms);
  for (std::size_t i = 0; i < 5; ++i) {
    const QRectF place = wall.history_place(i);
    QVERIFY(QRectF(wall.rect()).contains(place));
    QCOMPARE(pixel(wall, place.center()), colour_at(static_cast<int>(i) + 1, 1, 2));
  }
  // More of its past comes as it trains.
  events.push_back(write_grid(folder_->path(), "wall", 6, 2, 3));
  show(events);
  QTRY_COMPARE_WITH_TIMEOUT(wall.history_size(), std::size_t{6}, patience_ms);
  QTest::mouseClick(&wall, Qt::LeftButton, {}, wall.history_place(1).center().toPoint());
  QCOMPARE(shown.timeline()->position(), 1);
  wait_for(shown);
  QCOMPARE(pixel(wall, wall.place(0, 0).center()), colour_at(2, 0, 0));
  QTest::mouseClick(&wall, Qt::LeftButton, {}, wall.place(0, 1).center().toPoint());
  QCOMPARE(wall.chosen(), std::optional(PictureSheet::Cell{0, 1}));
  QCOMPARE(pixel(wall, wall.history_place(2).center()), colour_at(3, 0, 1));
  QTest::keyClick(&wall, Qt::Key_Escape);
  QVERIFY(!wall.chosen());
  QTest::mouseClick(&wall, Qt::LeftButton, {}, wall.place(0, 1).center().toPoint());
  QTest::mouseClick(&wall, Qt::LeftButton, {}, wall.place(0, 1).center().toPoint());
  QVERIFY(!wall.chosen());
}

void TestSampleViews::rows_are_captioned_data() {
  QTest::addColumn<QString>("kind");
  QTest::addColumn<int>("rows");
  QTest::addColumn<QStringList>("captions");
  QTest::addRow("two rows") << "reconstructions" << 2 << QStringList{"Input", "Output"};
  QTest::addRow("denoising") << "reconstructions" << 3 << QStringList{"Clean", "Seen", "Output"};
  QTest::addRow("masks") << "masks" << 3 << QStringList{"Image", "Truth", "Predicted"};
  QTest::addRow("another number") << "reconstructions" << 5 << QStringList{};
}

void TestSampleViews::rows_are_captioned() {
  QFETCH(QString, kind);
  QFETCH(int, rows);
  QFETCH(QStringList, captions);
  show({write_grid(folder_->path(), kind, 1, rows, 4)});
  SamplePage& shown = page(qPrintable(kind));
  wait_for(shown);
  auto& view = view_of<PictureRowsView>(shown);
  QCOMPARE(view.captions(), captions);
  for (int row = 0; row < rows; ++row) {
    QCOMPARE(pixel(view, view.place(row, 3).center()), colour_at(1, row, 3));
  }
}

void TestSampleViews::wide_grids_fold_where_that_enlarges_them() {
  PictureGrid grid{QImage(16 * 28, 2 * 28, QImage::Format_RGB32), 2, 16};
  const QRectF area(0, 0, 500, 400);
  const PictureSheet flat(grid, area, 1, {.may_fold = false});
  const PictureSheet folded(grid, area, 1, {.may_fold = true});
  QCOMPARE(flat.place({0, 0}).width(), 28.0);
  QVERIFY(folded.place({0, 0}).width() >= 56.0);
  QVERIFY(folded.bands() > 1);
  // Every picture has a place of its own within the area.
  std::vector<QRectF> places;
  for (int row = 0; row < 2; ++row) {
    for (int column = 0; column < 16; ++column) {
      const QRectF place = folded.place({row, column});
      QVERIFY(area.contains(place));
      for (const QRectF& other : places) QVERIFY(!place.intersects(other));
      places.push_back(place);
      QCOMPARE(folded.cell_at(place.center()), std::optional(PictureSheet::Cell{row, column}));
    }
  }
  QCOMPARE(folded.place({0, 9}).top(), folded.place({1, 9}).top() - folded.place({0, 9}).height() - 2);
}

void TestSampleViews::a_code_map_mutes_and_names_classes() {
  show({write_json(folder_->path(), "code", 1, code_json), write_json(folder_->path(), "code", 2, code_json)});
  SamplePage& shown = page("code");
  wait_for(shown);
  auto& map = view_of<ScatterView>(shown);
  ClassLegend& legend = *map.legend();
  QCOMPARE(legend.names(), (QStringList{"cat", "dog", "bird"}));
  move_mouse(map, map.place(2));
  QCOMPARE(map.hovered_name(), QString("bird"));
  move_mouse(map, QPointF(2, 2));
  QCOMPARE(map.hovered_name(), QString());
  const auto is_drawn = [&](std::size_t point) { return pixel(map, map.place(point)) != colours().surface; };
  QVERIFY(is_drawn(1));
  QTest::mouseClick(&legend, Qt::LeftButton, {}, legend.place(1).center().toPoint());
  QVERIFY(legend.is_muted(1));
  move_mouse(map, QPointF(2, 2));
  QVERIFY(!is_drawn(1));
  QVERIFY(is_drawn(2));
  move_mouse(map, map.place(1));
  QCOMPARE(map.hovered_name(), QString());
  // What was muted stays so through time.
  shown.timeline()->move_to(0);
  wait_for(shown);
  QVERIFY(legend.is_muted(1));
  legend.setFocus();
  QTest::keyClick(&legend, Qt::Key_Space);
  QVERIFY(!legend.is_muted(1));
  QTest::keyClick(&legend, Qt::Key_Down);
  QTest::keyClick(&legend, Qt::Key_Space);
  QVERIFY(legend.is_muted(2));
}

void TestSampleViews::axes_say_what_they_explain() {
  const auto content = read_sample(folder_->path(), write_json(folder_->path(), "code", 1, code_json));
  QVERIFY(content);
  const auto& scatter = std::get<Scatter>(*content);
  QCOMPARE(scatter.x_title, QString("PC 1 (61 %)"));
  QCOMPARE(scatter.y_title, QString("PC 2 (20 %)"));
  QCOMPARE(scatter.points.size(), std::size_t{4});
  QCOMPARE(scatter.left_out, 1);
  // A distance is as long along x as along y.
  ScatterView map;
  map.resize(500, 300);
  map.show_scatter({.groups = {}, .points = {{0, 0}, {1, 0}, {0, 1}}, .labels = {-1, -1, -1}});
  QVERIFY(qFuzzyCompare(map.place(1).x() - map.place(0).x(), map.place(0).y() - map.place(2).y()));
}

void TestSampleViews::errors_stand_by_the_class() {
  const auto content = read_sample(
      folder_->path(), write_json(folder_->path(), "code", 1,
                                  quoted("{'classes':['cat'],'points':[[null,1],[0,0],[5,5]],'labels':[0,0,0],"
                                         "'errors':[9,0.125,0.5]}")));
  QVERIFY(content);
  ScatterView map;
  map.resize(500, 300);
  map.show_scatter(std::get<Scatter>(*content));
  move_mouse(map, map.place(0));
  QCOMPARE(map.hovered_name(), QString("cat  ·  error 0.1250"));
  move_mouse(map, map.place(1));
  QCOMPARE(map.hovered_name(), QString("cat  ·  error 0.5000"));
}

void TestSampleViews::generated_points_may_lie_outside() {
  show({write_json(folder_->path(), "points", 1, points_json)});
  SamplePage& shown = page("points");
  wait_for(shown);
  auto& map = view_of<ScatterView>(shown);
  QCOMPARE(map.legend()->names(), (QStringList{"Real", "Generated"}));
  // One that runs away doesn't make the others a dot: the real ones frame the plot.
  QVERIFY((map.place(2) - map.place(0)).manhattanLength() > 50);
  QVERIFY(!QRectF(map.rect()).contains(map.place(3)));
}

void TestSampleViews::attention_over_tokens() {
  show({write_json(folder_->path(), "attention", 1, attention_json)});
  SamplePage& shown = page("attention");
  wait_for(shown);
  auto& view = view_of<AttentionView>(shown);
  QCOMPARE(view.list()->count(), 2);
  QCOMPARE(view.list()->item(0)->text(), QString("bon"));
  QCOMPARE(view.list()->item(1)->text(), QString("der Hund"));
  QVERIFY(view.list()->item(1)->toolTip().contains("is German, taken for Dutch"));
  AttentionMap& map = *view.map();
  QCOMPARE(map.words_at(map.place(0, 1).center()), QString("o: 70.0 %"));
  QCOMPARE(map.words_at(map.place(0, 0).center()), QString("b: 10.0 %"));
  QCOMPARE(map.words_at({1, 1}), QString());
  // The more weight, the more ink.
  const auto darkness = [&](std::size_t token) {
    return pixel(map, map.place(0, token).bottomLeft() + QPointF(5, -3)).lightness();
  };
  QVERIFY(darkness(1) < darkness(2));
  QVERIFY(darkness(2) < darkness(0));
}

void TestSampleViews::attention_between_tokens() {
  show({write_json(folder_->path(), "attention", 1, attention_json)});
  SamplePage& shown = page("attention");
  wait_for(shown);
  auto& view = view_of<AttentionView>(shown);
  const QRect second = view.list()->visualItemRect(view.list()->item(1));
  QTest::mouseClick(view.list()->viewport(), Qt::LeftButton, {}, second.center());
  AttentionMap& map = *view.map();
  QCOMPARE(map.words_at(map.place(0, 0).center()), QString("der attends to der: 90.0 %"));
  QCOMPARE(map.words_at(map.place(1, 0).center()), QString("Hund attends to der: 25.0 %"));
  QVERIFY(pixel(map, map.place(0, 0).center()).lightness() < pixel(map, map.place(0, 1).center()).lightness());
}

void TestSampleViews::attention_list_leaves_time_its_keys() {
  show({write_json(folder_->path(), "attention", 1, attention_json),
        write_json(folder_->path(), "attention", 2, attention_json)});
  SamplePage& shown = page("attention");
  wait_for(shown);
  auto& view = view_of<AttentionView>(shown);
  view.list()->setFocus();
  QTest::keyClick(view.list(), Qt::Key_Down);
  QCOMPARE(view.list()->currentRow(), 1);
  QTest::keyClick(view.list(), Qt::Key_Left);
  QCOMPARE(shown.timeline()->position(), 0);
  wait_for(shown);
  QCOMPARE(view.list()->currentRow(), 1);
}

void TestSampleViews::forecasts_stand_beside_the_truth() {
  show({write_json(folder_->path(), "forecast", 1, forecast_json)});
  SamplePage& shown = page("forecast");
  wait_for(shown);
  ForecastCharts& charts = *view_of<ForecastView>(shown).charts();
  QCOMPARE(charts.count(), std::size_t{2});
  const PlotFrame frame = charts.frame(0);
  QCOMPARE(frame.x, (Range{-3, 2}));
  QVERIFY(frame.y.low < 1 && frame.y.high > 6);
  // From the last of the past on, the truth goes up to 6, and the forecast ends after its first value.
  const auto inks = [&](double step, double value) {
    return pixel(charts, {frame.to_x(step), frame.to_y(value)}) != colours().surface;
  };
  QVERIFY(inks(-2, 2));
  QVERIFY(inks(1.5, 5.5));
  QVERIFY(inks(0.5, 4.25));
  QVERIFY(!inks(1.5, 4.5));
  QVERIFY(pixels_of(charts, series_colour(1)) > 2);
  QVERIFY(charts.frame(1).y.width() > 0);
  QVERIFY(QRectF(charts.rect()).contains(charts.frame(1).area));
  // The truth ends at its value.
  const QPointF end(frame.to_x(2), frame.to_y(6));
  QVERIFY(QRectF(charts.rect()).contains(end));
  move_mouse(charts, QPointF(frame.to_x(1), frame.area.center().y()));
  QVERIFY(pixels_of(charts, series_colour(1)) > 5);
}

void TestSampleViews::damaged_files_show_words_data() {
  QTest::addColumn<QString>("kind");
  QTest::addColumn<QString>("file");
  QTest::addColumn<QByteArray>("content");
  QTest::addColumn<int>("rows");
  QTest::addColumn<QString>("words");
  const auto row = [](const char* name, const char* kind, const char* file, const QByteArray& content,
                      const char* words, int rows = 1) {
    QTest::newRow(name) << QString(kind) << QString(file) << content << rows << QString(words);
  };
  row("not there", "wall", "samples/gone.png", {}, "samples/gone.png: the file isn't there any more");
  row("no picture", "wall", "samples/a.png", "not a picture", "the picture is damaged");
  row("empty", "masks", "samples/a.png", " ", "the picture is damaged");
  row("no rows", "wall", "samples/a.png", "x", "doesn't say how many pictures", 0);
  row("outside", "code", "../a.json", code_json, "isn't in the run's folder");
  row("absolute", "code", "/etc/passwd", {}, "isn't in the run's folder");
  row("a folder", "code", "samples", {}, "isn't there any more");
  row("not JSON", "code", "samples/a.json", "{", "the file is damaged: it isn't JSON");
  row("no list", "points", "samples/a.json", quoted("{'real':3,'fake':[]}"), "“real” isn't a list");
  row("another form", "attention", "samples/a.json", "[1,2]", "“samples” is missing");
  row("no numbers", "code", "samples/a.json", quoted("{'points':[[1,'x']]}"), "a number is missing");
  row("no point", "code", "samples/a.json", quoted("{'points':[[1,2,3]]}"), "a point isn't two numbers");
  row("labels that don't fit", "code", "samples/a.json", quoted("{'points':[[1,2]],'labels':[1,2]}"),
      "there are 2 labels for 1 points");
  row("weights that don't fit", "attention", "samples/a.json",
      quoted("{'samples':[{'tokens':['a','b'],'weights':[1]}]}"), "there are 1 weights for 2 tokens");
  row("a series without a past", "forecast", "samples/a.json", quoted("{'series':[{'truth':[1],'forecast':[1]}]}"),
      "“past” is missing");
}

void TestSampleViews::damaged_files_show_words() {
  QFETCH(QString, kind);
  QFETCH(QString, file);
  QFETCH(QByteArray, content);
  QFETCH(int, rows);
  QFETCH(QString, words);
  const bool is_picture = kind == "wall" || kind == "masks";
  const SampleEvent sound = is_picture           ? write_grid(folder_->path(), kind, 1, 3, 2)
                            : kind == "code"     ? write_json(folder_->path(), kind, 1, code_json)
                            : kind == "points"   ? write_json(folder_->path(), kind, 1, points_json)
                            : kind == "forecast" ? write_json(folder_->path(), kind, 1, forecast_json)
                                                 : write_json(folder_->path(), kind, 1, attention_json);
  if (!content.isEmpty() && file.startsWith("samples/")) {
    QVERIFY(put_file(folder_->filePath(file), content));
  }
  show({sound, event_of(kind, 2, file, rows, 2)});
  SamplePage& shown = page(qPrintable(kind));
  wait_for(shown);
  QVERIFY2(shown.problem().contains(words), qPrintable(shown.problem()));
  QVERIFY(shown.findChild<QLabel*>("samples.problem")->isVisible());
  // The others can still be looked at.
  QTest::keyClick(shown.timeline()->slider(), Qt::Key_Left);
  wait_for(shown);
  QCOMPARE(shown.problem(), QString());
  QVERIFY(shown.view()->isVisible());
}

void TestSampleViews::a_file_that_comes_back_is_shown() {
  const SampleEvent first = write_grid(folder_->path(), "wall", 1, 1, 1);
  const SampleEvent second = write_grid(folder_->path(), "wall", 2, 1, 1);
  const QString path = folder_->filePath(QString::fromStdString(second.file));
  QVERIFY(QFile::rename(path, path + ".away"));
  show({first, second});
  SamplePage& shown = page("wall");
  wait_for(shown);
  QVERIFY(!shown.problem().isEmpty());
  QVERIFY(QFile::rename(path + ".away", path));
  shown.timeline()->move_to(0);
  wait_for(shown);
  shown.timeline()->move_to(1);
  wait_for(shown);
  QCOMPARE(shown.problem(), QString());
}

void TestSampleViews::hundreds_of_epochs_keep_up() {
  std::vector<SampleEvent> events;
  for (int epoch = 1; epoch <= 300; ++epoch) {
    events.push_back(write_grid(folder_->path(), "wall", epoch, 4, 4));
    events.push_back(write_json(folder_->path(), "code", epoch, code_json));
    show(events);
    if (epoch == 20) {
      SamplePage& shown = page("wall");
      wait_for(shown);
      auto& wall = view_of<WallView>(shown);
      QTest::mouseClick(&wall, Qt::LeftButton, {}, wall.place(2, 1).center().toPoint());
      QVERIFY(wall.chosen());
    }
    QCoreApplication::processEvents();
  }
  SamplePage& shown = page("wall");
  wait_for(shown);
  QCOMPARE(shown.shown(), 299);
  auto& wall = view_of<WallView>(shown);
  QCOMPARE(pixel(wall, wall.place(3, 3).center()), colour_at(300, 3, 3));
  // Every twentieth, the first and the last.
  QTRY_COMPARE_WITH_TIMEOUT(wall.history_size(), std::size_t{16}, patience_ms);
  QTRY_COMPARE_WITH_TIMEOUT(pixel(wall, wall.history_place(15).center()), colour_at(300, 2, 1), patience_ms);
  QCOMPARE(pixel(wall, wall.history_place(0).center()), colour_at(1, 2, 1));
  QCOMPARE(pixel(wall, wall.history_place(1).center()), colour_at(20, 2, 1));
  // To and fro, fast: the last wish counts.
  for (const int position : {0, 250, 3, 199, 7, 120, 42}) shown.timeline()->move_to(position);
  wait_for(shown);
  QCOMPARE(pixel(wall, wall.place(0, 0).center()), colour_at(43, 0, 0));
  SamplePage& code = page("code");
  wait_for(code);
  QCOMPARE(code.shown(), 299);
}

void TestSampleViews::a_cache_stays_small() {
  SampleCache cache(100'000);
  const auto sample = [](int side) {
    return ReadSample{
        std::make_shared<const SampleContent>(PictureGrid{QImage(side, side, QImage::Format_RGB32), 1, 1}), {}};
  };
  for (int i = 0; i < 20; ++i) {
    cache.add(std::to_string(i), sample(80));  // 25.6 kB each
    QVERIFY(cache.find("0"));                  // what is used stays
    QVERIFY(cache.bytes() <= 100'000);
  }
  QVERIFY(cache.find("19"));
  QVERIFY(!cache.find("5"));
  cache.add("huge", sample(1000));
  QVERIFY(cache.find("huge"));
  cache.add("broken", {nullptr, "no"});
  QVERIFY(!cache.find("broken"));
  cache.clear();
  QCOMPARE(cache.bytes(), std::size_t{0});
}

void TestSampleViews::views_of_any_size_data() {
  QTest::addColumn<QSize>("size");
  QTest::addRow("nothing") << QSize(1, 1);
  QTest::addRow("narrow") << QSize(170, 400);
  QTest::addRow("flat") << QSize(900, 90);
  QTest::addRow("large") << QSize(1600, 1000);
}

void TestSampleViews::views_of_any_size() {
  QFETCH(QSize, size);
  show(write_all_kinds(folder_->path(), 1));
  for (const char* kind : {"wall", "reconstructions", "masks", "code", "points", "attention", "forecast"}) {
    SamplePage& shown = page(kind);
    wait_for(shown);
    shown.view()->setMinimumSize(1, 1);
    shown.view()->resize(size);
    QVERIFY(!shown.view()->grab().isNull());
    move_mouse(*shown.view(), QPointF(size.width() / 2.0, size.height() / 2.0));
    QVERIFY(!shown.view()->grab().isNull());
  }
}

void TestSampleViews::light_and_dark() {
  std::vector<SampleEvent> events;
  for (int epoch = 1; epoch <= 12; ++epoch) {
    const std::vector<SampleEvent> of_epoch = write_all_kinds(folder_->path(), epoch);
    events.insert(events.end(), of_epoch.begin(), of_epoch.end());
  }
  show(events);
  const QString folder = qEnvironmentVariable("NETWRIGHT_PICTURES");
  for (const bool is_dark : {true, false}) {
    Theme::instance().set_appearance(is_dark ? Appearance::Dark : Appearance::Light);
    for (const char* kind : {"wall", "reconstructions", "masks", "code", "points", "attention", "forecast"}) {
      SamplePage& shown = page(kind);
      wait_for(shown);
      const QImage image = views_->grab().toImage();
      QCOMPARE(image.pixelColor(shown.view()->mapTo(views_.get(), shown.view()->rect().bottomRight() - QPoint(2, 2))),
               colours().surface);
      const QString name = QStringLiteral("samples-%1-%2.png").arg(QLatin1String(kind), is_dark ? "dark" : "light");
      if (!folder.isEmpty()) image.save(QDir(folder).filePath(name));
    }
  }
}

QTEST_MAIN(TestSampleViews)
#include "test_sample_views.moc"
