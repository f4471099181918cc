#pragma once

#include "backend/analysis/report.h"
#include "backend/graph/project.h"

namespace netwright {

/// Whether the project's data source, task, optimisers and schedule are known, and every setting of theirs is allowed.
void check_recipe(const Project& project, Report& report);

}  // namespace netwright
