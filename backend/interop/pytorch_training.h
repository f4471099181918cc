#pragma once
// The part of exported code that trains: data, loss, optimiser and loop as the recipe says.

#include <string>

#include "backend/graph/network.h"
#include "backend/graph/project.h"

namespace netwright {

/// Functions to read weights and data and to train, and the `main` that calls them for `model_class`. `network` is the
/// one that trains, without Blocks.
std::string pytorch_training(const Project& project, const Network& network, const std::string& model_class);

}  // namespace netwright
