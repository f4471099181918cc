#pragma once
// A torch-free recipe for one call of PyTorch: the exporter prints it, the engine looks it up in nn_bindings.
// What trains and what is exported therefore come from the same row.

#include <string>
#include <utility>
#include <vector>

#include "backend/core/settings.h"

namespace netwright {

struct NnCall {
  /// `Conv2d` for a class of torch.nn; `torch.flatten`, `torch.cat`, `operator.add` for functions;
  /// `netwright.GaussianNoise` for a class that PyTorch doesn't have.
  std::string name;
  /// In the order of PyTorch's signature; inferred ones (in_channels, in_features) included.
  std::vector<std::pair<std::string, Value>> arguments;
  /// How a module is called, where it isn't simply with its inputs (`output` of an LSTM, `is_causal`).
  std::vector<std::pair<std::string, Value>> forward = {};

  const Value* find(std::string_view argument) const;
  const Value* find_forward(std::string_view option) const;
  /// True for a class (its last word is capitalised), false for a function.
  bool is_module() const;
};

}  // namespace netwright
