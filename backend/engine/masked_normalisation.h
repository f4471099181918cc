#pragma once
// Normalisation that leaves padding out of means and variances: what LibTorch's modules do, for a part of the values.

#include <torch/torch.h>

#include "backend/engine/sequences.h"

namespace netwright {

/// True at the values of `x` (an op's first input) that are padding, to be broadcast over it. There must be some axis.
torch::Tensor padding_of(const torch::Tensor& x, const Sequences& sequences);

/// Of a module of BatchNorm or InstanceNorm; the tensors may be undefined.
struct ChannelNorm {
  torch::Tensor weight;
  torch::Tensor bias;
  torch::Tensor running_mean;  ///< moved on where it is defined
  torch::Tensor running_var;
  double momentum;
  double eps;
};
/// Brings each channel (axis 1) to mean 0 and deviation 1: over the batch (the whole one, where processes share it), or
/// each sample for itself.
torch::Tensor normalise_channels(const torch::Tensor& x, const torch::Tensor& padding, bool over_batch,
                                 ChannelNorm norm);
torch::Tensor normalise_groups(const torch::Tensor& x, const torch::Tensor& padding, torch::nn::GroupNormImpl& module);
torch::Tensor normalise_layer(const torch::Tensor& x, const torch::Tensor& padding, torch::nn::LayerNormImpl& module);

}  // namespace netwright
