#pragma once
// Computes nodes whose inputs are all known: the arithmetic on shapes that exporters leave in a graph, and what they do
// to weights.

#include <optional>
#include <vector>

#include "backend/interop/onnx_import/graph.h"

namespace netwright::onnx_import {

/// Bounds what folding may allocate, over a whole model.
struct FoldingBudget {
  std::int64_t elements = std::int64_t{1} << 28;
};

/// The node's outputs; nothing where the operator isn't known here, a value it needs is missing, or the budget is
/// spent. `inputs` has one entry per input of the node, null where it is left out.
std::optional<std::vector<Constant>> folded(const Node& node, const std::vector<const Constant*>& inputs,
                                            FoldingBudget& budget);

}  // namespace netwright::onnx_import
