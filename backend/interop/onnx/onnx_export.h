#pragma once
// A network as an ONNX model: opset 13, evaluation mode, dynamic batch, weights inside.

#include <string>
#include <vector>

#include "backend/analysis/report.h"
#include "backend/core/result.h"
#include "backend/graph/network.h"
#include "backend/interop/safetensors.h"

namespace netwright {

/// The file's bytes, checked by ONNX's own checker. Inputs, outputs and nodes carry the layers' names, weights their
/// full names (`conv1.weight`). Refuses a network with mistakes or unknown sizes, a missing weight, and what ONNX can't
/// say, naming the layer.
Result<std::string> onnx_model(const Network& network, const NetworkReport& report,
                               const std::vector<NamedTensor>& weights);

}  // namespace netwright
