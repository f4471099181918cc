#pragma once
// What can be added to a drawing: a layer of some type, or a Block of one of the project's networks.

#include <string>
#include <string_view>
#include <vector>

#include "backend/graph/project.h"

namespace netwright {

struct LayerKind {
  std::string type;
  NetworkId network = {};  ///< that a Block stands for

  /// `Conv2d`, or `Block 3` for a Block of network 3: what drags and lists carry.
  static LayerKind from_text(std::string_view text);
  std::string to_text() const;
  /// The type, or the name of the Block's network.
  std::string title(const Project& project) const;
  /// Those that differ from the type's defaults.
  Settings settings() const;

  bool operator==(const LayerKind&) const = default;
};

/// The Blocks that `network` may hold: of networks that have an Output, and neither are it nor hold it.
std::vector<LayerKind> blocks_for(const Project& project, NetworkId network);

}  // namespace netwright
