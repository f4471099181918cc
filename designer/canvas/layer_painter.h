#pragma once
// Paints a node from its face, in as much detail as the zoom allows.

#include <QPainter>
#include <set>

#include "designer/canvas/layer_face.h"

namespace netwright {

/// How a node stands at this moment; nothing of it is the document's.
struct NodeState {
  bool is_selected = false;
  bool is_hovered = false;
  int hovered_input = -1;
  int hovered_output = -1;
  std::set<int> offered_inputs = {};  ///< ports that a wire being drawn may end at
  std::set<int> offered_outputs = {};
  bool is_dimmed = false;  ///< nothing here may end the wire being drawn
  qreal flash = 0;         ///< 1 at the start of a flash, 0 when it is over

  bool operator==(const NodeState&) const = default;
};

/// Below these zooms a node is reduced to its name, then to a plain rectangle.
inline constexpr qreal names_only_zoom = 0.45;
inline constexpr qreal plain_zoom = 0.2;

/// Around the node's top-left corner at the origin.
QRectF node_bounds(const LayerFace& face);
/// What a node is reduced to from afar.
QColor plain_colour(const LayerFace& face, bool is_selected, bool is_dimmed);
/// The ring of a node that draws attention; `flash` from 1 to 0.
void paint_flash(QPainter& painter, qreal flash);
void paint_node(QPainter& painter, const LayerFace& face, const NodeState& state, qreal zoom);

}  // namespace netwright
