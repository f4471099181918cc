#include "backend/interop/onnx/onnx_export_parts.h"

#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <vector>

namespace netwright {

OnnxValues onnx_identity(const OnnxLayer& layer) {
  return {layer.add("Identity", {layer.x()})};
}

std::string onnx_normalised(const OnnxLayer& layer, const std::string& value, const Integers& axes, double eps) {
  const auto mean = [&](const std::string& of) { return layer.add("ReduceMean", {of}, {{"axes", axes}}); };
  const std::string deviation = layer.add("Sub", {value, mean(value)});
  const std::string variance = mean(layer.add("Pow", {deviation, layer.graph.number(2)}));
  const std::string sum = layer.add("Add", {variance, layer.graph.number(eps)});
  return layer.add("Div", {deviation, layer.add("Sqrt", {sum})});
}

std::string onnx_layer_norm(const OnnxLayer& layer, const std::string& value, std::int64_t dims, double eps,
                            const std::string& prefix) {
  Integers axes(static_cast<std::size_t>(dims));
  std::iota(axes.begin(), axes.end(), -dims);
  std::int64_t elements = 1;
  for (const std::int64_t axis : axes) elements *= layer.size(axis);
  // One number is its own mean; ONNX Runtime's merged LayerNormalization makes another of it.
  std::string y = elements == 1 ? layer.add("Sub", {value, value}) : onnx_normalised(layer, value, axes, eps);
  if (layer.has_weight(prefix + "weight")) y = layer.add("Mul", {y, layer.weight(prefix + "weight")});
  if (layer.has_weight(prefix + "bias")) y = layer.add("Add", {y, layer.weight(prefix + "bias")});
  return y;
}

std::string onnx_linear(const OnnxLayer& layer, const std::string& value, std::int64_t rank,
                        const std::string& prefix) {
  const std::string weight = layer.weight(prefix + "weight");
  const bool has_bias = layer.has_weight(prefix + "bias");
  if (rank == 2) {
    OnnxValues inputs = {value, weight};
    if (has_bias) inputs.push_back(layer.weight(prefix + "bias"));
    return layer.add("Gemm", inputs, {{"transB", std::int64_t{1}}});
  }
  const std::string product = layer.add("MatMul", {value, layer.transpose(weight, {1, 0})});
  return has_bias ? layer.add("Add", {product, layer.weight(prefix + "bias")}) : product;
}

std::string onnx_gelu(const OnnxLayer& layer, const std::string& value, bool by_tanh) {
  const auto times = [&](const std::string& what, double factor) {
    return layer.add("Mul", {what, layer.graph.number(factor)});
  };
  std::string bent;
  if (by_tanh) {
    const std::string cube = layer.add("Pow", {value, layer.graph.number(3)});
    const std::string sum = layer.add("Add", {value, times(cube, 0.044715)});
    bent = layer.add("Tanh", {times(sum, std::sqrt(2 / std::numbers::pi))});
  } else {
    bent = layer.add("Erf", {layer.add("Div", {value, layer.graph.number(std::numbers::sqrt2)})});
  }
  const std::string gate = layer.add("Add", {bent, layer.graph.number(1)});
  return times(layer.add("Mul", {value, gate}), 0.5);
}

std::string onnx_attention(const OnnxLayer& layer, const OnnxAttention& attention) {
  Integers swapped(static_cast<std::size_t>(attention.rank));
  std::iota(swapped.begin(), swapped.end(), 0);
  std::swap(swapped[swapped.size() - 1], swapped[swapped.size() - 2]);
  const double scale = 1 / std::sqrt(static_cast<double>(attention.width));
  // Not on q, as PyTorch has it: ONNX Runtime merges that with a scale before it and then loses its input.
  const std::string products = layer.add("MatMul", {attention.q, layer.transpose(attention.k, swapped)});
  std::string scores = layer.add("Mul", {products, layer.graph.number(scale)});
  if (attention.is_causal) {
    std::vector<float> mask(static_cast<std::size_t>(attention.queries * attention.keys), 0);
    for (std::int64_t query = 0; query < attention.queries; ++query) {
      for (std::int64_t key = query + 1; key < attention.keys; ++key) {
        mask[static_cast<std::size_t>(query * attention.keys + key)] = -std::numeric_limits<float>::infinity();
      }
    }
    scores = layer.add("Add", {scores, layer.graph.numbers("mask", mask, {attention.queries, attention.keys})});
  }
  return layer.add("MatMul", {layer.add("Softmax", {scores}, {{"axis", std::int64_t{-1}}}), attention.v});
}

}  // namespace netwright
