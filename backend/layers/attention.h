#pragma once
// What the rows of attention share.

#include <optional>
#include <string>
#include <vector>

#include "backend/layers/layer_spec.h"

namespace netwright {

/// Of layers that take T×F alone, with the mends there are.
ShapeProblem not_a_sequence(const std::string& type, const Shape& input, int port);

/// Where the features can't be shared evenly by the heads.
std::optional<ShapeProblem> heads_problem(const Dim& features, std::int64_t heads, const std::string& setting);

/// Multiply-adds of T queries of E features that look at S keys: four projections and 2·T·S·E.
Dim attention_macs(const Dim& queries, const Dim& keys, const Dim& features);

/// torch.nn.MultiheadAttention's, in its order.
std::vector<Weight> attention_weights(const Dim& features, bool has_bias, const std::string& prefix = {});

/// TransformerEncoderLayer and PositionalEncoding.
std::vector<LayerSpec> transformer_rows();

}  // namespace netwright
