#pragma once
// One NnCall as PyTorch users write it.

#include <set>
#include <string>
#include <vector>

#include "backend/layers/nn_call.h"

namespace netwright {

/// A value as Python writes it: `True`, `(3, 5)`, `1e-05`, `"same"`.
std::string python_literal(const Value& value);

struct PytorchArgument {
  std::string name;
  std::string text;
  bool is_positional = false;
  bool operator==(const PytorchArgument&) const = default;
};

/// `nn.Conv2d` and those of its arguments that differ from PyTorch's defaults.
struct PytorchConstructor {
  std::string callee;
  std::vector<PytorchArgument> arguments;
  bool operator==(const PytorchConstructor&) const = default;
};
/// `nn.Conv2d(1, 32, kernel_size=3)`.
std::string to_text(const PytorchConstructor& constructor);

PytorchConstructor pytorch_constructor(const NnCall& call);

/// What runs: `self.conv1(x)`, `x + y`, `torch.cat((x, y), dim=1)`. `module` is how the module is reached (nothing for
/// functions), `inputs` are variables, one per port; for a layer without inputs, one whose batch it takes.
std::string pytorch_expression(const NnCall& call, const std::string& module, const std::vector<std::string>& inputs);

/// True where the module is called with its one input alone, so that nn.Sequential can hold it.
bool is_plain_module(const NnCall& call);

}  // namespace netwright
