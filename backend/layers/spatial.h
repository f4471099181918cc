#pragma once
// Windows that slide over spatial axes: what convolution and pooling share. Formulas as in PyTorch's documentation of
// Conv2d and MaxPool2d ("Shape").

#include <string>
#include <vector>

#include "backend/layers/layer_spec.h"

namespace netwright {

/// One axis of a sliding window.
struct Slide {
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t before = 0;  ///< padding at the near end
  std::int64_t after = 0;   ///< padding at the far end
  std::int64_t dilation = 1;
  bool rounds_up = false;  ///< ceil_mode

  std::int64_t extent() const { return dilation * (kernel - 1) + 1; }
  /// The output's size; nothing where `size` is unknown or the window doesn't fit (then fits() is false).
  Dim output(Dim size) const;
  bool fits(Dim size) const { return !size || *size + before + after >= extent(); }
};

/// From `kernel_size`, `stride` (or 'kernel_size'), `padding` (or 'same'), `dilation`, `ceil_mode`, where the layer
/// has them; one per axis.
std::vector<Slide> slides_of(const Settings& settings);

/// The names of the spatial axes: H and W.
const char* axis_name(std::size_t axis);

/// Where the input isn't `rank` dimensions, or a window doesn't fit; with the mends there are.
std::optional<ShapeProblem> slide_problem(const LayerView& view, const std::vector<Slide>& slides,
                                          const std::string& type);
Shape slide_output(const Dim& channels, const Shape& input, const std::vector<Slide>& slides);
std::vector<AxisWindow> slide_windows(const std::vector<Slide>& slides);
/// A line per axis: `H = ⌊(28 + 2·0 − 3)/1⌋ + 1 = 26`; one for both where they are alike.
std::vector<FormulaLine> slide_formula(const LayerView& view, const std::vector<Slide>& slides);

/// `3×3`; `3×5`.
std::string times(const Integers& sizes);
/// `28`, or `?` where unknown.
std::string dim_text(const Dim& dim);

}  // namespace netwright
