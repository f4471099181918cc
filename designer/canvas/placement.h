#pragma once
// Where new layers go, and the edits that put them there.

#include <optional>
#include <vector>

#include "backend/graph/edit.h"
#include "designer/canvas/layer_kind.h"

namespace netwright {

/// `wanted`, or the nearest place to its right (in columns) where no other layer lies.
Point free_place(const Network& network, Point wanted);

/// Adds a layer of the kind below `after`, fed from its first free output; nothing where that doesn't fit.
std::optional<std::vector<Edit>> append_layer(const Project& project, const Network& network, LayerId after,
                                              const LayerKind& kind, LayerId& added);

/// Puts `layer` (new, or there but unconnected) into the connection and moves what follows down where it is too near.
std::vector<Edit> insert_with_room(const Network& network, const Connection& connection, Layer layer);

/// True where the layer has a way in and a way out, so that it can be put into a wire.
bool fits_on_wire(const Project& project, const Layer& layer);

}  // namespace netwright
