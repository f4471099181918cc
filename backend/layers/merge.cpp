#include <fmt/format.h>

#include "backend/core/numbers.h"
#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

constexpr int many = 1000;

/// A 1×1 convolution on the port that would make `from` fit `to` (He et al. 2015, "projection shortcut"); nothing
/// where no whole stride does.
std::vector<FixHint> projection(int port, const Shape& from, const Shape& to) {
  if (from.rank() != 3 || !from.is_known() || !to.is_known()) return {};
  Integers stride;
  for (std::size_t axis = 1; axis < 3; ++axis) {
    const std::int64_t step = (*from[axis] + *to[axis] - 1) / *to[axis];
    if ((*from[axis] - 1) / step + 1 != *to[axis]) return {};
    stride.push_back(step);
  }
  return {
      {fmt::format("Project input {} to {}", port + 1, to.to_string()),
       InsertBefore{port, "Conv2d", {{"out_channels", *to[0]}, {"kernel_size", Integers{1, 1}}, {"stride", stride}}}}};
}

ShapeResult add_shapes(const LayerView& view) {
  Shape sum = view.input(0);
  for (std::size_t port = 1; port < view.inputs.size(); ++port) {
    const Shape& other = view.input(port);
    bool fits = sum.rank() == other.rank();
    for (std::size_t axis = 0; fits && axis < sum.rank(); ++axis) {
      if (!sum[axis] || !other[axis]) {
        // 1 may still be stretched; anything else is the result's size.
        if (other[axis].value_or(1) != 1) sum[axis] = other[axis];
        if (sum[axis] == 1) sum[axis] = std::nullopt;
      } else if (*sum[axis] == 1) {
        sum[axis] = other[axis];
      } else {
        fits = *other[axis] == *sum[axis] || *other[axis] == 1;
      }
    }
    if (fits) continue;
    const auto number = static_cast<int>(port);
    ShapeProblem problem{.message = fmt::format("Add needs inputs of one shape; input {} differs.", port + 1),
                         .expected = view.input(0).to_string(),
                         .actual = other.to_string(),
                         .port = number,
                         .setting = {}};
    if (sum.rank() == other.rank()) {
      for (FixHint& fix : projection(number, other, view.input(0))) problem.fixes.push_back(std::move(fix));
      for (FixHint& fix : projection(0, view.input(0), other)) problem.fixes.push_back(std::move(fix));
    }
    return problem;
  }
  return std::vector<Shape>{sum};
}

/// PyTorch's dim counts the batch as 0.
std::int64_t concat_axis(const LayerView& view) {
  const std::int64_t dim = view.settings.integer("dim");
  return (dim < 0 ? dim + static_cast<std::int64_t>(view.input().rank()) + 1 : dim) - 1;
}

ShapeResult concat_shapes(const LayerView& view) {
  Shape joined = view.input(0);
  const std::int64_t axis = concat_axis(view);
  if (axis < 0 || axis >= static_cast<std::int64_t>(joined.rank())) {
    return ShapeProblem{
        .message = fmt::format("The inputs have no dimension {} (0 is the batch).", view.settings.integer("dim")),
        .expected = fmt::format("1 to {}", joined.rank()),
        .actual = std::to_string(view.settings.integer("dim")),
        .setting = "dim",
        .fixes = {{"Join along dimension 1", ChangeSetting{"dim", std::int64_t{1}}}}};
  }
  for (std::size_t port = 1; port < view.inputs.size(); ++port) {
    const Shape& other = view.input(port);
    bool fits = joined.rank() == other.rank();
    for (std::size_t i = 0; fits && i < joined.rank(); ++i) {
      if (static_cast<std::int64_t>(i) == axis) {
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

std::vector<AxisWindow> concat_window(const LayerView& view, std::size_t port) {
  std::vector<AxisWindow> windows(view.input(port).rank());
  // Joined along an axis of positions, they come from different inputs at different offsets.
  windows[static_cast<std::size_t>(concat_axis(view))].everything = true;
  return windows;
}

std::string input_list(const LayerView& view, const char* separator) {
  std::string text;
  for (const Shape& input : view.inputs) text += (text.empty() ? "" : separator) + input.to_string();
  return text;
}

}  // namespace

std::vector<LayerSpec> merge_family() {
  return {
      {.type = "Add",
       .category = Category::Merge,
       .summary = "Sums its inputs, value by value: a residual shortcut joins here.",
       .name_stem = "add",
       .min_inputs = 2,
       .max_inputs = many,
       .shapes = add_shapes,
       .call =
           [](const LayerView&) {
             return NnCall{"operator.add", {}};
           },
       .formula =
           [](const LayerView& view, std::span<const Shape> outputs) {
             return std::vector<FormulaLine>{
                 {"y = x₁ + x₂ + …", fmt::format("{} = {}", input_list(view, " + "), outputs[0].to_string())}};
           },
       .samples = {{{}, {{3, 4, 5}, {3, 4, 5}}},
                   {{}, {{6}, {6}, {6}}},
                   {{}, {{3, 4, 5}, {3, 1, 1}}},
                   {{}, {{3, 1, 1}, {3, 4, 5}}}},
       .caption = [](const Settings&) { return std::string(); }},
      {.type = "Concat",
       .category = Category::Merge,
       .summary = "Lays its inputs one behind the other along a dimension (torch.cat); 1 joins channels.",
       .name_stem = "concat",
       .settings = {{.name = "dim",
                     .kind = SettingKind::Integer,
                     .fallback = std::int64_t{1},
                     .help = "The dimension along which they are joined, counting the batch as 0.",
                     .minimum = -8,
                     .maximum = 8}},
       .min_inputs = 2,
       .max_inputs = many,
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
       .caption = [](const Settings& s) { return fmt::format("dim {}", s.integer("dim")); }},
  };
}

}  // namespace netwright
