#pragma once
// Shapes that are stretched to one another, as PyTorch broadcasts: axis by axis, where 1 fits any size. Without the
// batch both must have the same number of axes, since the batch stands before all of them.

#include <optional>
#include <string>

#include "backend/layers/layer_spec.h"

namespace netwright {

/// Nothing where the two don't fit.
std::optional<Shape> broadcast(const Shape& a, const Shape& b);

/// The shape of an element-wise function of all inputs; else which input differs, with the mends there are.
ShapeResult broadcast_shapes(const LayerView& view, const std::string& type);

/// `3×4×5 + 3×1×1`
std::string input_list(const LayerView& view, const char* separator);

}  // namespace netwright
