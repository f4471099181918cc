#include "designer/canvas/geometry.h"

#include <algorithm>
#include <cmath>

namespace netwright {
namespace {

/// A wire that keeps to a lane leaves and arrives close to its nodes, above and below what is written between rows.
constexpr qreal lane_gap = 11;
constexpr qreal lane_corner = 14;

void turn(QPainterPath& path, QPointF corner, QPointF end) {
  path.cubicTo(path.currentPosition() + (corner - path.currentPosition()) * 0.6, end + (corner - end) * 0.6, end);
}

}  // namespace

QPointF input_port_place(int port, int count) {
  return {node_width * (port + 1) / (count + 1), 0};
}

QPointF output_port_place(int port, int count) {
  return {node_width * (port + 1) / (count + 1), node_height};
}

QPointF snapped(QPointF point) {
  return {std::round(point.x() / grid_step) * grid_step, std::round(point.y() / grid_step) * grid_step};
}

QPainterPath wire_path(QPointF from, QPointF to, std::optional<qreal> lane) {
  QPainterPath path(from);
  if (lane) {
    const qreal high = from.y() + lane_gap;
    const qreal low = to.y() - lane_gap;
    const qreal out = std::clamp(*lane - from.x(), -lane_corner, lane_corner);
    const qreal in = std::clamp(to.x() - *lane, -lane_corner, lane_corner);
    turn(path, {from.x(), high}, {from.x() + out, high});
    path.lineTo(*lane - out, high);
    turn(path, {*lane, high}, {*lane, high + lane_corner});
    path.lineTo(*lane, low - lane_corner);
    turn(path, {*lane, low}, {*lane + in, low});
    path.lineTo(to.x() - in, low);
    turn(path, {to.x(), low}, to);
    return path;
  }
  const qreal drop = to.y() - from.y();
  // A wire that leads upwards needs room to turn round.
  const qreal reach = drop > 0 ? std::clamp(drop / 2, 16.0, 160.0) : std::clamp(40 - drop / 3, 40.0, 200.0);
  path.cubicTo(from + QPointF(0, reach), to - QPointF(0, reach), to);
  return path;
}

}  // namespace netwright
