#pragma once
// A readable place for every layer of a network, by Graphviz's dot (Gansner, Koutsofios, North and Vo 1993).

#include <map>

#include "backend/graph/network.h"

namespace netwright {

/// Rows from top to bottom along the connections, on the grid, no two layers on one another; the drawing's top-left
/// corner is at 0, 0. Cycles and dangling ends are tolerated. Where dot would take too long (see the .cpp), or is
/// missing, the rows are by longest path and each row in the order of what feeds it. The same network, the same places.
/// From any thread; one at a time, since Graphviz keeps global state.
std::map<LayerId, Point> laid_out(const Network& network);

}  // namespace netwright
