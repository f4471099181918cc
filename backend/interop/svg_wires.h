#pragma once
// The wires of a drawing: from an output down to an input, around the nodes in the way.

#include <string>
#include <vector>

#include "backend/graph/network.h"

namespace netwright {

/// A node's place, in canvas units.
struct SvgBox {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
};

/// The `d` of an SVG path. `nodes` are all there are; those of the wire's own ends lie beyond its ends.
std::string svg_wire(Point from, Point to, const std::vector<SvgBox>& nodes);

}  // namespace netwright
