#pragma once

#include "backend/analysis/report.h"
#include "backend/analysis/structure.h"
#include "backend/graph/project.h"

namespace netwright {

/// What works but is rarely meant, or could be better: each with its reason, and a fix where there is one. Of the
/// layers that have figures; O(layers + connections).
std::vector<Diagnostic> advice_on(const Project& project, const Network& network, const NetworkReport& report,
                                  const Structure& structure);

}  // namespace netwright
