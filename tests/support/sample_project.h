#pragma once

#include "backend/graph/project.h"
#include "backend/layers/layer_spec.h"

namespace netwright {

/// A network of one layer, a sample of its row: an Input for each of its inputs, an Output at each of its outputs.
Project sample_project(const LayerSpec& spec, const Sample& sample);

}  // namespace netwright
