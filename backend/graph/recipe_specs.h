#pragma once
// The settings of a recipe and of each optimiser, with PyTorch's names and defaults.

#include <string_view>
#include <vector>

#include "backend/core/settings.h"

namespace netwright {

/// epochs, batch_size, seed, penalties, clipping, averaging, early stopping, ... (see recipe_specs.cpp).
const std::vector<SettingSpec>& recipe_specs();

struct OptimiserSpec {
  std::string type;  ///< torch.optim's class name
  std::string summary;
  std::vector<SettingSpec> settings;
  /// How many numbers it keeps for each weight.
  int (*state_per_weight)(const Settings&);
};

const std::vector<OptimiserSpec>& optimiser_specs();
const OptimiserSpec* find_optimiser_spec(std::string_view type);

}  // namespace netwright
