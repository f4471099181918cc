#pragma once
// All weights of one optimiser in one buffer, their gradients in another: zeroing, the optimiser's step, clipping and
// all-reduce are one pass each.

#include <torch/torch.h>

#include <cstdint>
#include <vector>

namespace netwright {

/// After construction every trainable parameter of the module and its `grad` are views into the two buffers, and
/// backward() accumulates into them (don't call the module's own zero_grad or to(device): that would part them).
/// Views start on multiples of 16 numbers; the gaps stay zero.
class FlatParameters {
 public:
  /// `module`: on its device already; its trainable parameters of one floating type (float32 in training) and on one
  /// device, else c10::Error. Without trainable parameters the buffers are empty.
  explicit FlatParameters(torch::nn::Module& module);

  void zero_grad() { gradients_.zero_(); }
  const torch::Tensor& weights() const { return weights_; }
  const torch::Tensor& gradients() const { return gradients_; }
  /// The 2-norm of all gradients, on the device.
  torch::Tensor norm() const { return gradients_.norm(); }
  /// How many trainable numbers there are, gaps left out.
  std::int64_t count() const { return count_; }
  /// False where a parameter or gradient no longer lives in the buffers.
  bool is_intact() const;

 private:
  std::vector<torch::Tensor> parameters_;
  std::vector<std::int64_t> offsets_;
  torch::Tensor weights_;
  torch::Tensor gradients_;
  std::int64_t count_ = 0;
};

}  // namespace netwright
