#pragma once
// The families of the catalogue, one file each.

#include <vector>

#include "backend/layers/layer_spec.h"

namespace netwright {

std::vector<LayerSpec> input_output_family();
std::vector<LayerSpec> convolution_family();
std::vector<LayerSpec> transposed_convolution_family();
std::vector<LayerSpec> pooling_family();
std::vector<LayerSpec> adaptive_pooling_family();
std::vector<LayerSpec> linear_family();
std::vector<LayerSpec> embedding_family();
std::vector<LayerSpec> recurrent_family();
std::vector<LayerSpec> attention_family();
std::vector<LayerSpec> activation_family();
std::vector<LayerSpec> elementwise_family();
std::vector<LayerSpec> normalisation_family();
std::vector<LayerSpec> regularisation_family();
std::vector<LayerSpec> shape_family();
std::vector<LayerSpec> axes_family();
std::vector<LayerSpec> slicing_family();
std::vector<LayerSpec> padding_family();
std::vector<LayerSpec> upsampling_family();
std::vector<LayerSpec> pixel_shuffle_family();
std::vector<LayerSpec> arithmetic_family();
std::vector<LayerSpec> merge_family();
std::vector<LayerSpec> reduction_family();
std::vector<LayerSpec> constant_family();
std::vector<LayerSpec> block_family();

}  // namespace netwright
