// What the canvas looks like, in light and dark, at 1x and 2x and from near to far. With NETWRIGHT_PICTURES set to a
// folder, the pictures are kept there for a person to look at.

#include <QDir>
#include <QLineEdit>
#include <QPixmap>
#include <QTest>

#include "designer/canvas/quick_add.h"
#include "tests/designer/canvas/canvas_fixture.h"

using namespace netwright;

namespace {

/// A small residual network with a branch, a frozen layer and a mistake.
void draw_branching(CanvasFixture& canvas) {
  const LayerId input = canvas.add("Input", {220, 0});
  const LayerId conv1 = canvas.add("Conv2d", {220, 120});
  const LayerId norm = canvas.add("BatchNorm2d", {220, 240});
  const LayerId relu = canvas.add("ReLU", {220, 360});
  const LayerId conv2 = canvas.add("Conv2d", {220, 480});
  const LayerId sum = canvas.add("Add", {220, 600});
  const LayerId pool = canvas.add("MaxPool2d", {220, 720});
  const LayerId fc = canvas.add("Linear", {220, 840});
  const LayerId side = canvas.add("AvgPool2d", {520, 720});
  const LayerId out = canvas.add("Output", {220, 960});
  const NetworkId id = canvas.network().id;
  for (const LayerId conv : {conv1, conv2})
    (void)canvas.document.edit("Set", {SetSetting{id, conv, "padding", std::string("same")}});
  (void)canvas.document.edit("Set", {SetSetting{id, side, "kernel_size", Integers{99, 99}}});
  canvas.join(input, conv1);
  canvas.join(conv1, norm);
  canvas.join(norm, relu);
  canvas.join(relu, conv2);
  canvas.join(conv2, sum, 0);
  canvas.join(conv1, sum, 1);
  canvas.join(sum, pool);
  canvas.join(pool, fc);
  canvas.join(sum, side);
  canvas.join(fc, out);
  canvas.view.select({conv2});
}

QImage picture(QWidget& widget, qreal ratio) {
  QImage image(widget.size() * ratio, QImage::Format_ARGB32_Premultiplied);
  image.setDevicePixelRatio(ratio);
  image.fill(Qt::transparent);
  widget.render(&image);
  return image;
}

void keep(const QImage& image, const QString& name) {
  const QString folder = qEnvironmentVariable("NETWRIGHT_PICTURES");
  if (!folder.isEmpty()) image.save(QDir(folder).filePath(name + ".png"));
}

int pixels_near(const QImage& image, const QColor& colour) {
  int count = 0;
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x) {
      const QColor pixel = image.pixelColor(x, y);
      const int off = std::abs(pixel.red() - colour.red()) + std::abs(pixel.green() - colour.green()) +
                      std::abs(pixel.blue() - colour.blue());
      count += off < 12;
    }
  return count;
}

}  // namespace

class TestCanvasRendering : public QObject {
  Q_OBJECT

 private slots:
  void cleanup() { Theme::instance().set_appearance(Appearance::Light); }
  void a_network_is_drawn_data();
  void a_network_is_drawn();
  void every_zoom_paints_data();
  void every_zoom_paints();
  void an_empty_network_shows_a_hint();
  void the_minimap_shows_only_where_it_helps();
  void a_wire_being_drawn_and_the_list();
};

void TestCanvasRendering::a_network_is_drawn_data() {
  QTest::addColumn<bool>("dark");
  QTest::addColumn<qreal>("ratio");
  QTest::newRow("light 1x") << false << 1.0;
  QTest::newRow("light 2x") << false << 2.0;
  QTest::newRow("dark 1x") << true << 1.0;
  QTest::newRow("dark 2x") << true << 2.0;
}

void TestCanvasRendering::a_network_is_drawn() {
  QFETCH(bool, dark);
  QFETCH(qreal, ratio);
  Theme::instance().set_appearance(dark ? Appearance::Dark : Appearance::Light);
  CanvasFixture canvas({760, 1160});
  draw_branching(canvas);
  const std::set<LayerId> selected = canvas.view.selection();
  canvas.ready();
  canvas.view.select(selected);
  const QImage image = picture(canvas.view, ratio);
  keep(image, QString("canvas-%1-%2x").arg(dark ? "dark" : "light").arg(ratio));
  QCOMPARE(image.pixelColor(2, image.height() - 3), colours().canvas);
  QVERIFY(pixels_near(image, colours().surface) > image.width() * image.height() / 20);
  QVERIFY(pixels_near(image, colours().accent) > 100);  // the selected node's outline
  QVERIFY(pixels_near(image, colours().error) > 100);   // the mistake
}

void TestCanvasRendering::every_zoom_paints_data() {
  QTest::addColumn<double>("zoom");
  for (const double zoom : {4.0, 2.0, 1.0, 0.6, 0.44, 0.3, 0.19, 0.05}) QTest::addRow("%g", zoom) << zoom;
}

void TestCanvasRendering::every_zoom_paints() {
  QFETCH(double, zoom);
  CanvasFixture canvas;
  draw_branching(canvas);
  canvas.ready();
  const QPointF middle = canvas.scene().content_rect().center();
  canvas.view.setTransform(QTransform::fromScale(zoom, zoom));
  canvas.view.centerOn(middle);
  const QImage image = picture(canvas.view, 1);
  keep(image, QString("canvas-zoom-%1").arg(zoom));
  QVERIFY(pixels_near(image, colours().canvas) < image.width() * image.height());
}

void TestCanvasRendering::an_empty_network_shows_a_hint() {
  CanvasFixture canvas;
  const QImage empty = picture(canvas.view, 1);
  keep(empty, "canvas-empty");
  const QRect middle(200, 310, 500, 80);
  QVERIFY(pixels_near(empty.copy(middle), colours().muted) > 50);
  canvas.add("Input", {-2000, -2000});
  QCOMPARE(pixels_near(picture(canvas.view, 1).copy(middle), colours().muted), 0);
}

void TestCanvasRendering::the_minimap_shows_only_where_it_helps() {
  CanvasFixture canvas;
  draw_branching(canvas);
  canvas.view.fit();
  const auto* map = canvas.view.findChild<QWidget*>("minimap");
  QVERIFY(map);
  QVERIFY(!map->isVisible());
  canvas.view.zoom_reset();
  for (int i = 0; i < 3; ++i) canvas.view.zoom_in();
  QVERIFY(map->isVisible());
  keep(picture(canvas.view, 1), "canvas-minimap");
  const QPointF before = canvas.view.mapToScene(canvas.view.viewport()->rect().center());
  QTest::mouseClick(const_cast<QWidget*>(map), Qt::LeftButton, {}, {map->width() / 2, 12});
  QVERIFY(canvas.view.mapToScene(canvas.view.viewport()->rect().center()).y() < before.y() - 50);
  canvas.view.fit();
  QVERIFY(!map->isVisible());
}

void TestCanvasRendering::a_wire_being_drawn_and_the_list() {
  CanvasFixture canvas({900, 800});
  draw_branching(canvas);
  canvas.ready();
  canvas.view.centerOn(360, 700);
  const LayerId side = canvas.network().find("pool2")->id;
  canvas.press(canvas.output(side));
  canvas.move(canvas.output(side) + QPoint(30, 60));
  const QImage drawing = picture(canvas.view, 1);
  keep(drawing, "canvas-connecting");
  QVERIFY(pixels_near(drawing, colours().accent) > 50);  // the wire, and the ports that it may end at
  canvas.release(canvas.output(side) + QPoint(30, 60));
  QTest::keyClicks(canvas.view.findChild<QLineEdit*>(), "r");
  keep(picture(canvas.view, 1), "canvas-quick-add");
  QVERIFY(canvas.view.findChild<QuickAdd*>()->isVisible());
}

QTEST_MAIN(TestCanvasRendering)
#include "test_canvas_rendering.moc"
