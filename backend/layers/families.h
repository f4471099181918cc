#pragma once
// The families of the catalogue, one file each.

#include <vector>

#include "backend/layers/layer_spec.h"

namespace netwright {

std::vector<LayerSpec> input_output_family();
std::vector<LayerSpec> convolution_family();
std::vector<LayerSpec> pooling_family();
std::vector<LayerSpec> linear_family();
std::vector<LayerSpec> activation_family();
std::vector<LayerSpec> normalisation_family();
std::vector<LayerSpec> regularisation_family();
std::vector<LayerSpec> shape_family();
std::vector<LayerSpec> merge_family();

}  // namespace netwright
