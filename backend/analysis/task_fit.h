#pragma once

#include <optional>
#include <string_view>

#include "backend/analysis/report.h"
#include "backend/data/data_catalogue.h"
#include "backend/graph/project.h"

namespace netwright {

/// Whether the networks that the task trains fit it and the data: the Input takes the data's samples, the Output gives
/// what the loss compares with the target, and last activations and losses go together. `data` may be unknown.
void check_task_fit(const Project& project, const std::optional<DataDescription>& data, Report& report);

/// True for diagnostics that keep a network from being trained, not from running.
bool is_of_training(const Diagnostic& diagnostic);

}  // namespace netwright
