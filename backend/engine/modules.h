#pragma once
// Modules that LibTorch lacks, with weights named as an NnCall's readers expect them.

#include <torch/torch.h>

#include <string>

#include "backend/engine/attention.h"
#include "backend/engine/shared_batch.h"

namespace netwright {

/// torch.nn.TransformerEncoderLayer with batch_first=True; LibTorch's own has neither layer_norm_eps nor norm_first.
class TransformerEncoderLayer : public torch::nn::Module {
 public:
  struct Options {
    std::int64_t d_model;
    std::int64_t nhead;
    std::int64_t dim_feedforward = 2048;
    double dropout = 0.1;
    bool uses_gelu = false;
    double layer_norm_eps = 1e-5;
    bool norm_first = false;
  };
  explicit TransformerEncoderLayer(const Options& options);
  /// B×T×E.
  torch::Tensor forward(const torch::Tensor& input, const Attending& how = {});

 private:
  torch::Tensor attended(const torch::Tensor& x, const Attending& how);
  torch::Tensor fed_forward(const torch::Tensor& x);
  torch::Tensor dropped(const torch::Tensor& x) const;

  Options options_;
  torch::nn::MultiheadAttention self_attn_;
  torch::nn::Linear linear1_;
  torch::nn::Linear linear2_;
  torch::nn::LayerNorm norm1_;
  torch::nn::LayerNorm norm2_;
};

/// Adds row t of `pe` to step t of B×T×E: sines and cosines (Vaswani et al. 2017, section 3.5), or learned rows that
/// start from N(0, 0.02²).
class PositionalEncoding : public torch::nn::Module {
 public:
  PositionalEncoding(std::int64_t d_model, std::int64_t max_len, bool is_learned);
  torch::Tensor forward(const torch::Tensor& input) { return input + pe_.slice(0, 0, input.size(1)); }

 private:
  torch::Tensor pe_;
};

/// Adds noise from N(0, std²) in training; in evaluation hands its input on.
class GaussianNoise : public torch::nn::Module {
 public:
  explicit GaussianNoise(double std) : std_(std) {}
  torch::Tensor forward(const torch::Tensor& input) {
    return is_training() ? input + normal_like(input) * std_ : input;
  }

 private:
  double std_;
};

/// Pools B×T×F to B×F: Σₜ aₜ·xₜ, a = softmax(v·tanh(W·x + b)) over t (Bahdanau et al. 2015, without the decoder's
/// state).
class AdditiveAttention : public torch::nn::Module {
 public:
  AdditiveAttention(std::int64_t input_size, std::int64_t hidden_size);
  /// `how`: its keys and weights (B×T).
  torch::Tensor forward(const torch::Tensor& input, const Attending& how = {});

 private:
  torch::nn::Linear proj_;
  torch::nn::Linear score_;
};

/// The same tensor for every sample.
class Parameter : public torch::nn::Module {
 public:
  /// `init`: zeros, ones or normal.
  Parameter(const std::vector<std::int64_t>& shape, const std::string& init);
  /// As many of it as `like` has samples.
  torch::Tensor forward(const torch::Tensor& like);

 private:
  torch::Tensor weight_;
};

/// Draws from N(mean, e^log_var) in training; in evaluation gives the mean.
class Reparameterize : public torch::nn::Module {
 public:
  torch::Tensor forward(const torch::Tensor& mean, const torch::Tensor& log_var);
};

/// `sample` once for each of the samples of `like`, without a copy.
torch::Tensor for_each_sample(const torch::Tensor& sample, const torch::Tensor& like);

}  // namespace netwright
