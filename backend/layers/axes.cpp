// Axes put in another order, added, dropped and stretched.

#include <fmt/format.h>

#include <algorithm>

#include "backend/core/numbers.h"
#include "backend/layers/dimensions.h"
#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

ShapeResult permute_shapes(const LayerView& view) {
  const Shape& input = view.input();
  const Integers asked = view.settings.integers("dims");
  std::vector<Dim> dims;
  std::vector<bool> is_taken(input.rank(), false);
  bool fits = asked.size() == input.rank() + 1 && asked.front() == 0;
  for (std::size_t i = 1; fits && i < asked.size(); ++i) {
    const auto axis = axis_of(asked[i], input.rank());
    fits = axis && !is_taken[*axis];
    if (!fits) break;
    is_taken[*axis] = true;
    dims.push_back(input[*axis]);
  }
  if (fits) return std::vector<Shape>{Shape(std::move(dims))};
  Integers same;
  for (std::size_t i = 0; i <= input.rank(); ++i) same.push_back(static_cast<std::int64_t>(i));
  ShapeProblem problem{.message = "dims names each dimension once, the batch (0) first.",
                       .expected = "an order of " + to_text(Value(same)),
                       .actual = to_text(Value(asked)),
                       .setting = "dims",
                       .fixes = {{"Keep the order", ChangeSetting{"dims", same}}}};
  if (input.rank() > 1) {
    Integers channels_last = same;
    std::rotate(channels_last.begin() + 1, channels_last.begin() + 2, channels_last.end());
    problem.fixes.push_back({"Put the first axis last", ChangeSetting{"dims", channels_last}});
  }
  return problem;
}

std::vector<AxisWindow> permute_window(const LayerView& view, std::size_t) {
  const Integers asked = view.settings.integers("dims");
  std::vector<AxisWindow> windows(view.input().rank());
  for (std::size_t i = 1; i < asked.size(); ++i) {
    if (const auto axis = axis_of(asked[i], windows.size())) windows[*axis].to = static_cast<int>(i) - 1;
  }
  return windows;
}

ShapeResult squeeze_shapes(const LayerView& view) {
  const std::int64_t dim = view.settings.integer("dim");
  const Shape& input = view.input();
  const auto axis = axis_of(dim, input.rank());
  if (!axis) return no_such_dimension(dim, input.rank());
  if (input[*axis].value_or(1) != 1) {
    ShapeProblem problem{
        .message = fmt::format("Dimension {} has {} positions; only one of size 1 can be dropped.", dim, *input[*axis]),
        .expected = "1",
        .actual = std::to_string(*input[*axis]),
        .setting = "dim"};
    for (std::size_t i = 0; i < input.rank(); ++i) {
      const auto other = static_cast<std::int64_t>(i) + 1;
      if (input[i] == 1)
        problem.fixes.push_back({fmt::format("Drop dimension {}", other), ChangeSetting{"dim", other}});
    }
    return problem;
  }
  std::vector<Dim> dims = input.dims();
  dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(*axis));
  return std::vector<Shape>{Shape(std::move(dims))};
}

std::vector<AxisWindow> squeeze_window(const LayerView& view, std::size_t) {
  const auto dropped = axis_of(view.settings.integer("dim"), view.input().rank());
  std::vector<AxisWindow> windows = plain_windows(view);
  windows[*dropped].to = AxisWindow::gone;
  for (std::size_t axis = *dropped + 1; axis < windows.size(); ++axis) --windows[axis].to;
  return windows;
}

/// Where the new axis stands: it may also follow the last.
std::optional<std::size_t> new_axis(const LayerView& view) {
  return axis_of(view.settings.integer("dim"), view.input().rank() + 1);
}

ShapeResult unsqueeze_shapes(const LayerView& view) {
  const auto axis = new_axis(view);
  if (!axis) return no_such_dimension(view.settings.integer("dim"), view.input().rank() + 1);
  std::vector<Dim> dims = view.input().dims();
  dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(*axis), Dim(1));
  return std::vector<Shape>{Shape(std::move(dims))};
}

std::vector<AxisWindow> unsqueeze_window(const LayerView& view, std::size_t) {
  std::vector<AxisWindow> windows = plain_windows(view);
  for (std::size_t axis = *new_axis(view); axis < windows.size(); ++axis) ++windows[axis].to;
  return windows;
}

ShapeResult expand_shapes(const LayerView& view) {
  const Shape& input = view.input();
  const Integers asked = view.settings.integers("shape");
  Integers mended(input.rank(), -1);
  std::vector<Dim> dims;
  bool fits = asked.size() == input.rank();
  for (std::size_t axis = 0; axis < std::min(asked.size(), input.rank()); ++axis) {
    const bool is_kept = asked[axis] == -1 || (input[axis] && asked[axis] == *input[axis]);
    if (!is_kept && (asked[axis] < 1 || input[axis].value_or(1) != 1)) {
      fits = false;
      continue;
    }
    dims.push_back(is_kept ? input[axis] : Dim(asked[axis]));
    mended[axis] = asked[axis];
  }
  if (fits) return std::vector<Shape>{Shape(std::move(dims))};
  return ShapeProblem{.message = "Expand stretches dimensions of size 1; the others keep their size (-1).",
                      .expected = fmt::format("{} sizes that {} fits", input.rank(), input.to_string()),
                      .actual = times(asked),
                      .setting = "shape",
                      .fixes = {{"Use " + times(mended), ChangeSetting{"shape", mended}}}};
}

std::vector<AxisWindow> expand_window(const LayerView& view, std::size_t) {
  const Integers asked = view.settings.integers("shape");
  std::vector<AxisWindow> windows = plain_windows(view);
  for (std::size_t axis = 0; axis < windows.size(); ++axis) {
    const bool is_kept = asked[axis] == -1 || (view.input()[axis] && asked[axis] == *view.input()[axis]);
    if (!is_kept) {
      windows[axis] = stretched_window();
      windows[axis].to = static_cast<int>(axis);
    }
  }
  return windows;
}

/// `3×4×5 → 4×5×3`
template <const char* symbols>
std::vector<FormulaLine> moved_formula(const LayerView& view, std::span<const Shape> outputs) {
  return {{symbols, fmt::format("{} → {}", view.input().to_string(), outputs[0].to_string())}};
}

constexpr char permuted[] = "axis i of the output = axis dims[i] of the input";
constexpr char dropped[] = "the axis of size 1 is dropped";
constexpr char added[] = "an axis of size 1 is added";
constexpr char stretched[] = "what stands at the one position stands at all";

NnCall dim_call(const char* name, const LayerView& view) {
  return {name, {{"dim", view.settings.integer("dim")}}};
}

}  // namespace

std::vector<LayerSpec> axes_family() {
  return {
      {.type = "Permute",
       .category = Category::Shape,
       .summary = "Puts the dimensions in another order.",
       .name_stem = "permute",
       .settings = {{.name = "dims",
                     .kind = SettingKind::Integers,
                     .fallback = Integers{0, 2, 1},
                     .help = "The new order; the batch, 0, stays first. 0, 2, 3, 1 puts the channels last.",
                     .minimum = -8,
                     .maximum = 8}},
       .elements = Elements::Any,
       .is_view = true,
       .shapes = permute_shapes,
       .window = permute_window,
       .call =
           [](const LayerView& view) {
             return NnCall{"torch.permute", {{"dims", view.settings.integers("dims")}}};
           },
       .formula = moved_formula<permuted>,
       .samples = {{{}, {{3, 4}}},
                   {{{"dims", Integers{0, 2, 3, 1}}}, {{3, 4, 5}}},
                   {{{"dims", Integers{0, -1, 1, 2}}}, {{3, 4, 5}}}},
       .caption = [](const Settings& s) { return to_text(Value(s.integers("dims"))); }},
      {.type = "Squeeze",
       .category = Category::Shape,
       .summary = "Drops a dimension of size 1.",
       .name_stem = "squeeze",
       .settings = {dim_setting(-1, "The dimension that is dropped, counting the batch as 0; -1 is the last.")},
       .elements = Elements::Any,
       .is_view = true,
       .shapes = squeeze_shapes,
       .window = squeeze_window,
       .call = [](const LayerView& view) { return dim_call("torch.squeeze", view); },
       .formula = moved_formula<dropped>,
       .samples = {{{}, {{3, 4, 1}}},
                   {{{"dim", std::int64_t{1}}}, {{1, 4, 5}}},
                   {{{"dim", std::int64_t{2}}}, {{3, 1}}}},
       .caption = dim_caption},
      {.type = "Unsqueeze",
       .category = Category::Shape,
       .summary = "Adds a dimension of size 1.",
       .name_stem = "unsqueeze",
       .settings = {dim_setting(1, "Where the new dimension stands, counting the batch as 0; -1 is after the last.")},
       .elements = Elements::Any,
       .is_view = true,
       .shapes = unsqueeze_shapes,
       .window = unsqueeze_window,
       .call = [](const LayerView& view) { return dim_call("torch.unsqueeze", view); },
       .formula = moved_formula<added>,
       .samples = {{{}, {{4, 5}}}, {{{"dim", std::int64_t{-1}}}, {{4}}}, {{{"dim", std::int64_t{2}}}, {{3, 4, 5}}}},
       .caption = dim_caption},
      {.type = "Expand",
       .category = Category::Shape,
       .summary = "Repeats what stands at the one position of a dimension of size 1.",
       .name_stem = "expand",
       .settings = {{.name = "shape",
                     .kind = SettingKind::Integers,
                     .fallback = Integers{-1},
                     .help = "One sample's new shape, without the batch; -1 keeps a dimension as it is.",
                     .minimum = -1,
                     .maximum = 1e9}},
       .elements = Elements::Any,
       .is_view = true,
       .shapes = expand_shapes,
       .window = expand_window,
       .call =
           [](const LayerView& view) {
             return NnCall{"netwright.expand", {{"shape", view.settings.integers("shape")}}};
           },
       .formula = moved_formula<stretched>,
       .samples = {{{}, {{4}}},
                   {{{"shape", Integers{-1, 4, 5}}}, {{3, 1, 1}}},
                   {{{"shape", Integers{6, 4, -1}}}, {{1, 4, 5}}}},
       .caption = [](const Settings& s) { return times(s.integers("shape")); }},
  };
}

}  // namespace netwright
