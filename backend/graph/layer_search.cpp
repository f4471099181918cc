#include "backend/graph/layer_search.h"

#include <algorithm>

namespace netwright {

std::vector<LayerId> layers_of_type(const Network& network, std::string_view type) {
  std::vector<LayerId> found;
  for (const Layer& layer : network.layers) {
    if (layer.type == type) found.push_back(layer.id);
  }
  return found;
}

const Layer* first_of_type(const Network& network, std::string_view type) {
  const auto it = std::find_if(network.layers.begin(), network.layers.end(),
                               [&](const Layer& layer) { return layer.type == type; });
  return it == network.layers.end() ? nullptr : &*it;
}

const Layer* source_of(const Network& network, LayerId layer, int port) {
  const auto it =
      std::find_if(network.connections.begin(), network.connections.end(), [&](const Connection& connection) {
        return connection.to == PortRef{layer, port};
      });
  return it == network.connections.end() ? nullptr : network.find(it->from.layer);
}

}  // namespace netwright
