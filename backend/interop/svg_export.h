#pragma once
// A network's drawing as SVG, as the canvas shows it in the light theme.

#include <string>

#include "backend/analysis/report.h"
#include "backend/graph/network.h"

namespace netwright {

/// Every layer at its place with name, type, caption, parameters, receptive field and output shapes; mistakes are
/// outlined. Needs no fonts but the reader's own.
std::string svg_drawing(const Network& network, const Report& report);

}  // namespace netwright
