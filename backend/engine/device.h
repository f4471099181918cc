#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "backend/core/result.h"

namespace netwright {

/// `auto` (the first GPU, else the CPU), `cpu`, `cuda` or `cuda:1`; refuses what isn't there, saying what is.
Result<torch::Device> pick_device(const std::string& request);

/// What pick_device accepts here: `cpu`, then `cuda:0`, ...
std::vector<std::string> available_devices();

}  // namespace netwright
