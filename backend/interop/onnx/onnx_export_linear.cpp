#include "backend/interop/onnx/onnx_export_parts.h"
#include "backend/interop/onnx/onnx_mapping.h"

namespace netwright {

namespace {

OnnxValues linear(const OnnxLayer& l) {
  return {onnx_linear(l, l.x(), l.rank(), "")};
}

/// y_o = x₁ · A_o · x₂ + b_o, from x₂ · A laid out as in₂ × (out·in₁).
OnnxValues bilinear(const OnnxLayer& l) {
  const std::int64_t first = l.integer("in1_features");
  const std::int64_t second = l.integer("in2_features");
  const std::int64_t outputs = l.integer("out_features");
  const std::string columns = l.add(
      "Reshape", {l.transpose(l.weight("weight"), {2, 0, 1}), l.graph.integers("columns", {second, outputs * first})});
  Integers split = sizes_of(l.input_shapes[1]);
  split.back() = outputs;
  split.push_back(first);
  const std::string products = l.reshape(l.add("MatMul", {l.inputs[1], columns}), split);
  const std::string column = l.unsqueeze(l.inputs[0], {-1});
  const std::string y = l.add("Squeeze", {l.add("MatMul", {products, column}), l.graph.integers("axes", {-1})});
  return {l.flag("bias", true) ? l.add("Add", {y, l.weight("bias")}) : y};
}

}  // namespace

void add_onnx_linear(OnnxMappingTable& table) {
  table.merge(OnnxMappingTable{{"Bilinear", bilinear}, {"Linear", linear}});
}

}  // namespace netwright
