#include <fmt/format.h>

#include "backend/core/numbers.h"
#include "backend/layers/broadcasting.h"
#include "backend/layers/dimensions.h"
#include "backend/layers/families.h"

namespace netwright {

namespace {

std::optional<std::size_t> concat_axis(const LayerView& view) {
  return axis_of(view.settings.integer("dim"), view.input().rank());
}

ShapeResult concat_shapes(const LayerView& view) {
  Shape joined = view.input(0);
  const auto axis = concat_axis(view);
  if (!axis) return no_such_dimension(view.settings.integer("dim"), joined.rank());
  for (std::size_t port = 1; port < view.inputs.size(); ++port) {
    const Shape& other = view.input(port);
    bool fits = joined.rank() == other.rank();
    for (std::size_t i = 0; fits && i < joined.rank(); ++i) {
      if (i == *axis) {
        joined[i] = checked_add(joined[i], other[i]);
      } else if (!joined[i]) {
        joined[i] = other[i];
      } else {
        fits = !other[i] || *other[i] == *joined[i];
      }
    }
    if (fits) continue;
    return ShapeProblem{
        .message = fmt::format("Concat joins along dimension {}; the others must agree, and input {} differs.",
                               view.settings.integer("dim"), port + 1),
        .expected = view.input(0).to_string(),
        .actual = other.to_string(),
        .port = static_cast<int>(port),
        .setting = {}};
  }
  return std::vector<Shape>{joined};
}

/// Along the axis where they are joined, an input's positions stand after those of the inputs before it.
std::vector<AxisWindow> concat_window(const LayerView& view, std::size_t port) {
  std::vector<AxisWindow> windows = plain_windows(view, port);
  AxisWindow& window = windows[*concat_axis(view)];
  for (std::size_t other = 0; other < port; ++other) {
    const Dim& size = view.input(other)[*concat_axis(view)];
    if (!size) window.everything = true;
    window.before += whole(size);
  }
  return windows;
}

}  // namespace

std::vector<LayerSpec> merge_family() {
  return {
      {.type = "Concat",
       .category = Category::Merge,
       .summary = "Lays its inputs one behind the other along a dimension (torch.cat); 1 joins channels.",
       .name_stem = "concat",
       .settings = {dim_setting(1, "The dimension along which they are joined, counting the batch as 0.")},
       .min_inputs = 2,
       .max_inputs = 1000,
       .elements = Elements::Any,
       .shapes = concat_shapes,
       .window = concat_window,
       .call =
           [](const LayerView& view) {
             return NnCall{"torch.cat", {{"dim", view.settings.integer("dim")}}};
           },
       .formula =
           [](const LayerView& view, std::span<const Shape> outputs) {
             return std::vector<FormulaLine>{{"size along dim = sum of the inputs' sizes",
                                              fmt::format("{} → {}", input_list(view, ", "), outputs[0].to_string())}};
           },
       .samples = {{{}, {{3, 4, 5}, {2, 4, 5}}},
                   {{}, {{6}, {2}, {1}}},
                   {{{"dim", std::int64_t{-1}}}, {{3, 4, 5}, {3, 4, 2}}}},
       .caption = dim_caption},
  };
}

}  // namespace netwright
