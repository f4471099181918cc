// What a person does on the canvas with mouse and keyboard, and what becomes of the document: one undo step each.

#include <QDragEnterEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QMimeData>

#include "designer/canvas/quick_add.h"
#include "tests/designer/canvas/canvas_fixture.h"

using namespace netwright;

class TestCanvasGestures : public QObject {
  Q_OBJECT

 private slots:
  void a_click_selects();
  void shift_and_control_change_the_selection();
  void a_band_selects_what_it_touches();
  void a_drag_moves_the_selection_by_the_grid();
  void a_drag_without_snapping_moves_freely();
  void a_drag_back_to_the_start_is_no_step();
  void escape_cancels_a_move();
  void a_loose_layer_dropped_on_a_wire_is_inserted();
  void inserting_makes_room();
  void dragging_from_output_to_input_connects();
  void dragging_from_input_to_output_connects();
  void dropping_on_a_node_takes_its_nearest_valid_port();
  void cycles_are_neither_offered_nor_made();
  void only_valid_ends_light_up();
  void a_taken_input_is_connected_anew();
  void a_variadic_layer_offers_only_its_free_port();
  void a_wire_taken_off_its_input_and_dropped_is_removed();
  void a_wire_taken_off_its_input_reconnects();
  void a_wire_put_back_is_no_step();
  void a_wire_dragged_by_its_middle_changes_its_source();
  void escape_cancels_a_wire();
  void escape_cancels_a_detached_wire();
  void a_wire_dropped_on_the_canvas_offers_layers();
  void a_backward_wire_dropped_on_the_canvas_offers_layers();
  void undo_in_the_middle_of_a_drag_cancels_it();
};

void TestCanvasGestures::a_click_selects() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  const LayerId b = canvas.add("ReLU", {0, 120});
  canvas.join(a, b);
  canvas.ready();
  QSignalSpy changes(&canvas.view, &NetworkView::selection_changed);
  canvas.click(canvas.centre(a));
  QCOMPARE(canvas.view.selection(), (std::set<LayerId>{a}));
  QCOMPARE(changes.count(), 1);
  canvas.click(canvas.centre(b));
  QCOMPARE(canvas.view.selection(), (std::set<LayerId>{b}));
  QCOMPARE(changes.count(), 2);
  canvas.click(canvas.pixel({90, 96}));  // the wire
  QVERIFY(canvas.view.selection().empty());
  QVERIFY(canvas.view.has_selection());
  canvas.click(canvas.pixel({300, 300}));
  QVERIFY(!canvas.view.has_selection());
  QCOMPARE(canvas.steps(), 0);
}

void TestCanvasGestures::shift_and_control_change_the_selection() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  const LayerId b = canvas.add("ReLU", {0, 120});
  canvas.ready();
  canvas.click(canvas.centre(a));
  canvas.click(canvas.centre(b), Qt::ShiftModifier);
  QCOMPARE(canvas.view.selection(), (std::set<LayerId>{a, b}));
  canvas.click(canvas.centre(a), Qt::ControlModifier);
  QCOMPARE(canvas.view.selection(), (std::set<LayerId>{b}));
  canvas.click(canvas.centre(a), Qt::ControlModifier);
  canvas.click(canvas.centre(b));
  QCOMPARE(canvas.view.selection(), (std::set<LayerId>{b}));
}

void TestCanvasGestures::a_band_selects_what_it_touches() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  const LayerId b = canvas.add("ReLU", {0, 120});
  const LayerId c = canvas.add("ReLU", {300, 0});
  canvas.ready();
  canvas.drag(canvas.pixel({-40, -40}), canvas.pixel({60, 150}));
  QCOMPARE(canvas.view.selection(), (std::set<LayerId>{a, b}));
  canvas.drag(canvas.pixel({290, -40}), canvas.pixel({400, 40}), Qt::ShiftModifier);
  QCOMPARE(canvas.view.selection(), (std::set<LayerId>{a, b, c}));
  canvas.drag(canvas.pixel({-40, -40}), canvas.pixel({60, 40}), Qt::ControlModifier);
  QCOMPARE(canvas.view.selection(), (std::set<LayerId>{b, c}));
  canvas.press(canvas.pixel({-40, -40}));
  canvas.move(canvas.pixel({60, 40}));
  QCOMPARE(canvas.view.selection(), (std::set<LayerId>{a}));
  canvas.key(Qt::Key_Escape);
  QCOMPARE(canvas.view.selection(), (std::set<LayerId>{b, c}));
  canvas.release(canvas.pixel({60, 40}));
  QCOMPARE(canvas.view.selection(), (std::set<LayerId>{b, c}));
  QCOMPARE(canvas.steps(), 0);
}

void TestCanvasGestures::a_drag_moves_the_selection_by_the_grid() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  const LayerId b = canvas.add("ReLU", {0, 120});
  canvas.join(a, b);
  canvas.ready();
  canvas.view.select_all();
  const QPoint from = canvas.centre(a);
  canvas.drag(from, from + QPoint(47, 93));
  QCOMPARE(canvas.layer(a).position, (Point{40, 100}));
  QCOMPARE(canvas.layer(b).position, (Point{40, 220}));
  QVERIFY(canvas.undoes_to_start());
  QCOMPARE(canvas.view.selection().size(), std::size_t{2});
}

void TestCanvasGestures::a_drag_without_snapping_moves_freely() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  canvas.ready();
  canvas.view.set_snap(false);
  const QPoint from = canvas.centre(a);
  canvas.drag(from, from + QPoint(47, 93));
  QCOMPARE(canvas.layer(a).position, (Point{47, 93}));
}

void TestCanvasGestures::a_drag_back_to_the_start_is_no_step() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  canvas.ready();
  const QPoint from = canvas.centre(a);
  canvas.press(from);
  canvas.move(from + QPoint(60, 60));
  canvas.move(from + QPoint(3, 2));
  canvas.release(from + QPoint(3, 2));
  QCOMPARE(canvas.steps(), 0);
  QCOMPARE(canvas.now(), canvas.start);
}

void TestCanvasGestures::escape_cancels_a_move() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  canvas.ready();
  const QPoint from = canvas.centre(a);
  canvas.press(from);
  canvas.move(from + QPoint(60, 60));
  QVERIFY(canvas.scene().item(a)->pos() != QPointF(0, 0));
  canvas.key(Qt::Key_Escape);
  QCOMPARE(canvas.scene().item(a)->pos(), QPointF(0, 0));
  canvas.move(from + QPoint(90, 90));
  canvas.release(from + QPoint(90, 90));
  QCOMPARE(canvas.scene().item(a)->pos(), QPointF(0, 0));
  QCOMPARE(canvas.steps(), 0);
  QCOMPARE(canvas.now(), canvas.start);
}

void TestCanvasGestures::a_loose_layer_dropped_on_a_wire_is_inserted() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  const LayerId b = canvas.add("ReLU", {0, 240});
  const LayerId loose = canvas.add("BatchNorm2d", {300, 120});
  canvas.join(a, b);
  canvas.ready();
  const QPoint to = canvas.pixel({90, 156});
  canvas.press(canvas.centre(loose));
  canvas.move(to + QPoint(60, 0));
  canvas.move(to);
  QVERIFY(canvas.scene().item(Connection{{a, 0}, {b, 0}})->is_lit());
  canvas.release(to);
  QVERIFY(canvas.is_joined(a, loose));
  QVERIFY(canvas.is_joined(loose, b));
  QVERIFY(!canvas.is_joined(a, b));
  QCOMPARE(canvas.layer(loose).position, (Point{0, 120}));
  QCOMPARE(canvas.layer(b).position, (Point{0, 240}));
  QVERIFY(canvas.undoes_to_start());
}

void TestCanvasGestures::inserting_makes_room() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  const LayerId b = canvas.add("ReLU", {0, 120});
  const LayerId c = canvas.add("ReLU", {0, 240});
  const LayerId loose = canvas.add("BatchNorm2d", {300, 120});
  canvas.join(a, b);
  canvas.join(b, c);
  canvas.ready();
  canvas.drag(canvas.centre(loose), canvas.pixel({90, 98}));
  QVERIFY(canvas.is_joined(loose, b));
  QCOMPARE(canvas.layer(loose).position, (Point{0, 120}));
  QCOMPARE(canvas.layer(b).position, (Point{0, 240}));
  QCOMPARE(canvas.layer(c).position, (Point{0, 360}));
  QVERIFY(canvas.undoes_to_start());
}

void TestCanvasGestures::dragging_from_output_to_input_connects() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  const LayerId b = canvas.add("ReLU", {0, 160});
  canvas.ready();
  canvas.drag(canvas.output(a), canvas.input(b) + QPoint(12, -14));  // within reach
  QVERIFY(canvas.is_joined(a, b));
  QVERIFY(canvas.undoes_to_start());
}

void TestCanvasGestures::dragging_from_input_to_output_connects() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  const LayerId b = canvas.add("ReLU", {0, 160});
  canvas.ready();
  canvas.drag(canvas.input(b), canvas.output(a));
  QVERIFY(canvas.is_joined(a, b));
  QVERIFY(canvas.undoes_to_start());
}

void TestCanvasGestures::dropping_on_a_node_takes_its_nearest_valid_port() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  const LayerId b = canvas.add("ReLU", {0, 160});
  canvas.ready();
  canvas.drag(canvas.output(a), canvas.centre(b) + QPoint(60, 20));
  QVERIFY(canvas.is_joined(a, b));
}

void TestCanvasGestures::cycles_are_neither_offered_nor_made() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("ReLU", {0, 0});
  const LayerId b = canvas.add("Conv2d", {0, 160});
  const LayerId c = canvas.add("Conv2d", {0, 320});
  canvas.join(a, b);
  canvas.join(b, c);
  canvas.ready();
  QSignalSpy messages(&canvas.view, &NetworkView::message);
  canvas.press(canvas.output(c));
  canvas.move(canvas.centre(a));
  for (const LayerId layer : {a, b, c}) QVERIFY(canvas.scene().item(layer)->state().offered_inputs.empty());
  canvas.release(canvas.centre(a));
  QCOMPARE(canvas.steps(), 0);
  QCOMPARE(messages.count(), 1);
  QVERIFY(messages.front().front().toString().contains("cycle"));
  canvas.drag(canvas.output(c), canvas.input(c));  // itself
  QCOMPARE(canvas.now(), canvas.start);
}

void TestCanvasGestures::only_valid_ends_light_up() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Input", {0, 0});
  const LayerId b = canvas.add("ReLU", {0, 160});
  const LayerId c = canvas.add("Conv2d", {220, 160});
  canvas.join(a, b);
  canvas.ready();
  canvas.press(canvas.output(b));
  canvas.move(canvas.output(b) + QPoint(40, 20));
  QVERIFY(canvas.scene().item(a)->state().offered_inputs.empty());
  QVERIFY(canvas.scene().item(b)->state().offered_inputs.empty());
  QCOMPARE(canvas.scene().item(c)->state().offered_inputs, (std::set<int>{0}));
  QVERIFY(canvas.scene().item(c)->state().offered_outputs.empty());
  QVERIFY(canvas.scene().item(a)->state().is_dimmed);
  canvas.key(Qt::Key_Escape);
  QVERIFY(canvas.scene().item(c)->state().offered_inputs.empty());
  QVERIFY(!canvas.scene().item(a)->state().is_dimmed);
  canvas.release(canvas.output(b));
  canvas.press(canvas.input(c));
  canvas.move(canvas.input(c) - QPoint(40, 20));
  QCOMPARE(canvas.scene().item(a)->state().offered_outputs, (std::set<int>{0}));
  QCOMPARE(canvas.scene().item(b)->state().offered_outputs, (std::set<int>{0}));
  QVERIFY(canvas.scene().item(c)->state().offered_outputs.empty());
  canvas.key(Qt::Key_Escape);
}

void TestCanvasGestures::a_taken_input_is_connected_anew() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Input", {0, 0});
  const LayerId b = canvas.add("Input", {220, 0});
  const LayerId c = canvas.add("ReLU", {0, 160});
  canvas.join(a, c);
  canvas.ready();
  canvas.drag(canvas.output(b), canvas.input(c));
  QVERIFY(canvas.is_joined(b, c));
  QVERIFY(!canvas.is_joined(a, c));
  QVERIFY(canvas.undoes_to_start());
}

void TestCanvasGestures::a_variadic_layer_offers_only_its_free_port() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Input", {0, 0});
  const LayerId b = canvas.add("Input", {220, 0});
  const LayerId c = canvas.add("Input", {440, 0});
  const LayerId sum = canvas.add("Add", {220, 160});
  canvas.join(a, sum, 0);
  canvas.join(b, sum, 1);
  canvas.ready();
  canvas.press(canvas.output(c));
  canvas.move(canvas.output(c) + QPoint(-20, 30));
  QCOMPARE(canvas.scene().item(sum)->state().offered_inputs, (std::set<int>{2}));
  canvas.move(canvas.centre(sum));
  canvas.release(canvas.centre(sum));
  QVERIFY(canvas.is_joined(c, sum, 2));
  QVERIFY(canvas.is_joined(a, sum, 0));
  QCOMPARE(canvas.scene().item(sum)->face().inputs.size(), std::size_t{4});
}

void TestCanvasGestures::a_wire_taken_off_its_input_and_dropped_is_removed() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  const LayerId b = canvas.add("ReLU", {0, 160});
  canvas.join(a, b);
  canvas.ready();
  canvas.drag(canvas.input(b), canvas.pixel({300, 120}));
  QVERIFY(!canvas.is_joined(a, b));
  QVERIFY(canvas.undoes_to_start());
}

void TestCanvasGestures::a_wire_taken_off_its_input_reconnects() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  const LayerId b = canvas.add("ReLU", {0, 160});
  const LayerId c = canvas.add("ReLU", {220, 160});
  canvas.join(a, b);
  canvas.ready();
  canvas.drag(canvas.input(b), canvas.input(c));
  QVERIFY(!canvas.is_joined(a, b));
  QVERIFY(canvas.is_joined(a, c));
  QVERIFY(canvas.undoes_to_start());
}

void TestCanvasGestures::a_wire_put_back_is_no_step() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  const LayerId b = canvas.add("ReLU", {0, 160});
  canvas.join(a, b);
  canvas.ready();
  canvas.press(canvas.input(b));
  canvas.move(canvas.pixel({300, 120}));
  QVERIFY(!canvas.scene().item(Connection{{a, 0}, {b, 0}})->isVisible());
  canvas.move(canvas.input(b));
  canvas.release(canvas.input(b));
  QCOMPARE(canvas.steps(), 0);
  QVERIFY(canvas.scene().item(Connection{{a, 0}, {b, 0}})->isVisible());
  canvas.click(canvas.input(b));
  QCOMPARE(canvas.now(), canvas.start);
}

void TestCanvasGestures::a_wire_dragged_by_its_middle_changes_its_source() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  const LayerId b = canvas.add("Conv2d", {220, 0});
  const LayerId c = canvas.add("ReLU", {0, 240});
  canvas.join(a, c);
  canvas.ready();
  canvas.drag(canvas.pixel({90, 100}), canvas.output(b));  // nearer to the source
  QVERIFY(canvas.is_joined(b, c));
  QVERIFY(!canvas.is_joined(a, c));
  QVERIFY(canvas.undoes_to_start());
}

void TestCanvasGestures::escape_cancels_a_wire() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  const LayerId b = canvas.add("ReLU", {0, 160});
  canvas.ready();
  const int items = canvas.items();
  canvas.press(canvas.output(a));
  canvas.move(canvas.input(b));
  canvas.key(Qt::Key_Escape);
  canvas.release(canvas.input(b));
  QCOMPARE(canvas.steps(), 0);
  QCOMPARE(canvas.now(), canvas.start);
  QCOMPARE(canvas.items(), items);
}

void TestCanvasGestures::escape_cancels_a_detached_wire() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  const LayerId b = canvas.add("ReLU", {0, 160});
  canvas.join(a, b);
  canvas.ready();
  canvas.press(canvas.input(b));
  canvas.move(canvas.pixel({300, 120}));
  canvas.key(Qt::Key_Escape);
  canvas.release(canvas.pixel({300, 120}));
  QCOMPARE(canvas.now(), canvas.start);
  QVERIFY(canvas.scene().item(Connection{{a, 0}, {b, 0}})->isVisible());
}

void TestCanvasGestures::a_wire_dropped_on_the_canvas_offers_layers() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  canvas.ready();
  canvas.drag(canvas.output(a), canvas.pixel({90, 140}));
  auto* list = canvas.view.findChild<QuickAdd*>();
  QVERIFY(list->isVisible());
  const auto* rows = list->findChild<QListWidget*>();
  QVERIFY(rows->findItems("Input", Qt::MatchExactly).isEmpty());  // nothing leads into an Input
  auto* words = list->findChild<QLineEdit*>();
  QTest::keyClicks(words, "relu");
  QTest::keyClick(words, Qt::Key_Return);
  QVERIFY(!list->isVisible());
  QCOMPARE(canvas.network().layers.size(), std::size_t{2});
  const LayerId added = canvas.network().layers.back().id;
  QVERIFY(canvas.is_joined(a, added));
  QCOMPARE(canvas.layer(added).position, (Point{0, 140}));
  QCOMPARE(canvas.view.selection(), (std::set<LayerId>{added}));
  QVERIFY(canvas.undoes_to_start());
}

void TestCanvasGestures::a_backward_wire_dropped_on_the_canvas_offers_layers() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 240});
  canvas.ready();
  canvas.drag(canvas.input(a), canvas.pixel({90, 100}));
  auto* list = canvas.view.findChild<QuickAdd*>();
  QVERIFY(list->isVisible());
  const int items = canvas.items();
  QTest::keyClick(list->findChild<QLineEdit*>(), Qt::Key_Escape);
  QVERIFY(!list->isVisible());
  QCOMPARE(canvas.items(), items - 1);  // the waiting wire is gone
  QCOMPARE(canvas.now(), canvas.start);
  canvas.drag(canvas.input(a), canvas.pixel({90, 100}));
  auto* words = list->findChild<QLineEdit*>();
  QTest::keyClicks(words, "input");
  QTest::keyClick(words, Qt::Key_Return);
  QVERIFY(canvas.is_joined(canvas.network().layers.back().id, a));
  QVERIFY(canvas.undoes_to_start());
}

void TestCanvasGestures::undo_in_the_middle_of_a_drag_cancels_it() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  canvas.ready();
  QVERIFY(canvas.document.edit("Move", {MoveLayer{canvas.network().id, a, {100, 0}}}));
  canvas.press(canvas.centre(a));
  canvas.move(canvas.centre(a) + QPoint(60, 60));
  canvas.document.undo_stack().undo();
  QCOMPARE(canvas.scene().item(a)->pos(), QPointF(0, 0));
  canvas.move(canvas.centre(a) + QPoint(90, 60));
  canvas.release(canvas.centre(a) + QPoint(90, 60));
  QCOMPARE(canvas.now(), canvas.start);
}

QTEST_MAIN(TestCanvasGestures)
#include "test_canvas_gestures.moc"
