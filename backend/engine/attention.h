#pragma once
// Attention as the engine computes it, for the functions and modules that share it.

#include <torch/torch.h>

namespace netwright {

/// softmax(q·kᵀ/√d)·v over the last two axes; what stands before is broadcast. `is_causal`: query i sees keys 0 to i
/// alone. `dropout` of the weights, where it isn't 0.
torch::Tensor scaled_dot_product(const torch::Tensor& query, const torch::Tensor& key, const torch::Tensor& value,
                                 bool is_causal, double dropout = 0);

/// torch.nn.MultiheadAttention with batch_first=True. LibTorch's own forward compares its inputs' values to find out
/// which are the same, which waits for the device each time.
torch::Tensor multihead_attention(torch::nn::MultiheadAttentionImpl& module, const torch::Tensor& query,
                                  const torch::Tensor& key, const torch::Tensor& value, bool is_causal);

}  // namespace netwright
