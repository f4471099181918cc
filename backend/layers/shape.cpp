#include <fmt/format.h>

#include "backend/core/numbers.h"
#include "backend/layers/families.h"

namespace netwright {

namespace {

struct Range {
  std::int64_t first;  ///< axes of the shape without batch
  std::int64_t last;
};

/// PyTorch's dims count the batch as 0; negative ones count from the end.
Range flattened_axes(const LayerView& view) {
  const auto with_batch = static_cast<std::int64_t>(view.input().rank()) + 1;
  const auto axis = [&](std::int64_t dim) { return (dim < 0 ? dim + with_batch : dim) - 1; };
  return {axis(view.settings.integer("start_dim")), axis(view.settings.integer("end_dim"))};
}

ShapeResult flatten_shapes(const LayerView& view) {
  const Shape& input = view.input();
  const auto [first, last] = flattened_axes(view);
  const auto rank = static_cast<std::int64_t>(input.rank());
  if (rank == 0) return std::vector<Shape>{Shape{1}};
  if (first < 0 || last >= rank || first > last) {
    return ShapeProblem{
        .message = fmt::format("There are no dimensions from {} to {} in a batch of {}.",
                               view.settings.integer("start_dim"), view.settings.integer("end_dim"), input.to_string()),
        .expected = fmt::format("1 ≤ start_dim ≤ end_dim ≤ {}", rank),
        .actual = fmt::format("{} to {}", view.settings.integer("start_dim"), view.settings.integer("end_dim")),
        .setting = first < 0 || first >= rank ? "start_dim" : "end_dim",
        .fixes = {{"Flatten from dimension 1", ChangeSetting{"start_dim", std::int64_t{1}}},
                  {"Flatten to the last dimension", ChangeSetting{"end_dim", std::int64_t{-1}}}}};
  }
  std::vector<Dim> dims(input.dims().begin(), input.dims().begin() + first);
  Dim merged = 1;
  for (std::int64_t axis = first; axis <= last; ++axis) merged = checked_multiply(merged, input[axis]);
  dims.push_back(merged);
  dims.insert(dims.end(), input.dims().begin() + last + 1, input.dims().end());
  return std::vector<Shape>{Shape(std::move(dims))};
}

std::vector<AxisWindow> flatten_window(const LayerView& view, std::size_t) {
  const auto [first, last] = flattened_axes(view);
  std::vector<AxisWindow> windows(view.input().rank());
  for (std::int64_t axis = 0; axis < static_cast<std::int64_t>(windows.size()); ++axis) {
    AxisWindow& window = windows[static_cast<std::size_t>(axis)];
    window.is_folded = axis >= first && axis <= last && first != last;
    window.to = static_cast<int>(axis <= first ? axis : axis <= last ? first : axis - (last - first));
  }
  return windows;
}

std::vector<FormulaLine> flatten_formula(const LayerView& view, std::span<const Shape> outputs) {
  const auto [first, last] = flattened_axes(view);
  std::string product;
  for (std::int64_t axis = first; axis <= last && axis < static_cast<std::int64_t>(view.input().rank()); ++axis) {
    const Dim& dim = view.input()[axis];
    product += fmt::format("{}{}", product.empty() ? "" : " · ", dim ? std::to_string(*dim) : "?");
  }
  return {{"features = product of the flattened dimensions",
           fmt::format("{} = {}", product.empty() ? "1" : product, outputs[0].to_string())}};
}

}  // namespace

std::vector<LayerSpec> shape_family() {
  return {{
      .type = "Flatten",
      .category = Category::Shape,
      .summary = "Lays an image or map out as one vector, as Linear needs it.",
      .name_stem = "flatten",
      .settings = {{.name = "start_dim",
                    .kind = SettingKind::Integer,
                    .fallback = std::int64_t{1},
                    .help = "The first dimension that is flattened, counting the batch as 0.",
                    .minimum = -8,
                    .maximum = 8},
                   {.name = "end_dim",
                    .kind = SettingKind::Integer,
                    .fallback = std::int64_t{-1},
                    .help = "The last dimension that is flattened; -1 is the last there is.",
                    .minimum = -8,
                    .maximum = 8}},
      .elements = Elements::Any,
      .shapes = flatten_shapes,
      .window = flatten_window,
      .call =
          [](const LayerView& view) {
            return NnCall{
                "Flatten",
                {{"start_dim", view.settings.integer("start_dim")}, {"end_dim", view.settings.integer("end_dim")}}};
          },
      .formula = flatten_formula,
      .samples = {{{}, {{3, 4, 5}}},
                  {{{"start_dim", std::int64_t{2}}}, {{3, 4, 5}}},
                  {{{"end_dim", std::int64_t{-2}}}, {{3, 4, 5}}}},
      .caption =
          [](const Settings& s) {
            const bool is_plain = s.integer("start_dim") == 1 && s.integer("end_dim") == -1;
            return is_plain ? std::string()
                            : fmt::format("dims {} to {}", s.integer("start_dim"), s.integer("end_dim"));
          },
  }};
}

}  // namespace netwright
