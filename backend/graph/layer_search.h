#pragma once
// Layers by their type, and what feeds them.

#include <string_view>
#include <vector>

#include "backend/graph/network.h"

namespace netwright {

/// In the order of their ids: the Inputs or Outputs of a network are the ports of a Block of it.
std::vector<LayerId> layers_of_type(const Network& network, std::string_view type);
/// The one with the lowest id; null where there is none.
const Layer* first_of_type(const Network& network, std::string_view type);
/// The layer whose output goes into input `port`; null where the port is open or its connection dangles.
const Layer* source_of(const Network& network, LayerId layer, int port = 0);

}  // namespace netwright
