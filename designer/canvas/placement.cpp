#include "designer/canvas/placement.h"

#include <algorithm>
#include <cmath>

#include "backend/graph/gestures.h"
#include "backend/layers/catalogue.h"
#include "designer/canvas/geometry.h"
#include "designer/canvas/ports.h"

namespace netwright {

Point free_place(const Network& network, Point wanted) {
  constexpr qreal air = 16;
  const auto is_taken = [&](Point place) {
    const QRectF wide = node_rect(to_qt(place)).adjusted(-air, -air, air, air);
    return std::any_of(network.layers.begin(), network.layers.end(),
                       [&](const Layer& layer) { return wide.intersects(node_rect(to_qt(layer.position))); });
  };
  while (is_taken(wanted)) wanted.x += column_step;
  return wanted;
}

std::optional<std::vector<Edit>> append_layer(const Project& project, const Network& network, LayerId after,
                                              const LayerKind& kind, LayerId& added) {
  const Layer* before = network.find(after);
  const std::optional<PortRef> output = free_output(project, network, after);
  if (!before || !output) return std::nullopt;
  const Point below{before->position.x, before->position.y + row_step};
  const Layer layer = make_layer(network, kind.type, free_place(network, below), kind.settings());
  if (port_counts(project, layer).max_inputs == 0) return std::nullopt;
  added = layer.id;
  return std::vector<Edit>{AddLayer{network.id, layer}, Connect{network.id, {*output, {layer.id, 0}}}};
}

std::vector<Edit> insert_with_room(const Network& network, const Connection& connection, Layer layer) {
  const Layer* from = network.find(connection.from.layer);
  const Layer* to = network.find(connection.to.layer);
  const bool is_new = !network.find(layer.id);
  if (from && to && to->position.y > from->position.y) {
    layer.position.y = std::max(layer.position.y, from->position.y + row_step);
    // A drop near a straight wire means: in line with it.
    if (from->position.x == to->position.x && std::abs(layer.position.x - from->position.x) < node_width / 2)
      layer.position.x = from->position.x;
  }
  std::vector<Edit> edits = insert_on_connection(network, connection, layer);
  if (!is_new) edits.emplace_back(MoveLayer{network.id, layer.id, layer.position});
  const qreal lack = to ? layer.position.y + row_step - to->position.y : 0;
  // A target far above is a wire that leads upwards: making room there would only stretch it.
  if (lack <= 0 || lack > 2 * row_step) return edits;
  const qreal shift = std::ceil(lack / grid_step) * grid_step;
  for (const LayerId id : downstream_of(network, to->id)) {
    const Layer* follower = network.find(id);
    if (!follower || follower->position.y < to->position.y || follower->id == layer.id) continue;
    edits.emplace_back(MoveLayer{network.id, id, {follower->position.x, follower->position.y + shift}});
  }
  return edits;
}

bool fits_on_wire(const Project& project, const Layer& layer) {
  const PortCounts counts = port_counts(project, layer);
  return find_layer_spec(layer.type) && counts.max_inputs > 0 && counts.outputs > 0;
}

}  // namespace netwright
