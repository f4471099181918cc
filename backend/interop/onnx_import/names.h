#pragma once
// Layer names from what exporters call nodes and initialisers.

#include <string>

namespace netwright::onnx_import {

/// `/layer4/layer4.1/bn2/BatchNormalization` -> `layer4_1_bn2`; `/layer4/layer4.1/Add_1` -> `layer4_1_add_1`.
/// PyTorch's module paths repeat a Sequential's name in its children's. Empty where nothing is left of it.
std::string name_of_node(const std::string& node, const std::string& op);
/// `features.0.weight` -> `features_0`; empty for names that exporters made up (`onnx::Conv_123`, `W12`).
std::string name_of_initialiser(const std::string& initialiser);
/// Letters, digits and underscores only, not beginning with a digit; at most 80 of them.
std::string as_identifier(const std::string& text);

}  // namespace netwright::onnx_import
