#include "designer/canvas/geometry.h"

#include <algorithm>
#include <cmath>

namespace netwright {
namespace {

constexpr qreal bend = row_step - node_height;  // wires change lanes in the gap between two rows

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
    path.cubicTo(from.x(), from.y() + 0.75 * bend, *lane, from.y() + 0.25 * bend, *lane, from.y() + bend);
    path.lineTo(*lane, to.y() - bend);
    path.cubicTo(*lane, to.y() - 0.25 * bend, to.x(), to.y() - 0.75 * bend, to.x(), to.y());
    return path;
  }
  const qreal drop = to.y() - from.y();
  // A wire that leads upwards needs room to turn round.
  const qreal reach = drop > 0 ? std::clamp(drop / 2, 16.0, 160.0) : std::clamp(40 - drop / 3, 40.0, 200.0);
  path.cubicTo(from + QPointF(0, reach), to - QPointF(0, reach), to);
  return path;
}

}  // namespace netwright
