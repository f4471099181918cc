#pragma once
// LibTorch's classes and functions by their PyTorch names: what an NnCall says becomes something that runs.

#include <torch/torch.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backend/core/result.h"
#include "backend/engine/sequences.h"
#include "backend/layers/nn_call.h"

namespace netwright {

struct Op {
  std::shared_ptr<torch::nn::Module> module;  ///< none for functions
  /// From the inputs, one per port, to the outputs, one per port. Tensors have the batch as dimension 0.
  std::function<std::vector<torch::Tensor>(const std::vector<torch::Tensor>&)> forward;
  /// The same where axes that it mixes run along sequences of different lengths: at a sequence's own steps it gives
  /// what the sequence alone would give, at padded ones something finite. None where it knows no such axis.
  std::function<std::vector<torch::Tensor>(const std::vector<torch::Tensor>&, const Sequences&)> padded = {};
  bool sees_padding = false;  ///< `padded` also matters to axes of which it takes each step by itself
  bool attends = false;       ///< `padded` leaves weights of attention
};

/// Refuses calls that no row of the table binds, and arguments that are missing, unknown or of another kind.
Result<Op> bind(const NnCall& call);

}  // namespace netwright
