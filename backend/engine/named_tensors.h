#pragma once

#include <torch/torch.h>

#include <string>
#include <utility>
#include <vector>

namespace netwright {

/// Tensors by name, in an order that means something.
using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

}  // namespace netwright
