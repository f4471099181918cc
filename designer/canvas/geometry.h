#pragma once
// Where things are on the canvas, in canvas units: nodes, their ports, the grid, the wires' curves.

#include <QPainterPath>
#include <QPointF>
#include <QRectF>
#include <optional>

#include "backend/graph/drawing_size.h"
#include "backend/graph/network.h"

namespace netwright {

inline constexpr qreal node_width = layer_width;
inline constexpr qreal node_height = layer_height;
inline constexpr qreal port_radius = 4;

inline QRectF node_rect(QPointF position = {}) {
  return {position, QSizeF(node_width, node_height)};
}
inline QPointF to_qt(Point point) {
  return {point.x, point.y};
}
inline Point to_point(QPointF point) {
  return {point.x(), point.y()};
}

/// Relative to the node's top-left corner; ports share the edge evenly.
QPointF input_port_place(int port, int count);
QPointF output_port_place(int port, int count);

QPointF snapped(QPointF point);

/// From an output down to an input. With `lane`, the wire keeps to that x between its ends (around nodes that are in
/// the way).
QPainterPath wire_path(QPointF from, QPointF to, std::optional<qreal> lane = {});

}  // namespace netwright
