#pragma once
// Dimension arguments, counted as PyTorch does: the batch is 0, negative ones count from the end.

#include <optional>
#include <string>
#include <vector>

#include "backend/layers/layer_spec.h"

namespace netwright {

/// The axis of a shape of `rank` without batch; nothing where `dim` is the batch or out of range.
std::optional<std::size_t> axis_of(std::int64_t dim, std::size_t rank);

/// The complaint where axis_of() has none, with a mend where there is one.
ShapeProblem no_such_dimension(std::int64_t dim, std::size_t rank, const std::string& setting = "dim");

SettingSpec dim_setting(std::int64_t fallback, std::string help);

/// `dim 1`
std::string dim_caption(const Settings& settings);

/// The shape rule of what works on each value by itself.
ShapeResult same_shape(const LayerView& view);

/// One plain window for each axis of the input: every output axis sees the input's of the same number.
std::vector<AxisWindow> plain_windows(const LayerView& view, std::size_t port = 0);

/// A dimension of size 1 that is stretched: every position sees the one there is.
AxisWindow stretched_window();

/// Sees the whole axis, and no axis of the output runs along it.
AxisWindow consumed_window();

/// Every position of an axis of `size` sees those up to its own: causal attention and recurrence.
AxisWindow causal_window(const Dim& size);

/// The last dimension, which there must be.
const Dim& features_of(const Shape& shape);

/// For an argument that a layer ready to run knows: 0 where it isn't known.
std::int64_t whole(const Dim& dim);

}  // namespace netwright
