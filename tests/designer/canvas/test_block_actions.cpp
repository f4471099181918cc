// Blocks on the canvas: made, looked at, opened, expanded, dropped.
#include <QMenu>
#include <QMimeData>
#include <QTabWidget>
#include <QTest>

#include "backend/graph/blocks.h"
#include "designer/window/canvas_tabs.h"
#include "tests/designer/canvas/canvas_fixture.h"

using namespace netwright;

namespace {

/// Input (1×28×28) → Conv2d → ReLU → Output, with the two in the middle selected.
struct Chain : CanvasFixture {
  LayerId image, conv, relu, classes;

  Chain() {
    image = add("Input", {0, 0});
    conv = add("Conv2d", {0, 120});
    relu = add("ReLU", {0, 240});
    classes = add("Output", {0, 360});
    (void)document.edit("Set", {SetSetting{network().id, image, "shape", Integers{1, 28, 28}}});
    join(image, conv);
    join(conv, relu);
    join(relu, classes);
    ready();
    click(centre(conv));
    click(centre(relu), Qt::ShiftModifier);
  }
  const Layer& block() const {
    for (const Layer& found : network().layers) {
      if (is_block(found)) return found;
    }
    qFatal("no block");
  }
};

}  // namespace

class TestBlockActions : public QObject {
  Q_OBJECT

 private slots:
  void the_selection_becomes_a_block();
  void what_cannot_be_a_block_is_said();
  void a_double_click_opens_the_network();
  void expanding_puts_the_layers_back();
  void a_block_looks_like_a_stack();
  void ports_follow_the_network_within();
  void a_network_is_dropped_as_a_block();
  void menus_offer_what_fits();
};

void TestBlockActions::the_selection_becomes_a_block() {
  Chain canvas;
  QCOMPARE(canvas.view.selection().size(), std::size_t{2});
  const std::string figures = canvas.document.report().find(canvas.network().id)->output.to_string();
  canvas.view.make_block();
  QCOMPARE(canvas.document.project().networks.size(), std::size_t{2});
  QCOMPARE(canvas.network().layers.size(), std::size_t{3});
  const Layer block = canvas.block();
  QVERIFY(canvas.is_joined(canvas.image, block.id));
  QVERIFY(canvas.is_joined(block.id, canvas.classes));
  QVERIFY(canvas.view.selection() == std::set<LayerId>{block.id});
  QVERIFY(canvas.view.selected_block() == block.id);
  QCOMPARE(canvas.document.report().find(canvas.network().id)->output.to_string(), figures);
  QCOMPARE(canvas.items(), 3 + 2);
  QVERIFY(canvas.undoes_to_start());
}

void TestBlockActions::what_cannot_be_a_block_is_said() {
  Chain canvas;
  QSignalSpy said(&canvas.view, &NetworkView::message);
  canvas.view.select_all();
  canvas.view.make_block();
  QCOMPARE(said.size(), 1);
  QVERIFY2(said[0][0].toString().contains(QStringLiteral("input1")), qPrintable(said[0][0].toString()));
  QCOMPARE(canvas.now(), canvas.start);
  // A path that leaves the selection and comes back would be a cycle through the Block.
  const LayerId middle = canvas.add("Tanh", {200, 240});
  const LayerId sum = canvas.add("Add", {0, 480});
  canvas.join(canvas.conv, middle);
  canvas.join(middle, sum);
  canvas.join(canvas.relu, sum, 1);
  canvas.view.select({canvas.conv, canvas.relu, sum});
  canvas.view.make_block();
  QCOMPARE(said.size(), 2);
  QCOMPARE(canvas.document.project().networks.size(), std::size_t{1});
}

void TestBlockActions::a_double_click_opens_the_network() {
  Document document;
  document.reset(Chain().document.project());
  CanvasTabs tabs(document);
  tabs.resize(900, 700);
  tabs.show();
  QVERIFY(QTest::qWaitForWindowExposed(&tabs));
  NetworkView& view = *tabs.view();
  const Network& drawn = document.project().networks.front();
  view.select({drawn.layers[1].id, drawn.layers[2].id});
  view.make_block();
  QCOMPARE(tabs.count(), 2);
  QCOMPARE(tabs.currentIndex(), 0);
  view.zoom_reset();
  const LayerId block = view.selected_block();
  view.focus_layer(block);
  auto& scene = *static_cast<NetworkScene*>(view.scene());
  const QPoint at = view.mapFromScene(scene.item(block)->rect().center());
  QSignalSpy activated(&tabs, &CanvasTabs::layer_activated);
  QTest::mouseDClick(view.viewport(), Qt::LeftButton, {}, at);
  QCOMPARE(tabs.currentIndex(), 1);
  QVERIFY(tabs.network() == document.project().networks.back().id);
  QVERIFY(activated.isEmpty());
  // Any other layer shows its settings.
  NetworkView& within = *tabs.view();
  const LayerId conv = document.project().networks.back().layers.front().id;
  within.focus_layer(conv);
  auto& inner = *static_cast<NetworkScene*>(within.scene());
  QTest::mouseDClick(within.viewport(), Qt::LeftButton, {}, within.mapFromScene(inner.item(conv)->rect().center()));
  QCOMPARE(activated.size(), 1);
  // Removing it leaves the Block standing for nothing, which is said.
  QSignalSpy said(&tabs, &CanvasTabs::message);
  tabs.remove_network();
  QVERIFY(said.back()[0].toString().contains(QStringLiteral("blocks")));
  QVERIFY(!document.report().is_sound(document.project().networks.front().id));
  document.undo_stack().undo();
  QVERIFY(document.report().is_sound(document.project().networks.front().id));
  document.undo_stack().undo();
  QCOMPARE(tabs.count(), 1);
}

void TestBlockActions::expanding_puts_the_layers_back() {
  Chain canvas;
  canvas.view.make_block();
  QVERIFY(
      canvas.document.edit("Repeat", {SetSetting{canvas.network().id, canvas.block().id, "repeat", std::int64_t{1}}}));
  canvas.ready();
  canvas.click(canvas.centre(canvas.block().id));
  canvas.view.expand_block();
  QCOMPARE(canvas.network().layers.size(), std::size_t{4});
  QCOMPARE(canvas.view.selection().size(), std::size_t{2});
  QVERIFY(canvas.document.report().is_sound(canvas.network().id));
  QVERIFY(canvas.undoes_to_start());
}

void TestBlockActions::a_block_looks_like_a_stack() {
  Chain canvas;
  canvas.view.make_block();
  const LayerId block = canvas.block().id;
  const LayerItem* item = canvas.scene().item(block);
  QCOMPARE(item->face().stack, 1);
  QCOMPARE(item->face().type, QStringLiteral("Block"));  // its name is its network's
  QCOMPARE(canvas.scene().item(canvas.image)->face().stack, 0);
  canvas.view.select({});
  const auto sheet = [&] {
    QApplication::processEvents();
    const QPointF beside = item->rect().topRight() + QPointF(6, 30);  // right of the node, within the furthest sheet
    return canvas.view.grab().toImage().pixelColor(canvas.pixel(beside));
  };
  QCOMPARE(sheet(), colours().canvas);
  QVERIFY(canvas.document.edit("Repeat", {SetSetting{canvas.network().id, block, "repeat", std::int64_t{3}}}));
  QCOMPARE(item->face().stack, 3);
  QVERIFY(item->face().caption.contains(QLatin1Char('3')));
  QCOMPARE(sheet(), colours().raised);
  const NetworkId inner = canvas.document.project().networks.back().id;
  QVERIFY(canvas.document.edit("Rename", {RenameNetwork{inner, "stage"}}));
  QCOMPARE(item->face().type, QStringLiteral("stage"));
}

void TestBlockActions::ports_follow_the_network_within() {
  Chain canvas;
  canvas.view.make_block();
  const Network inner = canvas.document.project().networks.back();
  const LayerItem* item = canvas.scene().item(canvas.block().id);
  QCOMPARE(item->face().inputs.size(), std::size_t{1});
  QVERIFY(canvas.document.edit("Add", {AddLayer{inner.id, make_layer(inner, "Input", {300, 0})}}));
  QCOMPARE(item->face().inputs.size(), std::size_t{2});
  canvas.document.undo_stack().undo();
  QCOMPARE(item->face().inputs.size(), std::size_t{1});
  QVERIFY(canvas.document.edit("Add", {AddLayer{inner.id, make_layer(inner, "Output", {300, 0})}}));
  QCOMPARE(item->face().outputs.size(), std::size_t{2});
  // The new port can be drawn from.
  const LayerId other = canvas.add("Output", {300, 480});
  canvas.drag(canvas.output(canvas.block().id, 1), canvas.input(other));
  const Connection wanted{{canvas.block().id, 1}, {other, 0}};
  QCOMPARE(std::count(canvas.network().connections.begin(), canvas.network().connections.end(), wanted), 1);
}

void TestBlockActions::a_network_is_dropped_as_a_block() {
  Chain canvas;
  canvas.view.make_block();
  canvas.ready();
  const NetworkId inner = canvas.document.project().networks.back().id;
  QMimeData data;
  data.setData(layer_mime_type, QByteArray::fromStdString(LayerKind{block_type, inner}.to_text()));
  const QPoint at(700, 100);
  QDragEnterEvent enter(at, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(canvas.view.viewport(), &enter);
  QVERIFY(enter.isAccepted());
  QDropEvent drop(at, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(canvas.view.viewport(), &drop);
  QCOMPARE(canvas.network().layers.size(), std::size_t{4});
  const Layer dropped = canvas.network().layers.back();
  QVERIFY(is_block(dropped));
  QVERIFY(network_of_block(canvas.document.project(), dropped)->id == inner);
  QVERIFY(canvas.undoes_to_start());
  // A network never holds itself, nor what holds it, however it is asked.
  NetworkView within(canvas.document, inner);
  QSignalSpy said(&within, &NetworkView::message);
  within.add_layer(QString::fromStdString(LayerKind{block_type, canvas.network().id}.to_text()));
  QCOMPARE(said.size(), 1);
  canvas.view.select({dropped.id});
  canvas.view.copy();
  within.paste();
  QCOMPARE(said.size(), 2);
  const NetworkId outer = canvas.network().id;
  QCOMPARE(blocks_for(canvas.document.project(), inner), std::vector<LayerKind>());
  QCOMPARE(blocks_for(canvas.document.project(), outer), (std::vector<LayerKind>{{block_type, inner}}));
}

void TestBlockActions::menus_offer_what_fits() {
  Chain canvas;
  const auto entries = [&canvas](LayerId layer) {
    QContextMenuEvent event(QContextMenuEvent::Mouse, canvas.centre(layer),
                            canvas.view.viewport()->mapToGlobal(canvas.centre(layer)));
    QApplication::sendEvent(canvas.view.viewport(), &event);
    QStringList texts;
    auto* menu = canvas.view.findChild<QMenu*>(QStringLiteral("canvas_menu"));
    for (const QAction* action : menu->actions()) texts += action->text();
    delete menu;
    return texts;
  };
  QVERIFY(entries(canvas.conv).contains(QStringLiteral("Make a block")));
  QVERIFY(!entries(canvas.conv).contains(QStringLiteral("Expand the block")));
  canvas.view.select({canvas.conv, canvas.relu});
  canvas.view.make_block();
  QVERIFY(entries(canvas.block().id).contains(QStringLiteral("Expand the block")));
  QVERIFY(entries(canvas.block().id).contains(QStringLiteral("Open the block")));
}

QTEST_MAIN(TestBlockActions)
#include "test_block_actions.moc"
