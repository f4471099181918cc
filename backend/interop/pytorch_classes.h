#pragma once
// Bodies become Python source: those that differ only in numbers share a class, whose __init__ takes the numbers.

#include <set>
#include <string>
#include <vector>

#include "backend/interop/pytorch_body.h"

namespace netwright {

struct PytorchClasses {
  std::string source;  ///< classes in the order in which Python needs them
  std::string last;    ///< the name of the last: the network's
};

/// `names` are taken already, and receive those given.
PytorchClasses pytorch_classes(const std::vector<PytorchBody>& bodies, std::set<std::string>& names);

}  // namespace netwright
