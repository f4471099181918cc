#pragma once
// A torch-free recipe for one call of PyTorch: the exporter prints it, the engine looks it up in nn_bindings.
// What trains and what is exported therefore come from the same row.

#include <string>
#include <utility>
#include <vector>

#include "backend/core/settings.h"

namespace netwright {

struct NnCall {
  /// `Conv2d` for a class of torch.nn; `torch.flatten`, `torch.cat`, `operator.add` for functions.
  std::string name;
  /// In the order of PyTorch's signature; inferred ones (in_channels, in_features) included.
  std::vector<std::pair<std::string, Value>> arguments;

  const Value* find(std::string_view argument) const;
  bool is_module() const { return name.find('.') == std::string::npos; }
};

}  // namespace netwright
