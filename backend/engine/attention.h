#pragma once
// Attention as the engine computes it, for the functions and modules that share it.

#include <torch/torch.h>

#include "backend/engine/sequences.h"

namespace netwright {

struct Attending {
  bool is_causal = false;            ///< query i sees keys 0 to i alone
  double dropout = 0;                ///< of the weights
  const Lengths* queries = nullptr;  ///< of sequences among the queries, the last axis but one; none: all are whole
  const Lengths* keys = nullptr;     ///< padded keys are seen by nobody
  torch::Tensor* weights = nullptr;  ///< where to leave the weights, before dropout; 0 at padding
};

/// softmax(q·kᵀ/√d)·v over the last two axes; what stands before is broadcast, the batch first.
torch::Tensor scaled_dot_product(const torch::Tensor& query, const torch::Tensor& key, const torch::Tensor& value,
                                 const Attending& how);

/// torch.nn.MultiheadAttention with batch_first=True; its dropout is the module's own. LibTorch's own forward compares
/// its inputs' values to find out which are the same, which waits for the device each time.
torch::Tensor multihead_attention(torch::nn::MultiheadAttentionImpl& module, const torch::Tensor& query,
                                  const torch::Tensor& key, const torch::Tensor& value, Attending how);

}  // namespace netwright
