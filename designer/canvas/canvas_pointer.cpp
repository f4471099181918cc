// NetworkView's side of mouse, touchpad, keyboard and drags from the palette.

#include <QApplication>
#include <QDragEnterEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLineF>
#include <QMimeData>
#include <QMouseEvent>
#include <QNativeGestureEvent>
#include <QPointingDevice>
#include <QScrollBar>
#include <QToolTip>
#include <QWheelEvent>
#include <cmath>

#include "designer/canvas/band_gesture.h"
#include "designer/canvas/connect_gesture.h"
#include "designer/canvas/geometry.h"
#include "designer/canvas/minimap.h"
#include "designer/canvas/move_gesture.h"
#include "designer/canvas/move_note_gesture.h"
#include "designer/canvas/network_scene.h"
#include "designer/canvas/network_view.h"
#include "designer/canvas/note_editor.h"
#include "designer/canvas/placement.h"
#include "designer/canvas/quick_add.h"

namespace netwright {
namespace {

constexpr qreal port_reach = 10;  // pixels
constexpr qreal wire_reach = 7;   // pixels

}  // namespace

Pointer NetworkView::pointer_at(QPointF position, Qt::KeyboardModifiers modifiers) const {
  return {mapToScene(position.toPoint()), modifiers, 1 / zoom()};
}

void NetworkView::begin(std::unique_ptr<Gesture> gesture) {
  clear_hover();
  gesture_ = std::move(gesture);
  update_cursor();
}

void NetworkView::cancel_gesture() {
  pressed_at_.reset();
  edge_timer_.stop();
  if (!gesture_) return;
  const std::unique_ptr<Gesture> gesture = std::move(gesture_);
  gesture->cancel();
  update_cursor();
}

void NetworkView::update_cursor() {
  Qt::CursorShape shape = Qt::ArrowCursor;
  if (pan_from_)
    shape = Qt::ClosedHandCursor;
  else if (gesture_)
    shape = gesture_->cursor();
  else if (is_space_held_)
    shape = Qt::OpenHandCursor;
  else if (hovered_wire_)
    shape = Qt::PointingHandCursor;
  else if (const LayerItem* item = scene_->item(hovered_layer_);
           item && (item->state().hovered_input >= 0 || item->state().hovered_output >= 0))
    shape = Qt::CrossCursor;
  viewport()->setCursor(shape);
}

void NetworkView::mousePressEvent(QMouseEvent* event) {
  event->accept();
  setFocus(Qt::MouseFocusReason);
  quick_add_->dismiss();
  if (gesture_ || pan_from_) return;
  if (event->button() == Qt::MiddleButton || (event->button() == Qt::LeftButton && is_space_held_)) {
    pan_from_ = event->position();
    has_space_panned_ = true;
    update_cursor();
  } else if (event->button() == Qt::LeftButton) {
    pressed_at_ = event->position();
    press_left(pointer_at(event->position(), event->modifiers()));
  }
}

void NetworkView::press_left(const Pointer& pointer) {
  pressed_layer_ = {};
  pressed_wire_.reset();
  pressed_note_.reset();
  deselects_others_on_release_ = false;
  note_editor_->close_keeping();
  const auto complain = [this](const QString& text) { emit message(text); };
  const auto drop = [this](const PortHit& fixed, QPointF place) {
    waiting_wire_ = std::make_unique<PendingWireItem>();
    scene_->add_overlay(*waiting_wire_);
    const QPointF end = scene_->place_of(fixed);
    fixed.is_output ? waiting_wire_->set_ends(end, place, true) : waiting_wire_->set_ends(place, end, true);
    QuickAddRequest request{.place = place};
    (fixed.is_output ? request.fed_from : request.leads_to) = fixed.port;
    open_quick_add(request);
  };
  if (const auto port =
          zoom() >= plain_zoom ? scene_->port_at(pointer.place, port_reach * pointer.pixel) : std::nullopt) {
    std::optional<Connection> detached;
    if (const Network* network = current(); network && !port->is_output)
      for (const Connection& c : network->connections)
        if (c.to == port->port) detached = c;
    begin(std::make_unique<ConnectGesture>(*scene_, detached ? PortHit{detached->from, true} : *port, detached, drop,
                                           complain));
    return;
  }
  const bool adds = pointer.modifiers & (Qt::ShiftModifier | Qt::ControlModifier);
  if (LayerItem* layer = scene_->layer_at(pointer.place)) {
    std::set<LayerId> selected = selection();
    pressed_layer_ = layer->layer();
    if (adds) {
      if (!selected.insert(pressed_layer_).second) selected.erase(pressed_layer_);
      if (!selected.contains(pressed_layer_)) pressed_layer_ = {};
      select(selected);
    } else if (layer->isSelected()) {
      deselects_others_on_release_ = true;
    } else {
      select({pressed_layer_});
    }
    return;
  }
  if (ConnectionItem* wire = scene_->connection_at(pointer.place, wire_reach * pointer.pixel)) {
    set_selected(adds ? selection() : std::set<LayerId>{}, wire);
    pressed_wire_ = wire->connection();
    return;
  }
  if (NoteItem* note = scene_->note_at(pointer.place)) {
    set_selected({}, note);
    pressed_note_ = note->index();
    return;
  }
  begin(std::make_unique<BandGesture>(*scene_, pointer.place, selection(),
                                      [this](const std::set<LayerId>& layers) { select(layers); }));
}

void NetworkView::start_move(LayerItem& grabbed, const Pointer& start) {
  begin(std::make_unique<MoveGesture>(*scene_, grabbed.layer(), start.place, snaps_,
                                      [this](const QString& text) { emit message(text); }));
}

void NetworkView::mouseMoveEvent(QMouseEvent* event) {
  event->accept();
  last_pointer_ = event->position();
  const Pointer pointer = pointer_at(event->position(), event->modifiers());
  if (pan_from_) {
    scroll_by(event->position() - *pan_from_);
    pan_from_ = event->position();
    return;
  }
  const bool is_drag =
      pressed_at_ && (event->position() - *pressed_at_).manhattanLength() >= QApplication::startDragDistance();
  if (!gesture_ && is_drag) {
    const Pointer start = pointer_at(*pressed_at_, event->modifiers());
    if (LayerItem* layer = scene_->item(pressed_layer_)) {
      start_move(*layer, start);
    } else if (pressed_note_) {
      begin(std::make_unique<MoveNoteGesture>(*scene_, *pressed_note_, start.place, snaps_,
                                              [this](const QString& text) { emit message(text); }));
    } else if (const ConnectionItem* wire = pressed_wire_ ? scene_->item(*pressed_wire_) : nullptr) {
      // The end that is nearer to the hand comes along; the other one stays.
      const Connection connection = *pressed_wire_;
      const qreal to_source = QLineF(start.place, scene_->place_of({connection.from, true})).length();
      const qreal to_target = QLineF(start.place, scene_->place_of({connection.to, false})).length();
      const PortHit fixed = to_target <= to_source ? PortHit{connection.from, true} : PortHit{connection.to, false};
      Q_UNUSED(wire)
      begin(std::make_unique<ConnectGesture>(*scene_, fixed, connection, ConnectGesture::DropOnCanvas(),
                                             [this](const QString& text) { emit message(text); }));
    }
  }
  if (!gesture_) {
    if (event->buttons() == Qt::NoButton) hover(pointer);
    return;
  }
  gesture_->move(pointer);
  viewport()->rect().contains(event->position().toPoint()) ? edge_timer_.stop() : edge_timer_.start();
}

void NetworkView::scroll_at_edge() {
  if (!gesture_) {
    edge_timer_.stop();
    return;
  }
  const QRectF area = viewport()->rect();
  const QPointF inside(std::clamp(last_pointer_.x(), area.left(), area.right()),
                       std::clamp(last_pointer_.y(), area.top(), area.bottom()));
  scroll_by((inside - last_pointer_) / 4);
  gesture_->move(pointer_at(last_pointer_, QApplication::keyboardModifiers()));
}

void NetworkView::mouseReleaseEvent(QMouseEvent* event) {
  event->accept();
  last_pointer_ = event->position();
  const Pointer pointer = pointer_at(event->position(), event->modifiers());
  if (pan_from_ && (event->button() == Qt::MiddleButton || event->button() == Qt::LeftButton)) {
    pan_from_.reset();
    update_cursor();
    return;
  }
  if (event->button() != Qt::LeftButton) return;
  edge_timer_.stop();
  const bool was_pressed = pressed_at_.has_value();
  pressed_at_.reset();
  if (const std::unique_ptr<Gesture> gesture = std::move(gesture_)) {
    gesture->finish(pointer);
  } else if (was_pressed && deselects_others_on_release_ && pressed_layer_) {
    select({pressed_layer_});
  }
  hover(pointer);
}

void NetworkView::mouseDoubleClickEvent(QMouseEvent* event) {
  event->accept();
  if (event->button() != Qt::LeftButton) return;
  const Pointer pointer = pointer_at(event->position(), event->modifiers());
  cancel_gesture();
  if (const LayerItem* layer = scene_->layer_at(pointer.place)) {
    activate(layer->layer());
  } else if (const NoteItem* note = scene_->note_at(pointer.place)) {
    edit_note(note->index());
  } else {
    QuickAddRequest request{.place = pointer.place};
    if (const ConnectionItem* wire = scene_->connection_at(pointer.place, wire_reach * pointer.pixel))
      request.inserted_in = wire->connection();
    open_quick_add(request);
  }
}

void NetworkView::clear_hover() {
  if (LayerItem* item = scene_->item(hovered_layer_)) {
    NodeState state = item->state();
    state.is_hovered = false;
    state.hovered_input = state.hovered_output = -1;
    item->set_state(state);
  }
  if (ConnectionItem* wire = hovered_wire_ ? scene_->item(*hovered_wire_) : nullptr) wire->set_hovered(false);
  hovered_layer_ = {};
  hovered_wire_.reset();
}

void NetworkView::hover(const Pointer& pointer) {
  const auto port = zoom() >= plain_zoom ? scene_->port_at(pointer.place, port_reach * pointer.pixel) : std::nullopt;
  LayerItem* layer = port ? scene_->item(port->port.layer) : scene_->layer_at(pointer.place);
  ConnectionItem* wire = layer ? nullptr : scene_->connection_at(pointer.place, wire_reach * pointer.pixel);
  if (hovered_layer_ != (layer ? layer->layer() : LayerId{}) || hovered_wire_) clear_hover();
  if (layer) {
    hovered_layer_ = layer->layer();
    NodeState state = layer->state();
    state.is_hovered = true;
    state.hovered_input = state.hovered_output = -1;
    if (port) (port->is_output ? state.hovered_output : state.hovered_input) = port->port.port;
    layer->set_state(state);
  }
  if (wire) {
    hovered_wire_ = wire->connection();
    wire->set_hovered(true);
  }
  update_cursor();
}

void NetworkView::wheelEvent(QWheelEvent* event) {
  event->accept();
  const bool is_touchpad =
      event->pointingDevice()->type() == QInputDevice::DeviceType::TouchPad || event->phase() != Qt::NoScrollPhase;
  if (is_touchpad && !event->pixelDelta().isNull() && !(event->modifiers() & Qt::ControlModifier)) {
    scroll_by(event->pixelDelta());
    return;
  }
  zoom_by(std::pow(1.2, event->angleDelta().y() / 120.0), event->position());
}

void NetworkView::keyPressEvent(QKeyEvent* event) {
  const bool is_plain = !(event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier));
  const qreal step = event->modifiers() & Qt::ShiftModifier ? 5 * grid_step : grid_step;
  const auto is = [event](QKeySequence::StandardKey key) { return event->matches(key); };
  event->accept();
  if (event->key() == Qt::Key_Escape) {
    if (gesture_ || pressed_at_)
      cancel_gesture();
    else
      select({});
  } else if (event->key() == Qt::Key_Space && is_plain) {
    if (event->isAutoRepeat()) return;
    is_space_held_ = true;
    has_space_panned_ = false;
    update_cursor();
  } else if (gesture_) {
    return;  // nothing else may change what the gesture stands on
  } else if (event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace) {
    delete_selection();
  } else if (is(QKeySequence::SelectAll)) {
    select_all();
  } else if (is(QKeySequence::Copy)) {
    copy();
  } else if (is(QKeySequence::Cut)) {
    cut();
  } else if (is(QKeySequence::Paste)) {
    paste();
  } else if (event->key() == Qt::Key_D && event->modifiers() == Qt::ControlModifier) {
    duplicate();
  } else if (event->key() == Qt::Key_9 && event->modifiers() == Qt::ControlModifier) {
    fit();
  } else if (is(QKeySequence::ZoomIn)) {
    zoom_in();
  } else if (is(QKeySequence::ZoomOut)) {
    zoom_out();
  } else if (is_plain && event->key() == Qt::Key_Left) {
    nudge({-step, 0});
  } else if (is_plain && event->key() == Qt::Key_Right) {
    nudge({step, 0});
  } else if (is_plain && event->key() == Qt::Key_Up) {
    nudge({0, -step});
  } else if (is_plain && event->key() == Qt::Key_Down) {
    nudge({0, step});
  } else if (is_plain && event->text().size() == 1 && event->text().front().isLetterOrNumber()) {
    open_quick_add(request_at(cursor_place()), event->text());
  } else {
    event->ignore();
  }
}

void NetworkView::keyReleaseEvent(QKeyEvent* event) {
  if (event->key() != Qt::Key_Space || event->isAutoRepeat() || !is_space_held_) {
    QGraphicsView::keyReleaseEvent(event);
    return;
  }
  is_space_held_ = false;
  update_cursor();
  if (!has_space_panned_ && !gesture_) open_quick_add(request_at(cursor_place()));
}

bool NetworkView::event(QEvent* event) {
  // Tab would otherwise move the focus before any key event is seen; Shift+Tab still leaves the canvas.
  if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Tab &&
      static_cast<QKeyEvent*>(event)->modifiers() == Qt::NoModifier) {
    if (!gesture_) open_quick_add(request_at(cursor_place()));
    return true;
  }
  return QGraphicsView::event(event);
}

void NetworkView::focusOutEvent(QFocusEvent* event) {
  is_space_held_ = false;
  QGraphicsView::focusOutEvent(event);
}

bool NetworkView::viewportEvent(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    QToolTip::showText(help->globalPos(), gesture_ ? QString() : tool_tip_at(pointer_at(help->pos(), {})), viewport());
    return true;
  }
  if (event->type() == QEvent::Leave) {
    clear_hover();
    last_pointer_ = {-1, -1};
  }
  if (event->type() == QEvent::NativeGesture) {
    const auto* pinch = static_cast<QNativeGestureEvent*>(event);
    if (pinch->gestureType() == Qt::ZoomNativeGesture) {
      zoom_by(1 + pinch->value(), pinch->position());
      return true;
    }
  }
  return QGraphicsView::viewportEvent(event);
}

QString NetworkView::tool_tip_at(const Pointer& pointer) const {
  const auto shape_text = [](const std::vector<netwright::Shape>& shapes, int port) {
    return port < static_cast<int>(shapes.size()) ? QString::fromStdString(shapes[port].to_string())
                                                  : tr("not known yet");
  };
  const auto name_of = [this](LayerId layer) { return scene_->item(layer)->face().name.toHtmlEscaped(); };
  if (const auto port = scene_->port_at(pointer.place, port_reach * pointer.pixel)) {
    const LayerReport* report = document_.report().find(network_, port->port.layer);
    const QString shape =
        report ? shape_text(port->is_output ? report->outputs : report->inputs, port->port.port) : tr("not known yet");
    return (port->is_output ? tr("<b>%1</b> · output %2: %3") : tr("<b>%1</b> · input %2: %3"))
        .arg(name_of(port->port.layer))
        .arg(port->port.port + 1)
        .arg(shape);
  }
  if (const LayerItem* layer = scene_->layer_at(pointer.place)) return layer->face().tool_tip;
  if (const ConnectionItem* wire = scene_->connection_at(pointer.place, wire_reach * pointer.pixel)) {
    const Connection& c = wire->connection();
    const LayerReport* report = document_.report().find(network_, c.from.layer);
    return QStringLiteral("<b>%1</b> → <b>%2</b>: %3")
        .arg(name_of(c.from.layer), name_of(c.to.layer),
             report ? shape_text(report->outputs, c.from.port) : tr("not known yet"));
  }
  return {};
}

void NetworkView::dragEnterEvent(QDragEnterEvent* event) {
  if (!event->mimeData()->hasFormat(layer_mime_type)) return event->ignore();
  quick_add_->dismiss();
  set_ghost(LayerKind::from_text(event->mimeData()->data(layer_mime_type).toStdString()),
            mapToScene(event->position().toPoint()));
  event->acceptProposedAction();
}

void NetworkView::dragMoveEvent(QDragMoveEvent* event) {
  if (!ghost_) return event->ignore();
  set_ghost(ghost_->kind(), mapToScene(event->position().toPoint()));
  event->acceptProposedAction();
}

void NetworkView::dragLeaveEvent(QDragLeaveEvent* event) {
  remove_ghost();
  event->accept();
}

void NetworkView::dropEvent(QDropEvent* event) {
  if (!ghost_) return event->ignore();
  const QPointF place = mapToScene(event->position().toPoint());
  set_ghost(ghost_->kind(), place);
  const LayerKind kind = ghost_->kind();
  const std::optional<Connection> wire = ghost_wire_;
  remove_ghost();
  place_layer(kind, {.place = place, .inserted_in = wire});
  setFocus(Qt::OtherFocusReason);
  event->acceptProposedAction();
}

void NetworkView::set_ghost(const LayerKind& kind, QPointF place) {
  if (!ghost_) {
    ghost_ = std::make_unique<GhostItem>(document_.project(), kind);
    scene_->add_overlay(*ghost_);
    viewport()->update();
  }
  const QPointF corner = place - QPointF(node_width / 2, node_height / 2);
  ghost_->setPos(snaps_ ? snapped(corner) : corner);
  const Layer layer{.id = {}, .name = {}, .type = kind.type, .settings = kind.settings(), .position = {}};
  ConnectionItem* wire =
      fits_on_wire(document_.project(), layer) ? scene_->connection_at(place, node_height / 3) : nullptr;
  if (ConnectionItem* before = ghost_wire_ ? scene_->item(*ghost_wire_) : nullptr; before && before != wire)
    before->set_lit(false);
  ghost_wire_ = wire ? std::optional(wire->connection()) : std::nullopt;
  if (wire) wire->set_lit(true);
}

void NetworkView::remove_ghost() {
  if (ConnectionItem* wire = ghost_wire_ ? scene_->item(*ghost_wire_) : nullptr) wire->set_lit(false);
  ghost_wire_.reset();
  ghost_.reset();
  viewport()->update();
}

}  // namespace netwright
