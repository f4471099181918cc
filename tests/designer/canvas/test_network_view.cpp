// The view's actions: keys, menus, palette drags, clipboard, zoom, adding and arranging.

#include <QClipboard>
#include <QContextMenuEvent>
#include <QDragEnterEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QMimeData>
#include <QPointingDevice>
#include <QWheelEvent>

#include "designer/canvas/quick_add.h"
#include "tests/designer/canvas/canvas_fixture.h"

using namespace netwright;

namespace {

/// A drag from the palette, step by step.
struct PaletteDrag {
  CanvasFixture& canvas;
  QMimeData data;

  PaletteDrag(CanvasFixture& on, const QByteArray& type) : canvas(on) { data.setData(layer_mime_type, type); }
  void enter(QPoint at) {
    QDragEnterEvent event(at, Qt::CopyAction, &data, Qt::LeftButton, {});
    QApplication::sendEvent(canvas.view.viewport(), &event);
    QVERIFY(event.isAccepted());
  }
  void move(QPoint to) {
    QDragMoveEvent event(to, Qt::CopyAction, &data, Qt::LeftButton, {});
    QApplication::sendEvent(canvas.view.viewport(), &event);
  }
  void leave() {
    QDragLeaveEvent event;
    QApplication::sendEvent(canvas.view.viewport(), &event);
  }
  void drop(QPoint at) {
    QDropEvent event(at, Qt::CopyAction, &data, Qt::LeftButton, {});
    QApplication::sendEvent(canvas.view.viewport(), &event);
  }
};

QMenu* menu_at(CanvasFixture& canvas, QPoint at) {
  QContextMenuEvent event(QContextMenuEvent::Mouse, at, canvas.view.viewport()->mapToGlobal(at));
  QApplication::sendEvent(canvas.view.viewport(), &event);
  return canvas.view.findChild<QMenu*>("canvas_menu");
}

QAction* action_of(QMenu* menu, const QString& text) {
  for (QAction* action : menu->actions())
    if (action->text() == text) return action;
  return nullptr;
}

QWheelEvent wheel(CanvasFixture& canvas, QPoint at, QPoint pixels, QPoint angle, Qt::KeyboardModifiers modifiers = {},
                  Qt::ScrollPhase phase = Qt::NoScrollPhase) {
  return QWheelEvent(at, canvas.view.viewport()->mapToGlobal(at), pixels, angle, Qt::NoButton, modifiers, phase, false);
}

}  // namespace

class TestNetworkView : public QObject {
  Q_OBJECT

 private slots:
  void a_type_dragged_from_the_palette_is_added();
  void a_type_dropped_on_a_wire_is_inserted();
  void a_drag_that_leaves_adds_nothing();
  void added_layers_make_a_chain();
  void a_layer_that_cannot_follow_is_placed_apart();
  void a_long_network_is_met_at_its_beginning();
  void double_click_on_a_node_activates();
  void delete_bridges();
  void delete_removes_a_selected_wire();
  void deleting_everything_is_one_step();
  void arrows_nudge_in_one_step();
  void copy_and_paste();
  void cut_and_paste_come_back_to_the_place();
  void a_paste_of_other_text_says_why_not();
  void duplicate_copies_the_selection();
  void the_wheel_zooms_about_the_cursor();
  void a_touchpad_pans();
  void middle_drag_and_space_drag_pan();
  void fit_shows_everything();
  void focusing_selects_and_shows();
  void arranging_is_one_step();
  void large_networks_are_arranged_meanwhile();
  void menus_offer_what_fits();
  void a_fix_is_one_click();
  void a_removed_network_leaves_an_empty_view();
  void items_follow_undo_and_redo();
};

void TestNetworkView::a_type_dragged_from_the_palette_is_added() {
  CanvasFixture canvas;
  canvas.ready();
  PaletteDrag drag(canvas, "Conv2d");
  drag.enter({300, 200});
  drag.move({305, 215});
  const QPointF place = canvas.view.mapToScene(305, 215);
  drag.drop({305, 215});
  QCOMPARE(canvas.network().layers.size(), std::size_t{1});
  const Layer& added = canvas.network().layers.front();
  QCOMPARE(added.type, std::string("Conv2d"));
  QCOMPARE(to_qt(added.position), snapped(place - QPointF(node_width / 2, node_height / 2)));
  QCOMPARE(canvas.view.selection(), (std::set<LayerId>{added.id}));
  QVERIFY(canvas.undoes_to_start());
}

void TestNetworkView::a_type_dropped_on_a_wire_is_inserted() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  const LayerId b = canvas.add("Conv2d", {0, 240});
  canvas.join(a, b);
  canvas.ready();
  const Connection wire{{a, 0}, {b, 0}};
  PaletteDrag drag(canvas, "ReLU");
  drag.enter(canvas.pixel({300, 150}));
  QVERIFY(!canvas.scene().item(wire)->is_lit());
  drag.move(canvas.pixel({92, 150}));
  QVERIFY(canvas.scene().item(wire)->is_lit());
  drag.drop(canvas.pixel({92, 150}));
  const LayerId added = canvas.network().layers.back().id;
  QVERIFY(canvas.is_joined(a, added));
  QVERIFY(canvas.is_joined(added, b));
  QVERIFY(!canvas.is_joined(a, b));
  QVERIFY(canvas.undoes_to_start());
  // What has no way in can't be put into a wire.
  PaletteDrag input(canvas, "Input");
  input.enter(canvas.pixel({92, 96}));
  QVERIFY(!canvas.scene().item(Connection{{a, 0}, {added, 0}})->is_lit());
  input.leave();
}

void TestNetworkView::a_drag_that_leaves_adds_nothing() {
  CanvasFixture canvas;
  canvas.ready();
  PaletteDrag drag(canvas, "Conv2d");
  drag.enter({300, 200});
  QCOMPARE(canvas.items(), 1);
  drag.leave();
  QCOMPARE(canvas.items(), 0);
  QCOMPARE(canvas.now(), canvas.start);
}

void TestNetworkView::added_layers_make_a_chain() {
  CanvasFixture canvas;
  canvas.ready();
  for (const char* type : {"Input", "Conv2d", "ReLU", "Output"}) canvas.view.add_layer(type);
  const auto& layers = canvas.network().layers;
  QCOMPARE(layers.size(), std::size_t{4});
  for (std::size_t i = 1; i < layers.size(); ++i) {
    QVERIFY(canvas.is_joined(layers[i - 1].id, layers[i].id));
    QCOMPARE(layers[i].position.y, layers[i - 1].position.y + row_step);
    QCOMPARE(layers[i].position.x, layers[i - 1].position.x);
  }
  QCOMPARE(canvas.steps(), 4);
}

void TestNetworkView::a_layer_that_cannot_follow_is_placed_apart() {
  CanvasFixture canvas;
  canvas.ready();
  canvas.view.add_layer("Output");
  canvas.view.add_layer("ReLU");   // an Output leads nowhere
  canvas.view.add_layer("Input");  // nothing leads into an Input
  QVERIFY(canvas.network().connections.empty());
  const auto& layers = canvas.network().layers;
  for (std::size_t i = 0; i < layers.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      QVERIFY(!node_rect(to_qt(layers[i].position)).intersects(node_rect(to_qt(layers[j].position))));
}

void TestNetworkView::a_long_network_is_met_at_its_beginning() {
  Document document;
  const NetworkId network = document.project().networks.front().id;
  for (int row = 0; row < 30; ++row) {
    const Layer made = make_layer(document.project().networks.front(), "ReLU", {0, 120.0 * row});
    QVERIFY(bool(document.edit("Add", {AddLayer{network, made}})));
  }
  NetworkView view(document, network);
  view.resize(900, 700);
  view.show();
  QVERIFY(QTest::qWaitForWindowExposed(&view));
  QVERIFY(view.zoom() >= 0.75);
  const QRectF shown = view.mapToScene(view.viewport()->rect()).boundingRect();
  auto& scene = *static_cast<NetworkScene*>(view.scene());
  QVERIFY(shown.contains(scene.item(LayerId{1})->rect()));
  QVERIFY(!shown.intersects(scene.item(LayerId{30})->rect()));
}

void TestNetworkView::double_click_on_a_node_activates() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  canvas.ready();
  LayerId activated;
  connect(&canvas.view, &NetworkView::layer_activated, this, [&](LayerId layer) { activated = layer; });
  QTest::mouseDClick(canvas.view.viewport(), Qt::LeftButton, {}, canvas.centre(a));
  QCOMPARE(activated, a);
}

void TestNetworkView::delete_bridges() {
  for (const Qt::Key key : {Qt::Key_Delete, Qt::Key_Backspace}) {
    CanvasFixture canvas;
    const LayerId a = canvas.add("Input", {0, 0});
    const LayerId b = canvas.add("ReLU", {0, 120});
    const LayerId c = canvas.add("Output", {0, 240});
    canvas.join(a, b);
    canvas.join(b, c);
    canvas.ready();
    canvas.click(canvas.centre(b));
    canvas.key(key);
    QVERIFY(!canvas.network().find(b));
    QVERIFY(canvas.is_joined(a, c));
    QVERIFY(canvas.undoes_to_start());
  }
}

void TestNetworkView::delete_removes_a_selected_wire() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Input", {0, 0});
  const LayerId b = canvas.add("ReLU", {0, 120});
  canvas.join(a, b);
  canvas.ready();
  canvas.click(canvas.pixel({90, 96}));
  canvas.key(Qt::Key_Delete);
  QVERIFY(canvas.network().connections.empty());
  QCOMPARE(canvas.network().layers.size(), std::size_t{2});
  QVERIFY(canvas.undoes_to_start());
}

void TestNetworkView::deleting_everything_is_one_step() {
  CanvasFixture canvas;
  LayerId before;
  for (int i = 0; i < 20; ++i) {
    const LayerId layer = canvas.add("ReLU", {0, 120.0 * i});
    if (before) canvas.join(before, layer);
    before = layer;
  }
  canvas.ready();
  canvas.key(Qt::Key_A, Qt::ControlModifier);
  QCOMPARE(canvas.view.selection().size(), std::size_t{20});
  canvas.key(Qt::Key_Delete);
  QVERIFY(canvas.network().layers.empty());
  QCOMPARE(canvas.items(), 0);
  QVERIFY(canvas.undoes_to_start());
}

void TestNetworkView::arrows_nudge_in_one_step() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Input", {0, 0});
  canvas.ready();
  canvas.click(canvas.centre(a));
  for (int i = 0; i < 3; ++i) canvas.key(Qt::Key_Right);
  canvas.key(Qt::Key_Down);
  QCOMPARE(canvas.layer(a).position, (Point{60, 20}));
  QVERIFY(canvas.undoes_to_start());
  for (int i = 0; i < 3; ++i) canvas.key(Qt::Key_Left);
  canvas.key(Qt::Key_Up);
  QCOMPARE(canvas.steps(), 0);
}

void TestNetworkView::copy_and_paste() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  const LayerId b = canvas.add("ReLU", {0, 120});
  canvas.join(a, b);
  canvas.ready();
  canvas.view.select_all();
  canvas.key(Qt::Key_C, Qt::ControlModifier);
  canvas.key(Qt::Key_V, Qt::ControlModifier);
  QCOMPARE(canvas.network().layers.size(), std::size_t{4});
  QCOMPARE(canvas.network().connections.size(), std::size_t{2});
  const std::set<LayerId> pasted = canvas.view.selection();
  QCOMPARE(pasted.size(), std::size_t{2});
  QVERIFY(!pasted.contains(a) && !pasted.contains(b));
  QCOMPARE(canvas.layer(*pasted.begin()).position, (Point{40, 40}));
  QVERIFY(canvas.undoes_to_start());
  canvas.key(Qt::Key_V, Qt::ControlModifier);
  QCOMPARE(canvas.layer(*canvas.view.selection().begin()).position, (Point{80, 80}));
}

void TestNetworkView::cut_and_paste_come_back_to_the_place() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {40, 60});
  canvas.ready();
  canvas.view.select({a});
  canvas.key(Qt::Key_X, Qt::ControlModifier);
  QVERIFY(canvas.network().layers.empty());
  canvas.key(Qt::Key_V, Qt::ControlModifier);
  QCOMPARE(canvas.network().layers.front().position, (Point{40, 60}));
}

void TestNetworkView::a_paste_of_other_text_says_why_not() {
  CanvasFixture canvas;
  canvas.ready();
  QGuiApplication::clipboard()->setText("a shopping list");
  QSignalSpy messages(&canvas.view, &NetworkView::message);
  canvas.key(Qt::Key_V, Qt::ControlModifier);
  QCOMPARE(messages.count(), 1);
  QVERIFY(messages.front().front().toString().contains("clipboard"));
  QCOMPARE(canvas.now(), canvas.start);
}

void TestNetworkView::duplicate_copies_the_selection() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  canvas.ready();
  canvas.view.select({a});
  canvas.key(Qt::Key_D, Qt::ControlModifier);
  QCOMPARE(canvas.network().layers.size(), std::size_t{2});
  QCOMPARE(canvas.network().layers.back().type, std::string("Conv2d"));
  QVERIFY(canvas.network().layers.back().name != canvas.network().layers.front().name);
  QVERIFY(canvas.undoes_to_start());
}

void TestNetworkView::the_wheel_zooms_about_the_cursor() {
  CanvasFixture canvas;
  canvas.add("Conv2d", {0, 0});
  canvas.ready();
  const QPoint at(200, 150);
  for (const Qt::KeyboardModifiers modifiers : {Qt::KeyboardModifiers(), Qt::KeyboardModifiers(Qt::ControlModifier)}) {
    const QPointF before = canvas.view.mapToScene(at);
    const double zoom = canvas.view.zoom();
    QWheelEvent event = wheel(canvas, at, {}, {0, 240}, modifiers);
    QApplication::sendEvent(canvas.view.viewport(), &event);
    QVERIFY(canvas.view.zoom() > zoom * 1.2);
    QVERIFY(QLineF(before, canvas.view.mapToScene(at)).length() <= 2);
  }
}

void TestNetworkView::a_touchpad_pans() {
  CanvasFixture canvas;
  canvas.ready();
  const QPointF before = canvas.view.mapToScene(QPoint(200, 150));
  QWheelEvent event = wheel(canvas, {200, 150}, {-7, -13}, {-14, -26}, {}, Qt::ScrollUpdate);
  QApplication::sendEvent(canvas.view.viewport(), &event);
  QCOMPARE(canvas.view.zoom(), 1.0);
  QCOMPARE(canvas.view.mapToScene(QPoint(200, 150)) - before, QPointF(7, 13));
}

void TestNetworkView::middle_drag_and_space_drag_pan() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  canvas.ready();
  const QPoint at = canvas.centre(a);
  canvas.press(at, {}, Qt::MiddleButton);
  canvas.move(at + QPoint(50, 30), Qt::MiddleButton);
  canvas.release(at + QPoint(50, 30), {}, Qt::MiddleButton);
  QCOMPARE(canvas.centre(a), at + QPoint(50, 30));
  QTest::keyPress(&canvas.view, Qt::Key_Space);
  QCOMPARE(canvas.view.viewport()->cursor().shape(), Qt::OpenHandCursor);
  canvas.drag(at + QPoint(50, 30), at);
  QTest::keyRelease(&canvas.view, Qt::Key_Space);
  QCOMPARE(canvas.centre(a), at);
  QVERIFY(!canvas.view.findChild<QuickAdd*>()->isVisible());
  QCOMPARE(canvas.now(), canvas.start);
}

void TestNetworkView::fit_shows_everything() {
  CanvasFixture canvas;
  canvas.add("Conv2d", {-3000, -100});
  canvas.add("Conv2d", {5000, 9000});
  canvas.ready();
  canvas.view.zoom_reset();
  canvas.key(Qt::Key_9, Qt::ControlModifier);
  const QRectF shown = canvas.view.mapToScene(canvas.view.viewport()->rect()).boundingRect();
  QVERIFY(shown.contains(canvas.scene().content_rect()));
}

void TestNetworkView::focusing_selects_and_shows() {
  CanvasFixture canvas;
  canvas.add("Conv2d", {0, 0});
  const LayerId far = canvas.add("ReLU", {9000, 9000});
  canvas.ready();
  canvas.view.fit();
  QVERIFY(canvas.view.zoom() < 0.2);
  canvas.view.focus_layer(far);
  QCOMPARE(canvas.view.selection(), (std::set<LayerId>{far}));
  QCOMPARE(canvas.view.zoom(), 1.0);
  QVERIFY(canvas.view.viewport()->rect().contains(canvas.centre(far)));
  QTRY_VERIFY(canvas.scene().item(far)->state().flash > 0);
  QTRY_COMPARE(canvas.scene().item(far)->state().flash, 0.0);
}

void TestNetworkView::arranging_is_one_step() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Input", {300, 500});
  const LayerId b = canvas.add("ReLU", {10, 30});
  const LayerId c = canvas.add("Output", {-100, 700});
  canvas.join(a, b);
  canvas.join(b, c);
  canvas.ready();
  canvas.view.arrange();
  QVERIFY(canvas.layer(a).position.y < canvas.layer(b).position.y);
  QVERIFY(canvas.layer(b).position.y < canvas.layer(c).position.y);
  QVERIFY(canvas.undoes_to_start());
  canvas.view.arrange();  // tidy already
  QCOMPARE(canvas.steps(), 1);
}

void TestNetworkView::large_networks_are_arranged_meanwhile() {
  CanvasFixture canvas;
  std::vector<LayerId> layers;
  for (int i = 0; i < 150; ++i) {
    layers.push_back(canvas.add("ReLU", {0, -200.0 * i}));
    if (i > 0) canvas.join(layers[layers.size() - 2], layers.back());
  }
  canvas.ready();
  const auto y = [&](std::size_t i) { return canvas.layer(layers[i]).position.y; };
  canvas.view.arrange();
  QCOMPARE(canvas.steps(), 0);  // the window isn't held up
  QTRY_VERIFY(y(0) < y(1));
  QVERIFY(canvas.undoes_to_start());
  canvas.document.undo_stack().undo();
  // What is drawn meanwhile is arranged as well.
  canvas.view.arrange();
  const LayerId last = canvas.add("Output", {0, -90000});
  canvas.join(layers.back(), last);
  QTRY_VERIFY(y(149) < canvas.layer(last).position.y);
  QVERIFY(y(0) < y(1));
}

void TestNetworkView::menus_offer_what_fits() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Input", {0, 0});
  const LayerId b = canvas.add("ReLU", {0, 120});
  canvas.join(a, b);
  canvas.ready();
  QMenu* menu = menu_at(canvas, canvas.centre(b));
  QVERIFY(menu);
  QCOMPARE(canvas.view.selection(), (std::set<LayerId>{b}));
  QVERIFY(action_of(menu, "Duplicate") && action_of(menu, "Disconnect"));
  action_of(menu, "Disconnect")->trigger();
  QVERIFY(canvas.network().connections.empty());
  QVERIFY(canvas.undoes_to_start());
  canvas.document.undo_stack().undo();
  delete menu;

  menu = menu_at(canvas, canvas.pixel({90, 96}));
  QVERIFY(action_of(menu, "Insert layer…"));
  action_of(menu, "Delete")->trigger();
  QVERIFY(canvas.network().connections.empty());
  delete menu;

  menu = menu_at(canvas, canvas.pixel({400, 300}));
  QVERIFY(action_of(menu, "Snap to grid")->isChecked());
  action_of(menu, "Snap to grid")->trigger();
  QVERIFY(!canvas.view.snaps());
  action_of(menu, "Select all")->trigger();
  QCOMPARE(canvas.view.selection().size(), std::size_t{2});
  delete menu;
}

void TestNetworkView::a_fix_is_one_click() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Input", {0, 0});
  const LayerId fc = canvas.add("Linear", {0, 240});
  const LayerId out = canvas.add("Output", {0, 360});
  canvas.join(a, fc);
  canvas.join(fc, out);
  canvas.ready();
  QString label;
  for (const Diagnostic& diagnostic : canvas.document.report().diagnostics)
    if (diagnostic.layer == fc && !diagnostic.fixes.empty())
      label = QString::fromStdString(diagnostic.fixes.front().label);
  QVERIFY(!label.isEmpty());
  QMenu* menu = menu_at(canvas, canvas.centre(fc));
  QVERIFY(action_of(menu, label));
  action_of(menu, label)->trigger();
  QVERIFY(canvas.now() != canvas.start);
  QVERIFY(canvas.undoes_to_start());
  delete menu;
}

void TestNetworkView::a_removed_network_leaves_an_empty_view() {
  CanvasFixture canvas;
  canvas.add("Conv2d", {0, 0});
  Network other{.id = canvas.document.project().next_network_id(), .name = "other", .layers = {}, .connections = {}};
  QVERIFY(canvas.document.edit("Add network", {AddNetwork{other}}));
  QVERIFY(canvas.document.edit("Remove network", {RemoveNetwork{canvas.view.network()}}));
  QCOMPARE(canvas.items(), 0);
  for (const Qt::Key key : {Qt::Key_Delete, Qt::Key_A, Qt::Key_Space, Qt::Key_F}) canvas.key(key);
  canvas.view.add_layer("ReLU");
  canvas.view.arrange();
  canvas.drag({100, 100}, {300, 300});
  QApplication::processEvents();
  canvas.document.undo_stack().undo();
  QCOMPARE(canvas.items(), 1);
}

void TestNetworkView::items_follow_undo_and_redo() {
  CanvasFixture canvas;
  for (const char* type : {"Input", "Conv2d", "ReLU", "Output"}) canvas.view.add_layer(type);
  canvas.view.select_all();
  canvas.view.duplicate();
  canvas.view.delete_selection();
  const auto check = [&canvas] {
    const Network& network = canvas.network();
    QCOMPARE(canvas.items(), static_cast<int>(network.layers.size() + network.connections.size()));
    for (const Layer& layer : network.layers) {
      QVERIFY(canvas.scene().item(layer.id));
      QCOMPARE(canvas.scene().item(layer.id)->pos(), to_qt(layer.position));
      QCOMPARE(canvas.scene().item(layer.id)->face().name, QString::fromStdString(layer.name));
    }
    for (const Connection& connection : network.connections) QVERIFY(canvas.scene().item(connection));
  };
  check();
  while (canvas.document.undo_stack().canUndo()) {
    canvas.document.undo_stack().undo();
    check();
  }
  QCOMPARE(canvas.items(), 0);
  while (canvas.document.undo_stack().canRedo()) {
    canvas.document.undo_stack().redo();
    check();
  }
}

QTEST_MAIN(TestNetworkView)
#include "test_network_view.moc"
