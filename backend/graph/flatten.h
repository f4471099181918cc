#pragma once
// Blocks seen through: what trains, is analysed and leaves as ONNX is the network without them.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "backend/graph/project.h"

namespace netwright {

/// A network whose Blocks are replaced by their layers. The network's own layers keep their ids; those within get new
/// ones, and names as PyTorch's state_dict has them: `block1.conv1`, or `block1.0.conv1` where it is repeated.
struct FlatNetwork {
  Network network;
  /// For layers that stand within a Block: the Block of the drawn network.
  std::map<LayerId, LayerId> block_of;
  /// Where the drawn outputs of Blocks come from; nothing where they come from nowhere.
  std::map<PortRef, std::optional<PortRef>> block_outputs;
  /// Why a Block couldn't be replaced (it stays, as a layer that fits nothing).
  std::map<LayerId, std::string> refused;
};
FlatNetwork flattened(const Project& project, const Network& network);

bool has_blocks(const Network& network);

/// The same project with every network flattened.
Project flattened(Project project);

}  // namespace netwright
