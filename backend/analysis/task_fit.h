#pragma once

#include <optional>

#include "backend/analysis/report.h"
#include "backend/data/data_catalogue.h"
#include "backend/graph/project.h"

namespace netwright {

/// Whether the first network fits its data and task: the Input takes the data's samples, a classifier gives as many
/// scores as there are classes, and scores aren't turned into probabilities before a loss that does so itself.
void check_task_fit(const Project& project, const std::optional<DataDescription>& data, Report& report);

}  // namespace netwright
