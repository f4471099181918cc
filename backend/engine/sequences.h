#pragma once
// Sequences of different lengths in one batch: which steps are a sequence's own, and which are padding after them.

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "backend/core/shape.h"

namespace netwright {

/// How many steps of each sample are its own, along an axis of some tensors. Not for several threads at once.
class Lengths {
 public:
  /// One for each sample; what is less than 1 counts as 1.
  explicit Lengths(std::vector<std::int64_t> own);

  const std::vector<std::int64_t>& own() const { return own_; }
  std::int64_t samples() const { return static_cast<std::int64_t>(own_.size()); }
  /// B, int64, on the CPU.
  torch::Tensor tensor() const;
  /// True at padded steps, to be broadcast over `like`, whose axis `dim` (the batch is 0) runs along the steps.
  torch::Tensor padding_of(const torch::Tensor& like, std::int64_t dim) const;
  /// B×`steps`, true at padded ones.
  torch::Tensor padding(std::int64_t steps, torch::Device device) const;

 private:
  std::vector<std::int64_t> own_;
  mutable torch::Tensor padding_;  ///< the last one asked for
};

/// What an op is told of sequences beside its inputs.
struct Sequences {
  struct Axis {
    std::size_t port;
    std::int64_t dim;  ///< the batch is 0
    const Lengths* lengths;
  };
  std::vector<Axis> axes = {};          ///< of the inputs, that run along padded steps
  std::span<const Shape> outputs = {};  ///< as drawn
  torch::Tensor* attention = nullptr;   ///< where to leave the weights of attention, if anywhere

  /// Nothing where the axis has no padding.
  const Lengths* along(std::size_t port, std::int64_t dim) const;
};

/// `x` with `value` at the padded steps of `dim`.
torch::Tensor filled(const torch::Tensor& x, std::int64_t dim, const Lengths& lengths, double value = 0);
/// The same for all axes of the inputs that it is told of.
std::vector<torch::Tensor> filled(std::vector<torch::Tensor> inputs, const Sequences& sequences, double value = 0);
/// `x` with each sequence's last step at its padded ones.
torch::Tensor continued(const torch::Tensor& x, std::int64_t dim, const Lengths& lengths);
/// Step `steps[b]` of sample b along `dim`, which is dropped.
torch::Tensor picked(const torch::Tensor& x, std::int64_t dim, const std::vector<std::int64_t>& steps);

/// What `forward` gives for the sequences without their padding, those of one length together; zeros fill the outputs
/// up to the sizes that were drawn.
std::vector<torch::Tensor> apart(
    const std::function<std::vector<torch::Tensor>(const std::vector<torch::Tensor>&)>& forward,
    const std::vector<torch::Tensor>& inputs, const Sequences& sequences);

}  // namespace netwright
