#pragma once
// A report for other programs.

#include <vector>

#include "backend/analysis/report.h"
#include "backend/core/json_text.h"
#include "backend/graph/project.h"

namespace netwright {

/// `networks`, each with its totals and layers in topological order, and `diagnostics`; of all networks, or of one.
/// What isn't known is null.
Json report_json(const Project& project, const Report& report, NetworkId only = {});

/// In topological order; layers on a cycle have no place in it and come last.
std::vector<const Layer*> layers_in_order(const Network& network, const NetworkReport& report);

/// True where a diagnostic is about the network, or about the project.
bool concerns(const Diagnostic& diagnostic, NetworkId only);

}  // namespace netwright
