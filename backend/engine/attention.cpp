#include "backend/engine/attention.h"

#include <cmath>
#include <limits>

#include "backend/engine/shared_batch.h"

namespace netwright {

namespace {

namespace functional = torch::nn::functional;

/// B×T×E to B×heads×T×(E/heads).
torch::Tensor split_heads(const torch::Tensor& x, std::int64_t heads) {
  return x.reshape({x.size(0), x.size(1), heads, -1}).transpose(1, 2);
}

}  // namespace

torch::Tensor scaled_dot_product(const torch::Tensor& query, const torch::Tensor& key, const torch::Tensor& value,
                                 const Attending& how) {
  const double scale = 1 / std::sqrt(static_cast<double>(query.size(-1)));
  torch::Tensor scores = torch::matmul(query * scale, key.transpose(-2, -1));
  if (how.is_causal) {
    const torch::Tensor later =
        torch::ones({query.size(-2), key.size(-2)}, scores.options().dtype(torch::kBool)).triu(1);
    scores = scores.masked_fill(later, -std::numeric_limits<double>::infinity());
  }
  if (how.keys) scores = filled(scores, scores.dim() - 1, *how.keys, -std::numeric_limits<double>::infinity());
  torch::Tensor weights = torch::softmax(scores, -1);
  if (how.weights) *how.weights = how.queries ? filled(weights, weights.dim() - 2, *how.queries) : weights;
  if (how.dropout > 0) weights = dropped(weights, how.dropout);
  return torch::matmul(weights, value);
}

torch::Tensor multihead_attention(torch::nn::MultiheadAttentionImpl& module, const torch::Tensor& query,
                                  const torch::Tensor& key, const torch::Tensor& value, Attending how) {
  const std::int64_t features = module.options.embed_dim();
  const auto projected = [&](const torch::Tensor& x, std::int64_t part, std::int64_t parts) {
    const std::int64_t first = part * features;
    const std::int64_t count = parts * features;
    const torch::Tensor weight = module.in_proj_weight.narrow(0, first, count);
    return functional::linear(
        x, weight, module.in_proj_bias.defined() ? module.in_proj_bias.narrow(0, first, count) : torch::Tensor());
  };
  std::vector<torch::Tensor> all;
  if (query.is_same(key) && key.is_same(value)) {
    all = projected(query, 0, 3).chunk(3, -1);
  } else {
    all = {projected(query, 0, 1), projected(key, 1, 1), projected(value, 2, 1)};
  }
  const std::int64_t heads = module.options.num_heads();
  how.dropout = module.is_training() ? module.options.dropout() : 0;
  const torch::Tensor gathered =
      scaled_dot_product(split_heads(all[0], heads), split_heads(all[1], heads), split_heads(all[2], heads), how);
  return module.out_proj->forward(gathered.transpose(1, 2).flatten(2));
}

}  // namespace netwright
