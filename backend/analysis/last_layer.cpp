#include "backend/analysis/last_layer.h"

#include "backend/graph/layer_search.h"
#include "backend/layers/catalogue.h"

namespace netwright {

const Layer* last_layer(const Network& network) {
  const Layer* layer = first_of_type(network, "Output");
  for (std::size_t step = 0; layer && step <= network.layers.size(); ++step) {
    layer = source_of(network, layer->id);
    const LayerSpec* spec = layer ? find_layer_spec(layer->type) : nullptr;
    if (!spec || !spec->is_view) return layer;
  }
  return nullptr;
}

}  // namespace netwright
