#pragma once
// Which layers an ONNX node becomes.

#include "backend/interop/onnx_import/translation.h"

namespace netwright::onnx_import {

/// Draws a node's layers and sets its outputs; an error says why it can't.
using Mapping = Result<void> (*)(Translation& translation, const Node& node);

struct MappingRow {
  const char* op;
  Mapping mapping;
};

/// The rows of each family of operators.
std::vector<MappingRow> convolution_mappings();
std::vector<MappingRow> pooling_mappings();
std::vector<MappingRow> linear_mappings();
std::vector<MappingRow> normalisation_mappings();
std::vector<MappingRow> activation_mappings();
std::vector<MappingRow> arithmetic_mappings();
std::vector<MappingRow> recurrent_mappings();
std::vector<MappingRow> shape_mappings();
std::vector<MappingRow> slicing_mappings();
std::vector<MappingRow> resizing_mappings();

/// Nothing where no family knows the operator.
Mapping find_mapping(std::string_view op);

}  // namespace netwright::onnx_import
