#pragma once
// What tells runs apart before they were trained: the choices that aren't the same in all of them.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backend/core/settings.h"
#include "backend/graph/project.h"

namespace netwright {

/// One choice in which runs differ.
struct RecipeDifference {
  std::string name;  ///< `lr`, `optimiser`, `conv1.out_channels`, `dropout1`, `wiring`; unlike every other's
  std::string help;  ///< one line; may be empty
  std::vector<std::optional<Value>> values;  ///< one per project; nothing where it has no such choice
  std::vector<std::string> words;            ///< the same as text; empty for nothing
};

/// Task, data and preparation, optimiser, schedule, recipe, then layers, each with its settings as its SettingSpecs
/// have them; what is left out stands at its default. Names, places and notes tell nothing. A setting that only some
/// of the chosen rows (Adam, SGD) have counts where it isn't at its default. Layers are the same where their numbers
/// are; a network that differs in many is one difference, its kinds lettered. Null: a project that can't be read.
std::vector<RecipeDifference> recipe_differences(std::span<const Project* const> projects);

}  // namespace netwright
