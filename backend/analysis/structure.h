#pragma once
// The drawing as a graph: which layer reads what, in which order, and what is wrong with the drawing as such.

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "backend/analysis/diagnostic.h"
#include "backend/graph/project.h"

namespace netwright {

struct Structure {
  std::vector<LayerId> order;  ///< topological, stable; layers on a cycle are left out
  /// Per layer, what feeds each port; nothing where unconnected.
  std::map<LayerId, std::vector<std::optional<PortRef>>> inputs;
  /// Per layer, those that read it, once for each connection.
  std::map<LayerId, std::vector<LayerId>> followers;
};

/// Says unknown types, bad and double names, dangling ends, wrong ports, double connections, cycles, unconnected
/// inputs, missing Inputs and Outputs, and dead ends. O(layers + connections), times their logarithm.
Structure structure_of(const Project& project, const Network& network, std::vector<Diagnostic>& diagnostics);

/// The layers that some Output depends on: the others needn't run, and don't leave.
std::set<LayerId> needed_layers(const Network& network);

}  // namespace netwright
