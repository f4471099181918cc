#pragma once

#include <vector>

#include "backend/analysis/report.h"
#include "backend/graph/project.h"

namespace netwright {

/// The errors that forbid training `networks`: theirs and the project's. They point into the report.
std::vector<const Diagnostic*> training_mistakes(const Report& report, const std::vector<const Network*>& networks);

/// The message, beginning with its layer's name where it doesn't say that itself.
std::string named_message(const Diagnostic& diagnostic, const Project& project);

}  // namespace netwright
