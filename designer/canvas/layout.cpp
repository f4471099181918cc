#include "designer/canvas/layout.h"

#include "backend/interop/graph_layout.h"

namespace netwright {

std::vector<Edit> tidied(const Network& network, Point corner) {
  const std::map<LayerId, Point> places = laid_out(network);
  std::vector<Edit> edits;
  for (const Layer& layer : network.layers) {
    const Point place = places.at(layer.id);
    const Point moved = {corner.x + place.x, corner.y + place.y};
    if (moved != layer.position) edits.emplace_back(MoveLayer{network.id, layer.id, moved});
  }
  return edits;
}

}  // namespace netwright
