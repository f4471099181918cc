#pragma once
// Windows that slide over spatial axes, of which there are one (a signal), two (an image) or three (a volume): what
// convolution and pooling share. Formulas as in PyTorch's documentation of Conv2d and MaxPool2d ("Shape").

#include <optional>
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
  /// Rounding up, a window may reach out by less than a stride.
  bool fits(Dim size) const { return !size || *size + before + after + (rounds_up ? stride - 1 : 0) >= extent(); }
};

/// From `kernel_size`, `stride` (or 'kernel_size'), `padding` (or 'same'), `dilation`, `ceil_mode`, where the layer
/// has them; one per axis.
std::vector<Slide> slides_of(const Settings& settings);
/// How many axes `kernel_size` has.
std::size_t rank_of(const Settings& settings);

/// How many axes the input has after its channels.
std::size_t axes_of(const LayerView& view);

/// Of `rank` spatial axes: L; H and W; D, H and W.
const char* axis_name(std::size_t axis, std::size_t rank);
/// `signal`, `image`, `volume`.
const char* kind_of_input(std::size_t rank);
/// `Length of`, `Height and width of`, `Depth, height and width of`.
const char* measures(std::size_t rank);

/// A setting with a whole number for each of `rank` axes.
SettingSpec per_axis(std::string name, std::size_t rank, std::int64_t fallback, std::string help, double minimum,
                     double maximum = 10000);

/// Where the input isn't channels and `rank` axes; with the mends there are.
std::optional<ShapeProblem> rank_problem(const Shape& input, std::size_t rank);
/// The same, or where a window doesn't fit.
std::optional<ShapeProblem> slide_problem(const LayerView& view, const std::vector<Slide>& slides);
Shape slide_output(const Dim& channels, const Shape& input, const std::vector<Slide>& slides);
/// The channels' axis is kept.
std::vector<AxisWindow> slide_windows(const std::vector<Slide>& slides);
/// A line per axis: `H = ⌊(28 + 2·0 − 3)/1⌋ + 1 = 26`.
std::vector<FormulaLine> slide_formula(const LayerView& view, const std::vector<Slide>& slides);

/// `3×3`; `3×5`.
std::string times(const Integers& sizes);
/// `28`, or `?` where unknown.
std::string dim_text(const Dim& dim);

}  // namespace netwright
