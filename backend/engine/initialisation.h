#pragma once
// How weights begin: torch.nn.init's ways, network-wide or per layer.

#include <string>

#include "backend/core/result.h"
#include "backend/engine/graph_module.h"
#include "backend/graph/network.h"

namespace netwright {

/// Sets the weights (matrices and filters; biases become 0, normalisation layers stay) of each layer by
/// `layer.initialisation`, or by `fallback` where that is empty; `default` leaves PyTorch's own. Tables that nothing is
/// multiplied by (embeddings, learned positions, Parameter) follow their own choice alone. `network` is flattened, and
/// `module` made of it.
///
/// The gain is that of the next activation behind the layer (torch.nn.init.calculate_gain; smooth kinds of ReLU count
/// as ReLU), 1 where there is none before the next weights, and 1 within recurrent and attention layers, whose gates
/// and projections begin one by one. Normal: N(0, 0.02²); constant: 0.01. Draws from LibTorch's CPU generator in
/// topological order.
Result<void> initialise(GraphModule& module, const Network& network, const std::string& fallback);

}  // namespace netwright
