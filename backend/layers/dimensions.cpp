#include "backend/layers/dimensions.h"

#include <fmt/format.h>

namespace netwright {

std::optional<std::size_t> axis_of(std::int64_t dim, std::size_t rank) {
  const auto with_batch = static_cast<std::int64_t>(rank) + 1;
  const std::int64_t counted = dim < 0 ? dim + with_batch : dim;
  if (counted < 1 || counted >= with_batch) return std::nullopt;
  return static_cast<std::size_t>(counted - 1);
}

ShapeProblem no_such_dimension(std::int64_t dim, std::size_t rank, const std::string& setting) {
  ShapeProblem problem{.message = dim == 0 ? std::string("Dimension 0 is the batch, which stays as it is.")
                                           : fmt::format("The input has no dimension {} (0 is the batch).", dim),
                       .expected = rank == 0 ? std::string("an input with dimensions")
                                             : fmt::format("1 to {}, or -1 for the last", rank),
                       .actual = std::to_string(dim),
                       .setting = setting};
  if (rank > 0 && setting == "dim") {
    problem.fixes = {{"Use dimension 1", ChangeSetting{setting, std::int64_t{1}}},
                     {"Use the last dimension", ChangeSetting{setting, std::int64_t{-1}}}};
  }
  return problem;
}

SettingSpec dim_setting(std::int64_t fallback, std::string help) {
  return {.name = "dim",
          .kind = SettingKind::Integer,
          .fallback = fallback,
          .help = std::move(help),
          .minimum = -8,
          .maximum = 8};
}

std::string dim_caption(const Settings& settings) {
  return fmt::format("dim {}", settings.integer("dim"));
}

ShapeResult same_shape(const LayerView& view) {
  return std::vector<Shape>{view.input()};
}

std::vector<AxisWindow> plain_windows(const LayerView& view, std::size_t port) {
  std::vector<AxisWindow> windows(view.input(port).rank());
  for (std::size_t axis = 0; axis < windows.size(); ++axis) windows[axis].to = static_cast<int>(axis);
  return windows;
}

AxisWindow stretched_window() {
  return {.extent = 1, .stride = 0};
}

AxisWindow consumed_window() {
  return {.everything = true, .to = AxisWindow::gone};
}

AxisWindow causal_window(const Dim& size) {
  if (!size || *size < 1) return {.everything = true};
  return {.extent = *size, .before = *size - 1};
}

const Dim& features_of(const Shape& shape) {
  return shape[shape.rank() - 1];
}

std::int64_t whole(const Dim& dim) {
  return dim.value_or(0);
}

}  // namespace netwright
