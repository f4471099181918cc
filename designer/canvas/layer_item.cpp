#include "designer/canvas/layer_item.h"

#include <QStyleOptionGraphicsItem>

#include "designer/canvas/geometry.h"

namespace netwright {

LayerItem::LayerItem(LayerId layer, LayerFace face)
    : layer_(layer), face_(std::move(face)), bounds_(node_bounds(face_)) {
  setFlag(ItemIsSelectable);
  setZValue(1);
}

bool LayerItem::set_face(LayerFace face) {
  if (face == face_) return false;
  face_ = std::move(face);
  if (const QRectF bounds = node_bounds(face_); bounds != bounds_) {
    prepareGeometryChange();
    bounds_ = bounds;
  }
  update();
  return true;
}

bool LayerItem::set_state(NodeState state) {
  if (state == state_) return false;
  state_ = std::move(state);
  update();
  return true;
}

QPointF LayerItem::input_place(int port) const {
  return pos() + input_port_place(port, static_cast<int>(face_.inputs.size()));
}

QPointF LayerItem::output_place(int port) const {
  return pos() + output_port_place(port, static_cast<int>(face_.outputs.size()));
}

QRectF LayerItem::rect() const {
  return node_rect(pos());
}

QPainterPath LayerItem::shape() const {
  QPainterPath path;
  path.addRect(node_rect());
  return path;
}

void LayerItem::paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget*) {
  NodeState state = state_;
  state.is_selected = isSelected();
  paint_node(*painter, face_, state, option->levelOfDetailFromTransform(painter->worldTransform()));
}

GhostItem::GhostItem(const Project& project, LayerKind kind)
    : kind_(std::move(kind)), face_(face_of_kind(project, kind_)) {
  setZValue(3);
  setOpacity(0.6);
}

QRectF GhostItem::boundingRect() const {
  return node_bounds(face_);
}

void GhostItem::paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget*) {
  NodeState state;
  state.is_selected = true;
  paint_node(*painter, face_, state, option->levelOfDetailFromTransform(painter->worldTransform()));
}

}  // namespace netwright
