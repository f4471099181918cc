#include "designer/canvas/connection_item.h"

#include <QLineF>
#include <QPainter>
#include <QStyleOptionGraphicsItem>
#include <algorithm>
#include <limits>

#include "designer/canvas/geometry.h"
#include "designer/canvas/layer_painter.h"
#include "designer/theme/theme.h"

namespace netwright {
namespace {

qreal distance_to_segment(QPointF point, QPointF a, QPointF b) {
  const QPointF along = b - a;
  const qreal length = QPointF::dotProduct(along, along);
  const qreal at = length == 0 ? 0 : std::clamp(QPointF::dotProduct(point - a, along) / length, 0.0, 1.0);
  return QLineF(point, a + at * along).length();
}

}  // namespace

ConnectionItem::ConnectionItem(const Connection& connection) : connection_(connection) {
  setFlag(ItemIsSelectable);
}

void ConnectionItem::set_path(const QPainterPath& path) {
  if (path == path_) return;
  prepareGeometryChange();
  path_ = path;
  chord_ = {QPointF(path.elementAt(0)), path.currentPosition()};
  is_straight_ = path.controlPointRect().width() == 0 && chord_.dy() >= 0;
  bounds_ = path.controlPointRect().adjusted(-3, -3, 3, 3);
  update();
}

void ConnectionItem::set_lit(bool is_lit) {
  if (is_lit == is_lit_) return;
  is_lit_ = is_lit;
  update();
}

void ConnectionItem::set_hovered(bool is_hovered) {
  if (is_hovered == is_hovered_) return;
  is_hovered_ = is_hovered;
  update();
}

void ConnectionItem::set_in_error(bool is_in_error) {
  if (is_in_error == is_in_error_) return;
  is_in_error_ = is_in_error;
  update();
}

qreal ConnectionItem::distance_to(QPointF point) const {
  qreal nearest = std::numeric_limits<qreal>::max();
  for (const QPolygonF& line : path_.toSubpathPolygons())
    for (qsizetype i = 1; i < line.size(); ++i)
      nearest = std::min(nearest, distance_to_segment(point, line[i - 1], line[i]));
  return nearest;
}

QPainterPath ConnectionItem::shape() const {
  QPainterPathStroker stroker;
  stroker.setWidth(8);
  return stroker.createStroke(path_);
}

void ConnectionItem::paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget*) {
  const qreal zoom = option->levelOfDetailFromTransform(painter->worldTransform());
  const Colours& hues = colours();
  QPen pen(is_in_error_ ? hues.error : hues.wire, 1.5);
  if (is_hovered_) pen = QPen(is_in_error_ ? hues.error : hues.muted, 2);
  if (isSelected()) pen = QPen(hues.accent, 2);
  if (is_lit_) pen = QPen(hues.accent, 3.5);
  pen.setCapStyle(Qt::RoundCap);
  if (zoom < plain_zoom) {
    // Thin straight lines: curves can't be told from them here, and cost ten times as much.
    pen.setCosmetic(true);
    pen.setWidthF(is_lit_ || isSelected() ? 2 : 0);
    painter->setRenderHint(QPainter::Antialiasing, false);
    painter->setPen(pen);
    painter->drawLine(chord_);
    painter->setRenderHint(QPainter::Antialiasing, true);
    return;
  }
  painter->setPen(pen);
  painter->setBrush(Qt::NoBrush);
  // Most wires of most networks; a line costs a fraction of a curve.
  is_straight_ ? painter->drawLine(chord_) : painter->drawPath(path_);
}

PendingWireItem::PendingWireItem() {
  setZValue(2);
}

void PendingWireItem::set_ends(QPointF from, QPointF to, bool is_attached) {
  prepareGeometryChange();
  path_ = wire_path(from, to);
  is_attached_ = is_attached;
  update();
}

QRectF PendingWireItem::boundingRect() const {
  return path_.controlPointRect().adjusted(-4, -4, 4, 4);
}

void PendingWireItem::paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*) {
  QPen pen(colours().accent, is_attached_ ? 2.5 : 1.5);
  pen.setCapStyle(Qt::RoundCap);
  if (!is_attached_) pen.setDashPattern({4, 4});
  painter->setPen(pen);
  painter->setBrush(Qt::NoBrush);
  painter->drawPath(path_);
}

}  // namespace netwright
