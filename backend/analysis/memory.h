#pragma once

#include "backend/analysis/report.h"
#include "backend/graph/project.h"

namespace netwright {

/// Sums the layers' figures. Bytes count float32; what an unknown dimension hides makes its total unknown.
/// Training keeps every activation and its gradient, and per trainable weight its gradient and the optimiser's state.
Totals totals_of(const Network& network, const NetworkReport& report, const Recipe& recipe);

}  // namespace netwright
