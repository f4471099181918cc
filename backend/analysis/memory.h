#pragma once

#include "backend/analysis/report.h"
#include "backend/graph/project.h"

namespace netwright {

/// Of one number of a weight or an activation.
constexpr std::int64_t float_bytes = 4;

/// Sums the layers' figures and plays a step through for its peaks: forward, each output is freed after its last use
/// unless a later backward needs it; backward, gradients come into being and go, and so does what was kept. Bytes count
/// float32 (int64 for whole numbers) for one sample; what an unknown dimension hides makes its total unknown.
Totals totals_of(const Network& network, const NetworkReport& report, const Recipe& recipe);

}  // namespace netwright
