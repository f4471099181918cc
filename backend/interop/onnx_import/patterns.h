#pragma once
// What exporters write as several operators and PyTorch has as one layer.

#include "backend/interop/onnx_import/graph.h"

namespace netwright::onnx_import {

/// Rewrites the last node of each pattern that is found, so that it reads the pattern's input: LayerNorm, GroupNorm,
/// GELU, SiLU, Mish, Hardswish, Hardsigmoid, LogSigmoid, Tanhshrink, padded averages, MatMul with a bias. Operators
/// that ONNX doesn't have are called `netwright.X`. What came before stays and is dropped where nothing else reads it.
void recognise_patterns(Graph& graph);

}  // namespace netwright::onnx_import
