#pragma once
// Compositions of ONNX nodes that several families' mappings are made of.

#include <string>

#include "backend/interop/onnx/onnx_mapping.h"

namespace netwright {

/// What changes nothing.
OnnxValues onnx_identity(const OnnxLayer& layer);

/// (x − mean) / √(variance + eps) over `axes`.
std::string onnx_normalised(const OnnxLayer& layer, const std::string& value, const Integers& axes, double eps);
/// Over the last `dims` dimensions (the layer's input's), then ·weight + bias where the layer has them under `prefix`
/// (`norm1.`).
std::string onnx_layer_norm(const OnnxLayer& layer, const std::string& value, std::int64_t dims, double eps,
                            const std::string& prefix);
/// value · weightᵀ + bias over the last dimension of a tensor of `rank` dimensions; `prefix` as above. Without a bias
/// where the layer has none.
std::string onnx_linear(const OnnxLayer& layer, const std::string& value, std::int64_t rank, const std::string& prefix);

/// x·Φ(x), or by its approximation with tanh.
std::string onnx_gelu(const OnnxLayer& layer, const std::string& value, bool by_tanh);

/// softmax(q·kᵀ/√d)·v over the last two of `rank` dimensions, with `steps` positions in q and k each; a causal mask
/// hides later positions.
struct OnnxAttention {
  std::string q;
  std::string k;
  std::string v;
  std::int64_t rank = 3;
  std::int64_t width = 1;  ///< d
  std::int64_t queries = 1;
  std::int64_t keys = 1;
  bool is_causal = false;
};
std::string onnx_attention(const OnnxLayer& layer, const OnnxAttention& attention);

}  // namespace netwright
