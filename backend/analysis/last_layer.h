#pragma once

#include "backend/graph/network.h"

namespace netwright {

/// The layer that gives the values which the first Output gets, whatever lays them out otherwise in between (Unflatten,
/// Reshape). Null where there is none.
const Layer* last_layer(const Network& network);

}  // namespace netwright
