#pragma once
// NnCalls in the language of TorchScript's own operators: `torch.conv2d(x, self.weight, ...)`.

#include <set>
#include <string>
#include <vector>

#include "backend/core/result.h"
#include "backend/layers/nn_call.h"

namespace netwright {

/// The body of a module's forward. Its inputs are x, or x, y and z; `weights` are its parameters and buffers, by their
/// full names within it (`weight`, `out_proj.weight`), in the order of the row. Refuses calls that no row of the table
/// writes.
Result<std::string> torchscript_forward(const NnCall& call, std::size_t inputs,
                                        const std::vector<std::string>& weights);

/// A function's call as an expression of variables.
std::string torchscript_expression(const NnCall& call, const std::vector<std::string>& inputs);

}  // namespace netwright
