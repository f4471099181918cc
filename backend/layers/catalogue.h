#pragma once
// The catalogue of layer types. Families are listed explicitly in catalogue.cpp.

#include <string_view>
#include <vector>

#include "backend/layers/layer_spec.h"

namespace netwright {

/// Every row, by category, in the order in which the palette shows them.
const std::vector<LayerSpec>& catalogue();
/// Nothing where no such type exists.
const LayerSpec* find_layer_spec(std::string_view type);
/// How many outputs a layer of the type has with these settings.
int output_count(const LayerSpec& spec, const Settings& settings);

}  // namespace netwright
