#pragma once
// What a sweep makes of a project: one project for each combination of values.

#include <functional>
#include <optional>
#include <vector>

#include "backend/analysis/diagnostic.h"
#include "backend/core/shape.h"
#include "backend/sweep/sweep.h"

namespace netwright {

struct Variant {
  int index = 0;              ///< from 0, in the sweep's order
  std::vector<Value> values;  ///< one for each axis
  Project project;
  Dim parameters;  ///< of the networks that the task trains, together
  Dim macs;        ///< of one sample through each of them
  /// What forbids training it: the shapes don't fit, or a setting isn't there with the others' values.
  std::optional<Diagnostic> mistake;
};

/// Each analysed. Refuses what checked() refuses. `stop` is asked before each: true ends the list early.
Result<std::vector<Variant>> variants_of(const Project& project, const Sweep& sweep,
                                         const std::function<bool()>& stop = {});

/// Parameters and MACs of the networks that the task trains.
struct Size {
  Dim parameters;
  Dim macs;
};
Size size_of(const Project& project);

}  // namespace netwright
