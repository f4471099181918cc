#pragma once

#include <vector>

#include "backend/graph/edit.h"

namespace netwright {

/// Moves every layer that isn't there yet to its place in a tidy drawing (interop/graph_layout.h) whose top-left corner
/// is at `corner`, a point of the grid.
std::vector<Edit> tidied(const Network& network, Point corner);

}  // namespace netwright
