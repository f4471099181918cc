#include "backend/engine/modules.h"

#include <cmath>
#include <limits>
#include <stdexcept>

namespace netwright {

namespace nn = torch::nn;

TransformerEncoderLayer::TransformerEncoderLayer(const Options& options)
    : options_(options),
      self_attn_(nn::MultiheadAttentionOptions(options.d_model, options.nhead).dropout(options.dropout)),
      linear1_(options.d_model, options.dim_feedforward),
      linear2_(options.dim_feedforward, options.d_model),
      norm1_(nn::LayerNormOptions({options.d_model}).eps(options.layer_norm_eps)),
      norm2_(nn::LayerNormOptions({options.d_model}).eps(options.layer_norm_eps)) {
  register_module("self_attn", self_attn_);
  register_module("linear1", linear1_);
  register_module("linear2", linear2_);
  register_module("norm1", norm1_);
  register_module("norm2", norm2_);
}

torch::Tensor TransformerEncoderLayer::dropped(const torch::Tensor& x) const {
  return is_training() && options_.dropout > 0 ? netwright::dropped(x, options_.dropout) : x;
}

torch::Tensor TransformerEncoderLayer::attended(const torch::Tensor& x, const Attending& how) {
  return dropped(multihead_attention(*self_attn_, x, x, x, how));
}

torch::Tensor TransformerEncoderLayer::fed_forward(const torch::Tensor& x) {
  const torch::Tensor wide = linear1_->forward(x);
  return dropped(linear2_->forward(dropped(options_.uses_gelu ? torch::gelu(wide) : torch::relu(wide))));
}

torch::Tensor TransformerEncoderLayer::forward(const torch::Tensor& input, const Attending& how) {
  if (options_.norm_first) {
    const torch::Tensor x = input + attended(norm1_->forward(input), how);
    return x + fed_forward(norm2_->forward(x));
  }
  const torch::Tensor x = norm1_->forward(input + attended(input, how));
  return norm2_->forward(x + fed_forward(x));
}

PositionalEncoding::PositionalEncoding(std::int64_t d_model, std::int64_t max_len, bool is_learned) {
  if (is_learned) {
    pe_ = register_parameter("pe", torch::randn({max_len, d_model}) * 0.02);
    return;
  }
  const torch::Tensor place = torch::arange(max_len, torch::kFloat64).unsqueeze(1);
  const torch::Tensor even = torch::arange(0, d_model, 2, torch::kFloat64);
  const torch::Tensor angle = place * torch::exp(even * (-std::log(10000.0) / static_cast<double>(d_model)));
  const torch::Tensor both = torch::stack({angle.sin(), angle.cos()}, 2).flatten(1);
  pe_ = register_buffer("pe", both.slice(1, 0, d_model).to(torch::kFloat32).contiguous());
}

AdditiveAttention::AdditiveAttention(std::int64_t input_size, std::int64_t hidden_size)
    : proj_(input_size, hidden_size), score_(nn::LinearOptions(hidden_size, 1).bias(false)) {
  register_module("proj", proj_);
  register_module("score", score_);
}

torch::Tensor AdditiveAttention::forward(const torch::Tensor& input, const Attending& how) {
  torch::Tensor scores = score_->forward(torch::tanh(proj_->forward(input)));
  if (how.keys) scores = filled(scores, 1, *how.keys, -std::numeric_limits<double>::infinity());
  const torch::Tensor weights = torch::softmax(scores, 1);
  if (how.weights) *how.weights = weights.squeeze(2);
  return torch::matmul(weights.transpose(1, 2), input).squeeze(1);
}

Parameter::Parameter(const std::vector<std::int64_t>& shape, const std::string& init) {
  if (init != "zeros" && init != "ones" && init != "normal") throw std::invalid_argument("no such init: " + init);
  const torch::Tensor start = init == "zeros"  ? torch::zeros(shape)
                              : init == "ones" ? torch::ones(shape)
                                               : torch::randn(shape);
  weight_ = register_parameter("weight", start);
}

torch::Tensor Parameter::forward(const torch::Tensor& like) {
  return for_each_sample(weight_, like);
}

torch::Tensor Reparameterize::forward(const torch::Tensor& mean, const torch::Tensor& log_var) {
  return is_training() ? mean + torch::exp(log_var / 2) * normal_like(mean) : mean;
}

torch::Tensor for_each_sample(const torch::Tensor& sample, const torch::Tensor& like) {
  std::vector<std::int64_t> sizes = sample.sizes().vec();
  sizes.insert(sizes.begin(), like.size(0));
  return sample.unsqueeze(0).expand(sizes);
}

}  // namespace netwright
