#pragma once
// The variables of one forward method: short names, taken again as soon as nothing reads what they held.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "backend/graph/network.h"

namespace netwright {

class PytorchVariables {
 public:
  /// Announces one reading of a value; all must be announced before the first value is held.
  void expect_reader(PortRef value) { ++readers_[value]; }

  /// A parameter of forward.
  void hold(PortRef value, const std::string& name);
  bool holds(PortRef value) const { return names_.contains(value); }
  const std::string& name(PortRef value) const { return names_.at(value); }
  /// A reading has happened.
  void read(PortRef value);
  /// A name for a new value: that of one of `inputs` if nothing reads it any more, else one that is free; `_` where
  /// nothing will read the value.
  std::string assign(PortRef value, const std::vector<PortRef>& inputs);

 private:
  bool is_free(const std::string& name) const { return !taken_.contains(name); }

  std::map<PortRef, int> readers_;
  std::map<PortRef, std::string> names_;
  std::set<std::string> taken_;
};

}  // namespace netwright
