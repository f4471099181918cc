#pragma once
// Every setting of a project that a sweep can vary, under one name: of the recipe, its task, optimiser and schedule, of
// the data and their preparation, and of each layer.

#include <string>
#include <string_view>
#include <vector>

#include "backend/core/result.h"
#include "backend/core/settings.h"
#include "backend/graph/project.h"

namespace netwright {

struct VariableSetting {
  /// `recipe.epochs`, `task.loss`, `optimiser.lr`, `optimiser.type`, `discriminator.lr`, `schedule.gamma`,
  /// `data.noise`, `preparation.validation_fraction`, `conv1.out_channels`; a layer whose name isn't the only one or
  /// is one of those words has its network before it: `encoder.conv1.out_channels`.
  std::string path;
  std::string group;  ///< whose it is: `Recipe`, `Optimiser (Adam)`, `conv1 (Conv2d)`
  SettingSpec spec;
  Value value;  ///< as the project has it
};

/// In the order of the recipe column, then the layers as they were drawn. Files and folders aren't among them.
std::vector<VariableSetting> variable_settings(const Project& project);

/// Also by other names that mean the same: `learning_rate`, a layer with its network, a layer within a Block by way of
/// the Block (`block1.conv1.out_channels`). The message says what there is instead.
Result<VariableSetting> find_variable(const Project& project, std::string_view path);

/// Sets it by an Edit. Refuses what isn't there (Adam has no momentum) and values that its spec doesn't allow. Another
/// optimiser or schedule begins with its own defaults.
Result<void> set_variable(Project& project, std::string_view path, const Value& value);

/// The last part, which is what PyTorch calls it: `lr` of `optimiser.lr`.
std::string setting_name(std::string_view path);

}  // namespace netwright
