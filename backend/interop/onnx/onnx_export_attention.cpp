#include "backend/interop/onnx/onnx_export_parts.h"
#include "backend/interop/onnx/onnx_mapping.h"

namespace netwright {

namespace {

struct Multihead {
  OnnxValues inputs;  ///< query, key, value: N × positions × features
  std::int64_t queries;
  std::int64_t keys;
  std::int64_t features;
  std::int64_t heads;
  bool is_causal;
  std::string prefix;  ///< of the weights' names
};

/// The three projections lie in one weight, in the order of the inputs.
OnnxValues split_in_three(const OnnxLayer& l, const std::string& weight, std::int64_t features) {
  return l.graph.add("Split", {weight, l.graph.integers("split", Integers(3, features))}, {{"axis", std::int64_t{0}}},
                     3);
}

std::string multihead(const OnnxLayer& l, const Multihead& m) {
  const std::int64_t width = m.features / m.heads;
  const bool has_bias = l.has_weight(m.prefix + "in_proj_bias");
  const OnnxValues weights = split_in_three(l, l.weight(m.prefix + "in_proj_weight"), m.features);
  const OnnxValues biases =
      has_bias ? split_in_three(l, l.weight(m.prefix + "in_proj_bias"), m.features) : OnnxValues(3);
  OnnxValues heads;
  for (std::size_t i = 0; i < 3; ++i) {
    std::string projected = l.add("MatMul", {m.inputs[i], l.transpose(weights[i], {1, 0})});
    if (has_bias) projected = l.add("Add", {projected, biases[i]});
    const std::string cut = l.reshape(projected, {i == 0 ? m.queries : m.keys, m.heads, width});
    heads.push_back(l.transpose(cut, {0, 2, 1, 3}));
  }
  const std::string gathered = onnx_attention(l, {.q = heads[0],
                                                  .k = heads[1],
                                                  .v = heads[2],
                                                  .rank = 4,
                                                  .width = width,
                                                  .queries = m.queries,
                                                  .keys = m.keys,
                                                  .is_causal = m.is_causal});
  const std::string joined = l.reshape(l.transpose(gathered, {0, 2, 1, 3}), {m.queries, m.features});
  return onnx_linear(l, joined, 3, m.prefix + "out_proj.");
}

bool is_causal(const OnnxLayer& l) {
  const Value* option = l.call.find_forward("is_causal");
  return option && std::get<bool>(*option);
}

OnnxValues multihead_attention(const OnnxLayer& l) {
  const std::string& query = l.inputs.front();
  const std::string& key = l.inputs.size() > 1 ? l.inputs[1] : query;
  const std::string& value = l.inputs.size() > 2 ? l.inputs[2] : key;
  return {multihead(l, {.inputs = {query, key, value},
                        .queries = l.size(1),
                        .keys = l.size(1, l.inputs.size() > 1 ? 1 : 0),
                        .features = l.integer("embed_dim"),
                        .heads = l.integer("num_heads"),
                        .is_causal = is_causal(l),
                        .prefix = ""})};
}

OnnxValues encoder_layer(const OnnxLayer& l) {
  const double eps = l.real("layer_norm_eps", 1e-5);
  const bool is_before = l.flag("norm_first", false);
  const std::string activation = l.text("activation", "relu");
  const auto attended = [&](const std::string& x) {
    return multihead(l, {.inputs = {x, x, x},
                         .queries = l.size(1),
                         .keys = l.size(1),
                         .features = l.integer("d_model"),
                         .heads = l.integer("nhead"),
                         .is_causal = is_causal(l),
                         .prefix = "self_attn."});
  };
  const auto fed_forward = [&](const std::string& x) {
    const std::string inner = onnx_linear(l, x, 3, "linear1.");
    const std::string bent = activation == "gelu" ? onnx_gelu(l, inner, false) : l.add("Relu", {inner});
    return onnx_linear(l, bent, 3, "linear2.");
  };
  const auto norm1 = [&](const std::string& x) { return onnx_layer_norm(l, x, 1, eps, "norm1."); };
  const auto norm2 = [&](const std::string& x) { return onnx_layer_norm(l, x, 1, eps, "norm2."); };
  if (is_before) {
    const std::string sum = l.add("Add", {l.x(), attended(norm1(l.x()))});
    return {l.add("Add", {sum, fed_forward(norm2(sum))})};
  }
  const std::string middle = norm1(l.add("Add", {l.x(), attended(l.x())}));
  return {norm2(l.add("Add", {middle, fed_forward(middle)}))};
}

/// Σ softmax(v · tanh(W x + b)) x over the positions (Bahdanau 2015).
OnnxValues additive_attention(const OnnxLayer& l) {
  const std::string bent = l.add("Tanh", {onnx_linear(l, l.x(), 3, "proj.")});
  const std::string weights = l.add("Softmax", {onnx_linear(l, bent, 3, "score.")}, {{"axis", std::int64_t{1}}});
  const std::string sums = l.add("MatMul", {l.transpose(weights, {0, 2, 1}), l.x()});
  return {l.add("Squeeze", {sums, l.graph.integers("axes", {1})})};
}

OnnxValues scaled_dot_product(const OnnxLayer& l) {
  return {onnx_attention(l, {.q = l.inputs[0],
                             .k = l.inputs[1],
                             .v = l.inputs[2],
                             .rank = l.rank(),
                             .width = l.size(-1),
                             .queries = l.size(-2),
                             .keys = l.size(-2, 1),
                             .is_causal = l.flag("is_causal", false)})};
}

OnnxValues positional_encoding(const OnnxLayer& l) {
  std::string table = l.weight("pe");
  if (l.integer("max_len") != l.size(1)) table = l.slice(table, 0, 0, l.size(1));
  return {l.add("Add", {l.x(), table})};
}

}  // namespace

void add_onnx_attention(OnnxMappingTable& table) {
  table.merge(OnnxMappingTable{
      {"MultiheadAttention", multihead_attention},
      {"TransformerEncoderLayer", encoder_layer},
      {"netwright.AdditiveAttention", additive_attention},
      {"netwright.PositionalEncoding", positional_encoding},
      {"netwright.scaled_dot_product", scaled_dot_product},
  });
}

}  // namespace netwright
