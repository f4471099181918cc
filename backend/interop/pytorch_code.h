#pragma once

#include <string>

#include "backend/analysis/report.h"
#include "backend/graph/project.h"

namespace netwright {

/// A Python file as a PyTorch user would have written it: classes for the project's networks (and their Blocks), whose
/// state_dict has the names of our weight files, and a script that trains the first by the project's recipe. Runs on
/// PyTorch 1.13 and 2.x. A drawing with mistakes gives code too, with a comment where a layer is left out.
/// `report` is the project's.
std::string pytorch_code(const Project& project, const Report& report);

}  // namespace netwright
