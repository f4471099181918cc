#include "backend/interop/pytorch_variables.h"

namespace netwright {

void PytorchVariables::hold(PortRef value, const std::string& name) {
  names_[value] = name;
  taken_.insert(name);
}

void PytorchVariables::read(PortRef value) {
  if (--readers_[value] > 0) return;
  if (const auto it = names_.find(value); it != names_.end()) taken_.erase(it->second);
}

std::string PytorchVariables::assign(PortRef value, const std::vector<PortRef>& inputs) {
  if (readers_[value] == 0) return "_";
  for (const PortRef& input : inputs) {
    const auto it = names_.find(input);
    if (it == names_.end() || !is_free(it->second)) continue;
    hold(value, it->second);
    return names_.at(value);
  }
  for (const char* name : {"x", "y", "z", "u", "v", "w"}) {
    if (!is_free(name)) continue;
    hold(value, name);
    return name;
  }
  for (int number = 1;; ++number) {
    const std::string name = "x" + std::to_string(number);
    if (!is_free(name)) continue;
    hold(value, name);
    return name;
  }
}

}  // namespace netwright
