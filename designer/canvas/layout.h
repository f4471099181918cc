#pragma once
// A tidy drawing of a network: rows from top to bottom by longest path from the inputs, the order in each row by
// barycentres (Sugiyama, Tagawa and Toda 1981), columns as near to their neighbours as the order allows.

#include <map>

#include "backend/graph/network.h"

namespace netwright {

/// A place for every layer, on the grid, the drawing's top-left corner at `origin`. Cycles are tolerated.
std::map<LayerId, Point> layered_layout(const Network& network, Point origin = {});

}  // namespace netwright
