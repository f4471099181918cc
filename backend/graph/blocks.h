#pragma once
// A Block is a layer that stands for a network of the same project: its Inputs are the Block's ports, its Outputs
// likewise, in the order of their ids.

#include <functional>
#include <set>
#include <vector>

#include "backend/core/result.h"
#include "backend/core/settings.h"
#include "backend/core/shape.h"
#include "backend/graph/edit.h"

namespace netwright {

inline constexpr const char* block_type = "Block";
bool is_block(const Layer& layer);

/// Nothing where there is no such network.
const Network* network_of_block(const Project& project, const Layer& block);
/// True where `outer` is `inner` or has it as a Block, however deep: then `inner` can't hold a Block of `outer`.
bool uses(const Project& project, NetworkId outer, NetworkId inner);

/// How many ports a layer has; a Block's come from its network.
struct PortCounts {
  int min_inputs = 1;
  int max_inputs = 1;
  int outputs = 1;
};
PortCounts port_counts(const Project& project, const Layer& layer);

/// A layer's settings; a Block's with those that its network exposes, whose defaults are what they are within.
std::vector<SettingSpec> settings_of(const Project& project, const Layer& layer);

/// Makes a network of `layers` and puts a Block into their place; its Inputs get the shapes that `shape_at` tells of
/// the outputs that feed them, and take whole numbers where `holds_integers_at` says so. Error where a path leaves the
/// layers and comes back, or where nothing flows in or out.
struct MadeBlock {
  std::vector<Edit> edits;
  LayerId block;
  NetworkId network;
};
Result<MadeBlock> make_block(const Project& project, NetworkId network, const std::set<LayerId>& layers,
                             const std::function<Shape(PortRef)>& shape_at,
                             const std::function<bool(PortRef)>& holds_integers_at = {});

/// Puts copies of the layers within back into the Block's place, one row of them for each repetition.
struct ExpandedBlock {
  std::vector<Edit> edits;
  std::set<LayerId> layers;
};
Result<ExpandedBlock> expand_block(const Project& project, NetworkId network, LayerId block);

}  // namespace netwright
