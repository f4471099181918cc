#include "backend/analysis/last_layer.h"

#include <algorithm>

#include "backend/layers/catalogue.h"

namespace netwright {

const Layer* last_layer(const Network& network) {
  const auto output = std::find_if(network.layers.begin(), network.layers.end(),
                                   [](const Layer& layer) { return layer.type == "Output"; });
  const Layer* layer = output == network.layers.end() ? nullptr : &*output;
  for (std::size_t step = 0; layer && step <= network.layers.size(); ++step) {
    const auto source = std::find_if(network.connections.begin(), network.connections.end(), [&](const Connection& c) {
      return c.to == PortRef{layer->id, 0};
    });
    layer = source == network.connections.end() ? nullptr : network.find(source->from.layer);
    const LayerSpec* spec = layer ? find_layer_spec(layer->type) : nullptr;
    if (!spec || !spec->is_view) return layer;
  }
  return nullptr;
}

}  // namespace netwright
