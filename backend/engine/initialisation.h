#pragma once
// How weights begin: torch.nn.init's ways, network-wide or per layer.

#include <string>

#include "backend/core/result.h"
#include "backend/engine/graph_module.h"
#include "backend/graph/network.h"

namespace netwright {

/// Sets the weights (matrices and filters; biases become 0, normalisation layers stay) of each layer by
/// `layer.initialisation`, or by `fallback` where that is empty; `default` leaves PyTorch's own. The gain is that of the
/// activation that follows (torch.nn.init.calculate_gain). Draws from LibTorch's CPU generator in topological order.
Result<void> initialise(GraphModule& module, const Network& network, const std::string& fallback);

}  // namespace netwright
