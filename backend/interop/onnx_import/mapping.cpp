#include "backend/interop/onnx_import/mapping.h"

#include <unordered_map>

namespace netwright::onnx_import {

Mapping find_mapping(std::string_view op) {
  static const auto by_op = [] {
    std::unordered_map<std::string_view, Mapping> map;
    for (const auto family :
         {convolution_mappings, pooling_mappings, linear_mappings, normalisation_mappings, activation_mappings,
          arithmetic_mappings, recurrent_mappings, shape_mappings, slicing_mappings, resizing_mappings}) {
      for (const MappingRow& row : family()) map.emplace(row.op, row.mapping);
    }
    return map;
  }();
  const auto it = by_op.find(op);
  return it == by_op.end() ? nullptr : it->second;
}

}  // namespace netwright::onnx_import
