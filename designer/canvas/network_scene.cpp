#include "designer/canvas/network_scene.h"

#include <QLineF>
#include <QPainter>
#include <QStyleOptionGraphicsItem>
#include <algorithm>
#include <limits>

#include "backend/graph/blocks.h"
#include "designer/canvas/geometry.h"
#include "designer/theme/theme.h"

namespace netwright {
NetworkScene::NetworkScene(Document& document, NetworkId network, QObject* parent)
    : QGraphicsScene(parent), document_(document), network_(network), overlays_(new QGraphicsItemGroup) {
  overlays_->setZValue(2);
  overlays_->setFlag(QGraphicsItem::ItemHasNoContents);
  addItem(overlays_);
  connect(&document_, &Document::edited, this, &NetworkScene::follow);
  connect(&document_, &Document::analysed, this, &NetworkScene::follow_report);
  connect(&document_, &Document::replaced, this, &NetworkScene::rebuild);
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    update();
    emit content_changed();
  });
  rebuild();
}

LayerItem* NetworkScene::item(LayerId layer) const {
  const auto found = layers_.find(layer);
  return found == layers_.end() ? nullptr : found->second;
}

ConnectionItem* NetworkScene::item(const Connection& connection) const {
  const auto found = wires_.find(connection);
  return found == wires_.end() ? nullptr : found->second;
}

LayerItem* NetworkScene::layer_at(QPointF point) const {
  for (QGraphicsItem* found : items(point, Qt::IntersectsItemBoundingRect, Qt::DescendingOrder))
    if (auto* layer = qgraphicsitem_cast<LayerItem*>(found); layer && layer->rect().contains(point)) return layer;
  return nullptr;
}

std::optional<PortHit> NetworkScene::port_at(QPointF point, qreal reach) const {
  std::optional<PortHit> nearest;
  qreal distance = reach;
  const auto consider = [&](QPointF place, PortHit hit) {
    const qreal d = QLineF(point, place).length();
    if (d > distance) return;
    distance = d;
    nearest = hit;
  };
  const QRectF around(point - QPointF(reach, reach), QSizeF(2 * reach, 2 * reach));
  for (const LayerItem* layer : layers_in(around)) {
    for (int port = 0; port < static_cast<int>(layer->face().inputs.size()); ++port)
      consider(layer->input_place(port), {{layer->layer(), port}, false});
    for (int port = 0; port < static_cast<int>(layer->face().outputs.size()); ++port)
      consider(layer->output_place(port), {{layer->layer(), port}, true});
  }
  return nearest;
}

ConnectionItem* NetworkScene::connection_at(QPointF point, qreal reach) const {
  ConnectionItem* nearest = nullptr;
  qreal distance = reach;
  const QRectF around(point - QPointF(reach, reach), QSizeF(2 * reach, 2 * reach));
  for (QGraphicsItem* found : items(around, Qt::IntersectsItemBoundingRect)) {
    auto* wire = qgraphicsitem_cast<ConnectionItem*>(found);
    if (!wire || !wire->isVisible()) continue;
    if (const qreal d = wire->distance_to(point); d <= distance) {
      distance = d;
      nearest = wire;
    }
  }
  return nearest;
}

NoteItem* NetworkScene::note_at(QPointF point) const {
  const auto found =
      std::find_if(notes_.rbegin(), notes_.rend(), [&](const NoteItem* note) { return note->rect().contains(point); });
  return found == notes_.rend() ? nullptr : *found;
}

std::vector<LayerItem*> NetworkScene::layers_in(const QRectF& rect) const {
  std::vector<LayerItem*> found;
  for (QGraphicsItem* any : items(rect, Qt::IntersectsItemBoundingRect))
    if (auto* layer = qgraphicsitem_cast<LayerItem*>(any); layer && layer->rect().intersects(rect))
      found.push_back(layer);
  return found;
}

QPointF NetworkScene::top_layer_centre() const {
  const auto highest = std::min_element(layers_.begin(), layers_.end(), [](const auto& a, const auto& b) {
    return a.second->rect().top() < b.second->rect().top();
  });
  return highest == layers_.end() ? QPointF() : highest->second->rect().center();
}

QRectF NetworkScene::content_rect() const {
  QRectF rect;
  for (const auto& [id, item] : layers_) rect |= item->rect();
  for (const NoteItem* note : notes_) rect |= note->rect();
  return rect;
}

QPointF NetworkScene::place_of(const PortHit& hit) const {
  const LayerItem* layer = item(hit.port.layer);
  if (!layer) return {};
  return hit.is_output ? layer->output_place(hit.port.port) : layer->input_place(hit.port.port);
}

void NetworkScene::add_overlay(QGraphicsItem& item) {
  item.setParentItem(overlays_);
}

void NetworkScene::paint_from_afar(QPainter& painter, const QRectF& exposed) const {
  for (const NoteItem* note : notes_) {
    if (note->rect().intersects(exposed)) painter.fillRect(note->rect(), colours().raised);
  }
  QList<QLineF> wires;
  QList<QLineF> bad_wires;
  QList<QLineF> marked_wires;
  for (const auto& [connection, wire] : wires_) {
    if (!wire->isVisible() || !wire->boundingRect().intersects(exposed)) continue;
    (wire->isSelected() || wire->is_lit() ? marked_wires
     : wire->is_in_error()                ? bad_wires
                                          : wires)
        .push_back(wire->chord());
  }
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing, false);
  const auto draw = [&painter](const QList<QLineF>& lines, const QColor& colour, qreal width) {
    QPen pen(colour, width);
    pen.setCosmetic(true);
    painter.setPen(pen);
    painter.drawLines(lines);
  };
  draw(wires, colours().wire, 0);
  draw(bad_wires, colours().error, 0);
  draw(marked_wires, colours().accent, 2);
  for (const auto& [layer, item] : layers_)
    if (item->rect().intersects(exposed))
      painter.fillRect(item->rect(), plain_colour(item->face(), item->isSelected(), item->state().is_dimmed));
  const QTransform to_view = painter.transform();
  painter.setRenderHint(QPainter::Antialiasing);
  for (QGraphicsItem* overlay : overlays_->childItems()) {
    painter.setTransform(overlay->sceneTransform() * to_view);
    painter.setOpacity(overlay->opacity());
    const QStyleOptionGraphicsItem option;
    overlay->paint(&painter, &option, nullptr);
  }
  for (const auto& [layer, item] : layers_) {
    if (item->state().flash <= 0) continue;
    painter.setTransform(item->sceneTransform() * to_view);
    paint_flash(painter, item->state().flash);
  }
  painter.restore();
}

void NetworkScene::show_at(LayerId layer, QPointF position) {
  LayerItem* shown = item(layer);
  if (!shown || shown->pos() == position) return;
  shown->setPos(position);
  route_all_of(layer);
}

void NetworkScene::rebuild() {
  // Only what stands for the document: a gesture's own items are the gesture's.
  for (const auto& [connection, wire] : wires_) delete wire;
  for (const auto& [layer, shown] : layers_) delete shown;
  layers_.clear();
  wires_.clear();
  connections_.clear();
  complaints_.clear();
  figures_.clear();
  edited_.clear();
  regrown_.clear();
  if (const Network* network = this->network()) {
    for (const Connection& connection : network->connections) {
      connections_[connection.from.layer].push_back(connection);
      connections_[connection.to.layer].push_back(connection);
    }
    for (const Layer& layer : network->layers) add_item(layer);
    for (const Connection& connection : network->connections) route(*add_wire(connection));
  }
  rebuild_notes();
  follow_report();
  emit network_edited();
}

void NetworkScene::rebuild_notes() {
  static const std::vector<CanvasNote> none;
  const std::vector<CanvasNote>& notes = network() ? network()->notes : none;
  for (; notes_.size() > notes.size(); notes_.pop_back()) delete notes_.back();
  for (std::size_t i = 0; i < notes.size(); ++i) {
    if (i < notes_.size()) {
      notes_[i]->set_note(notes[i]);
      continue;
    }
    notes_.push_back(new NoteItem(i, notes[i]));
    addItem(notes_.back());
  }
}

void NetworkScene::follow(const Edit& edit) {
  if (network_of(edit) != network_) {
    are_blocks_stale_ = true;
    return;
  }
  if (std::holds_alternative<RemoveNetwork>(edit) || std::holds_alternative<AddNetwork>(edit)) {
    rebuild();
    return;
  }
  if (const auto* added = std::get_if<AddLayer>(&edit)) add_item(added->layer);
  if (const auto* removed = std::get_if<RemoveLayer>(&edit)) remove_item(removed->layer);
  if (const auto* made = std::get_if<Connect>(&edit)) connect_item(made->connection);
  if (const auto* cut = std::get_if<Disconnect>(&edit)) disconnect_item(cut->connection);
  if (const auto* renamed = std::get_if<RenameLayer>(&edit)) edited_.insert(renamed->layer);
  if (const auto* set = std::get_if<SetSetting>(&edit)) edited_.insert(set->layer);
  if (const auto* cleared = std::get_if<ClearSetting>(&edit)) edited_.insert(cleared->layer);
  if (const auto* frozen = std::get_if<SetTrainable>(&edit)) edited_.insert(frozen->layer);
  if (std::holds_alternative<SetCanvasNotes>(edit)) {
    rebuild_notes();
    emit content_changed();
  }
  if (const auto* moved = std::get_if<MoveLayer>(&edit)) {
    show_at(moved->layer, to_qt(moved->position));
    are_places_stale_ = true;
  }
  emit network_edited();
}

void NetworkScene::follow_report() {
  for (const auto& [layer, before] : complaints_) edited_.insert(layer);
  complaints_.clear();
  std::set<PortRef> bad_inputs;
  for (const Diagnostic& diagnostic : document_.report().diagnostics) {
    if (diagnostic.network != network_ || !diagnostic.layer) continue;
    complaints_[diagnostic.layer].push_back(&diagnostic);
    edited_.insert(diagnostic.layer);
    if (diagnostic.severity == Severity::Error && diagnostic.port >= 0)
      bad_inputs.insert({diagnostic.layer, diagnostic.port});
  }
  if (const NetworkReport* report = document_.report().find(network_)) {
    for (const auto& [layer, found] : report->layers) {
      Figures figures{found.is_valid, found.parameters, found.field, found.outputs};
      Figures& shown = figures_[layer];
      if (figures == shown) continue;
      shown = std::move(figures);
      edited_.insert(layer);
    }
  }
  if (const Network* network = this->network(); network && are_blocks_stale_) {
    // Their names and ports are other networks'.
    for (const Layer& layer : network->layers)
      if (is_block(layer)) edited_.insert(layer.id);
  }
  are_blocks_stale_ = false;
  for (const LayerId layer : edited_) refresh(layer);
  for (const LayerId layer : regrown_) route_all_of(layer);
  edited_.clear();
  regrown_.clear();
  for (const auto& [connection, wire] : wires_) {
    wire->set_in_error(bad_inputs.contains(connection.to));
    if (are_places_stale_ && wire->is_long()) route(*wire);
  }
  are_places_stale_ = false;
  emit content_changed();
}

void NetworkScene::add_item(const Layer& layer) {
  auto* added = new LayerItem(layer.id, current_face(layer));
  added->setPos(to_qt(layer.position));
  layers_[layer.id] = added;
  addItem(added);
  are_places_stale_ = true;
}

void NetworkScene::remove_item(LayerId layer) {
  const auto found = layers_.find(layer);
  if (found == layers_.end()) return;
  delete found->second;
  layers_.erase(found);
  connections_.erase(layer);
  complaints_.erase(layer);
  figures_.erase(layer);
  are_places_stale_ = true;
}

ConnectionItem* NetworkScene::add_wire(const Connection& connection) {
  auto* wire = new ConnectionItem(connection);
  wires_[connection] = wire;
  addItem(wire);
  return wire;
}

void NetworkScene::connect_item(const Connection& connection) {
  connections_[connection.from.layer].push_back(connection);
  connections_[connection.to.layer].push_back(connection);
  ConnectionItem* wire = add_wire(connection);
  refresh(connection.from.layer);
  refresh(connection.to.layer);
  route(*wire);
}

void NetworkScene::disconnect_item(const Connection& connection) {
  std::erase(connections_[connection.from.layer], connection);
  std::erase(connections_[connection.to.layer], connection);
  if (const auto found = wires_.find(connection); found != wires_.end()) {
    delete found->second;
    wires_.erase(found);
  }
  refresh(connection.from.layer);
  refresh(connection.to.layer);
}

const std::vector<Connection>& NetworkScene::connections_of(LayerId layer) const {
  static const std::vector<Connection> none;
  const auto found = connections_.find(layer);
  return found == connections_.end() ? none : found->second;
}

LayerFace NetworkScene::current_face(const Layer& layer) const {
  static const std::vector<const Diagnostic*> none;
  const auto complaints = complaints_.find(layer.id);
  return face_of(document_.project(), layer, document_.report().find(network_, layer.id),
                 complaints == complaints_.end() ? none : complaints->second, connections_of(layer.id));
}

void NetworkScene::refresh(LayerId layer) {
  const Network* network = this->network();
  const Layer* current = network ? network->find(layer) : nullptr;
  LayerItem* shown = item(layer);
  if (!current || !shown) return;
  const std::size_t ports = shown->face().inputs.size() * 1000 + shown->face().outputs.size();
  shown->set_face(current_face(*current));
  // Ports share the node's edge: one more or less moves the ends of all wires.
  if (shown->face().inputs.size() * 1000 + shown->face().outputs.size() != ports) regrown_.insert(layer);
}

void NetworkScene::route(ConnectionItem& wire) {
  const Connection& connection = wire.connection();
  const LayerItem* from = item(connection.from.layer);
  const LayerItem* to = item(connection.to.layer);
  if (!from || !to) return;
  const QPointF start = from->output_place(connection.from.port);
  const QPointF end = to->input_place(connection.to.port);
  wire.set_path(wire_path(start, end, lane_around(wire, start, end)));
}

void NetworkScene::route_all_of(LayerId layer) {
  for (const Connection& connection : connections_of(layer))
    if (ConnectionItem* wire = item(connection)) route(*wire);
}

std::optional<qreal> NetworkScene::lane_around(const ConnectionItem& wire, QPointF from, QPointF to) const {
  if (to.y() - from.y() < long_wire) return std::nullopt;  // no room for a node between them
  const Connection& ends = wire.connection();
  const auto blockers = [&](qreal left, qreal right) {
    QRectF blocked;
    const QRectF corridor(QPointF(left - 4, from.y() + 8), QPointF(right + 4, to.y() - 8));
    for (const LayerItem* layer : layers_in(corridor))
      if (layer->layer() != ends.from.layer && layer->layer() != ends.to.layer) blocked |= layer->rect();
    return blocked;
  };
  const QRectF first = blockers(std::min(from.x(), to.x()), std::max(from.x(), to.x()));
  if (first.isNull()) return std::nullopt;
  // Longer wires keep further out, so that nested ones don't lie on each other.
  const qreal spread = 14 + 5 * std::min((to.y() - from.y()) / row_step, 6.0);
  const auto clear_lane = [&](bool to_the_right) {
    QRectF blocked = first;
    qreal lane = 0;
    for (int attempt = 0; attempt < 6; ++attempt) {
      lane = to_the_right ? blocked.right() + spread : blocked.left() - spread;
      const QRectF more = blockers(lane, lane);
      if (more.isNull()) break;
      blocked |= more;
    }
    return lane;
  };
  const qreal left = clear_lane(false);
  const qreal right = clear_lane(true);
  const auto detour = [&](qreal lane) { return std::abs(lane - from.x()) + std::abs(lane - to.x()); };
  if (std::abs(detour(left) - detour(right)) > 1) return detour(left) < detour(right) ? left : right;
  return to.x() < node_rect(item(ends.to.layer)->pos()).center().x() ? left : right;
}

}  // namespace netwright
