#pragma once
// A document with a view on it, driven by real mouse and key events as a person would.

#include <QApplication>
#include <QSignalSpy>
#include <QTest>

#include "backend/graph/gestures.h"
#include "backend/graph/project_json.h"
#include "designer/canvas/geometry.h"
#include "designer/canvas/network_scene.h"
#include "designer/canvas/network_view.h"
#include "designer/theme/theme.h"

namespace netwright {

struct CanvasFixture {
  Document document;
  NetworkView view;

  explicit CanvasFixture(QSize size = {900, 700}) : view(document, document.project().networks.front().id) {
    view.resize(size);
    view.show();
    (void)QTest::qWaitForWindowExposed(&view);
    view.setFocus();
    start = to_json(document.project());
  }

  std::string start;  ///< the project as the test's gesture finds it

  NetworkScene& scene() { return *static_cast<NetworkScene*>(view.scene()); }
  const Network& network() const { return document.project().networks.front(); }
  const Layer& layer(LayerId id) const { return *network().find(id); }

  LayerId add(const std::string& type, Point place) {
    const Layer made = make_layer(network(), type, place);
    (void)document.edit("Add", {AddLayer{network().id, made}});
    return made.id;
  }
  void join(LayerId from, LayerId to, int port = 0) {
    (void)document.edit("Connect", {Connect{network().id, {{from, 0}, {to, port}}}});
  }
  bool is_joined(LayerId from, LayerId to, int port = 0) const {
    const Connection wanted{{from, 0}, {to, port}};
    return std::count(network().connections.begin(), network().connections.end(), wanted) == 1;
  }

  /// What follows is the gesture under test: it starts at zoom 1, the network in the middle, and nothing to undo.
  void ready() {
    document.undo_stack().clear();
    start = to_json(document.project());
    view.fit();
    view.zoom_reset();
    QApplication::processEvents();
  }
  /// Nodes, wires and what gestures show.
  int items() { return static_cast<int>(scene().items().size()) - 1; }  // but for the group of overlays
  int steps() { return document.undo_stack().count(); }
  std::string now() const { return to_json(document.project()); }
  /// Undoing the only step gives the starting bytes.
  bool undoes_to_start() {
    if (steps() != 1) return false;
    document.undo_stack().undo();
    const bool is_same = now() == start;
    document.undo_stack().redo();
    return is_same;
  }

  QPoint pixel(QPointF place) { return view.mapFromScene(place); }
  QPoint centre(LayerId id) { return pixel(scene().item(id)->rect().center()); }
  QPoint input(LayerId id, int port = 0) { return pixel(scene().item(id)->input_place(port)); }
  QPoint output(LayerId id, int port = 0) { return pixel(scene().item(id)->output_place(port)); }

  void press(QPoint at, Qt::KeyboardModifiers modifiers = {}, Qt::MouseButton button = Qt::LeftButton) {
    QTest::mousePress(view.viewport(), button, modifiers, at);
  }
  void move(QPoint to, Qt::MouseButtons buttons = Qt::LeftButton, Qt::KeyboardModifiers modifiers = {}) {
    QMouseEvent event(QEvent::MouseMove, to, view.viewport()->mapToGlobal(to), Qt::NoButton, buttons, modifiers);
    QApplication::sendEvent(view.viewport(), &event);
  }
  void release(QPoint at, Qt::KeyboardModifiers modifiers = {}, Qt::MouseButton button = Qt::LeftButton) {
    QTest::mouseRelease(view.viewport(), button, modifiers, at);
  }
  void click(QPoint at, Qt::KeyboardModifiers modifiers = {}) {
    press(at, modifiers);
    release(at, modifiers);
  }
  void drag(QPoint from, QPoint to, Qt::KeyboardModifiers modifiers = {}) {
    press(from, modifiers);
    for (int i = 1; i <= 5; ++i) move(from + (to - from) * i / 5, Qt::LeftButton, modifiers);
    release(to, modifiers);
  }
  void key(Qt::Key key, Qt::KeyboardModifiers modifiers = {}) { QTest::keyClick(&view, key, modifiers); }
};

}  // namespace netwright
