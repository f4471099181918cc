#include <fmt/format.h>

#include <algorithm>

#include "backend/core/numbers.h"
#include "backend/layers/dimensions.h"
#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

struct AxisRange {
  std::int64_t first;  ///< axes of the shape without batch
  std::int64_t last;
};

/// PyTorch's dims count the batch as 0; negative ones count from the end.
AxisRange flattened_axes(const LayerView& view) {
  const auto with_batch = static_cast<std::int64_t>(view.input().rank()) + 1;
  const auto axis = [&](std::int64_t dim) { return (dim < 0 ? dim + with_batch : dim) - 1; };
  return {axis(view.settings.integer("start_dim")), axis(view.settings.integer("end_dim"))};
}

ShapeResult flatten_shapes(const LayerView& view) {
  const Shape& input = view.input();
  const auto [first, last] = flattened_axes(view);
  const auto rank = static_cast<std::int64_t>(input.rank());
  if (first < 0 || last >= rank || first > last) {
    if (rank == 0) {
      return ShapeProblem{.message = "A single number has no dimensions to flatten.",
                          .expected = "at least one dimension",
                          .actual = input.to_string(),
                          .port = 0,
                          .setting = {}};
    }
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

/// The sizes asked for, with -1 worked out for `count` values; nothing where they don't hold as many.
std::optional<Shape> shape_for(const Integers& asked, const Dim& count) {
  Dim rest = 1;
  for (const std::int64_t size : asked) {
    if (size != -1) rest = checked_multiply(rest, size);
  }
  const bool has_free = std::find(asked.begin(), asked.end(), -1) != asked.end();
  if (!rest || *rest == 0) return std::nullopt;
  if (count && (has_free ? *count % *rest != 0 : *count != *rest)) return std::nullopt;
  std::vector<Dim> dims;
  for (const std::int64_t size : asked) {
    if (size == -1) {
      dims.push_back(count ? Dim(*count / *rest) : std::nullopt);
    } else {
      dims.push_back(size);
    }
  }
  return Shape(std::move(dims));
}

/// What is wrong with sizes whatever the input.
std::optional<ShapeProblem> sizes_problem(const Integers& asked, const char* setting) {
  if (std::count(asked.begin(), asked.end(), -1) <= 1 && std::count(asked.begin(), asked.end(), 0) == 0)
    return std::nullopt;
  Integers mended = asked;
  bool is_first = true;
  for (std::int64_t& size : mended) {
    if (size > 0) continue;
    size = is_first ? -1 : 1;
    is_first = false;
  }
  return ShapeProblem{.message = "Sizes are at least 1; one of them may be -1, which is worked out.",
                      .expected = "sizes of 1 or more, and at most one -1",
                      .actual = to_text(Value(asked)),
                      .setting = setting,
                      .fixes = {{"Use " + to_text(Value(mended)), ChangeSetting{setting, mended}}}};
}

/// Each size in turn that could be left to be worked out.
std::vector<FixHint> free_size_fixes(const Integers& asked, std::int64_t count, const char* setting) {
  std::vector<FixHint> fixes;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    Integers freed = asked;
    for (std::int64_t& size : freed) size = std::max<std::int64_t>(size, 1);
    freed[i] = -1;
    if (const auto shape = shape_for(freed, count)) {
      fixes.push_back({"Use " + shape->to_string(), ChangeSetting{setting, freed}});
    }
  }
  return fixes;
}

ShapeResult reshape_shapes(const LayerView& view) {
  const Integers asked = view.settings.integers("shape");
  if (auto problem = sizes_problem(asked, "shape")) return *problem;
  const Dim count = view.input().elements();
  if (const auto shape = shape_for(asked, count)) return std::vector<Shape>{*shape};
  return ShapeProblem{.message = fmt::format("{} can't be laid out as {}: it holds {} values.",
                                             view.input().to_string(), times(asked), dim_text(count)),
                      .expected = dim_text(count) + " values",
                      .actual = times(asked),
                      .setting = "shape",
                      .fixes = count ? free_size_fixes(asked, *count, "shape") : std::vector<FixHint>()};
}

/// Axes that hold as many values as each other, up to the next such place, belong together: one to one they are kept,
/// several to one they are folded, one to several it is cut into windows along the first of them.
std::vector<AxisWindow> regrouped_windows(const Shape& input, const Shape& output) {
  std::vector<AxisWindow> windows(input.rank(), consumed_window());
  std::vector<std::size_t> from;
  std::vector<std::size_t> to;
  for (std::size_t axis = 0; axis < input.rank(); ++axis) {
    // A single position is seen by all.
    if (input[axis] == 1) windows[axis] = {.to = AxisWindow::gone};
    if (input[axis] != 1) from.push_back(axis);
  }
  for (std::size_t axis = 0; axis < output.rank(); ++axis) {
    if (output[axis] != 1) to.push_back(axis);
  }
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < from.size() && j < to.size()) {
    const std::size_t first_i = i;
    const std::size_t first_j = j;
    Dim in = input[from[i++]];
    Dim out = output[to[j++]];
    if (!in || !out) return windows;
    while (*in != *out) {
      Dim& smaller = *in < *out ? in : out;
      const bool takes_input = *in < *out;
      if (takes_input ? i == from.size() : j == to.size()) return windows;
      smaller = checked_multiply(smaller, takes_input ? input[from[i++]] : output[to[j++]]);
      if (!smaller) return windows;
    }
    const auto target = static_cast<int>(to[first_j]);
    const std::int64_t rest = *out / *output[to[first_j]];
    if (j - first_j == 1) {
      for (std::size_t k = first_i; k < i; ++k) windows[from[k]] = {.is_folded = i - first_i > 1, .to = target};
    } else if (i - first_i == 1) {
      windows[from[first_i]] = {.extent = rest, .stride = rest, .to = target};
    }
  }
  return windows;
}

std::vector<AxisWindow> reshape_window(const LayerView& view, std::size_t) {
  const auto output = shape_for(view.settings.integers("shape"), view.input().elements());
  return regrouped_windows(view.input(), *output);
}

ShapeResult unflatten_shapes(const LayerView& view) {
  const std::int64_t dim = view.settings.integer("dim");
  const Shape& input = view.input();
  const auto axis = axis_of(dim, input.rank());
  if (!axis) return no_such_dimension(dim, input.rank());
  const Integers asked = view.settings.integers("unflattened_size");
  if (auto problem = sizes_problem(asked, "unflattened_size")) return *problem;
  const auto parts = shape_for(asked, input[*axis]);
  if (!parts) {
    return ShapeProblem{
        .message = fmt::format("Dimension {} has {} positions, which {} doesn't hold.", dim, dim_text(input[*axis]),
                               times(asked)),
        .expected = dim_text(input[*axis]) + " in all",
        .actual = times(asked),
        .setting = "unflattened_size",
        .fixes = input[*axis] ? free_size_fixes(asked, *input[*axis], "unflattened_size") : std::vector<FixHint>()};
  }
  std::vector<Dim> dims = input.dims();
  const auto place = dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(*axis));
  dims.insert(place, parts->dims().begin(), parts->dims().end());
  return std::vector<Shape>{Shape(std::move(dims))};
}

std::vector<AxisWindow> unflatten_window(const LayerView& view, std::size_t) {
  const auto axis = axis_of(view.settings.integer("dim"), view.input().rank());
  const auto parts = shape_for(view.settings.integers("unflattened_size"), view.input()[*axis]);
  std::vector<AxisWindow> windows = plain_windows(view);
  for (std::size_t i = *axis + 1; i < windows.size(); ++i) windows[i].to += static_cast<int>(parts->rank()) - 1;
  std::vector<AxisWindow> of_parts = regrouped_windows(Shape{view.input()[*axis]}, *parts);
  windows[*axis] = of_parts.front();
  if (windows[*axis].to != AxisWindow::gone) windows[*axis].to += static_cast<int>(*axis);
  return windows;
}

std::vector<FormulaLine> layout_formula(const LayerView& view, std::span<const Shape> outputs) {
  return {{"the same values in the same order", fmt::format("{} → {}, {} values", view.input().to_string(),
                                                            outputs[0].to_string(), dim_text(outputs[0].elements()))}};
}

}  // namespace

std::vector<LayerSpec> shape_family() {
  return {
      {
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
          .is_view = true,
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
      },
      {
          .type = "Unflatten",
          .category = Category::Shape,
          .summary = "Cuts one dimension into several: a vector into an image, say.",
          .name_stem = "unflatten",
          .settings = {dim_setting(1, "The dimension that is cut up, counting the batch as 0."),
                       {.name = "unflattened_size",
                        .kind = SettingKind::Integers,
                        .fallback = Integers{1, -1},
                        .help = "The sizes it is cut into; one may be -1, which is worked out.",
                        .minimum = -1,
                        .maximum = 1e9}},
          .elements = Elements::Any,
          .is_view = true,
          .shapes = unflatten_shapes,
          .window = unflatten_window,
          .call =
              [](const LayerView& view) {
                const auto axis = axis_of(view.settings.integer("dim"), view.input().rank());
                const auto parts = shape_for(view.settings.integers("unflattened_size"), view.input()[*axis]);
                Integers sizes;
                for (const Dim& dim : parts->dims()) sizes.push_back(dim.value_or(-1));
                return NnCall{"Unflatten", {{"dim", view.settings.integer("dim")}, {"unflattened_size", sizes}}};
              },
          .formula = layout_formula,
          .samples = {{{{"unflattened_size", Integers{3, 4, 5}}}, {{60}}},
                      {{{"unflattened_size", Integers{2, -1}}}, {{6, 4, 5}}},
                      {{{"dim", std::int64_t{-1}}, {"unflattened_size", Integers{-1, 3}}}, {{2, 4, 6}}}},
          .caption = [](const Settings& s) { return times(s.integers("unflattened_size")); },
      },
      {
          .type = "Reshape",
          .category = Category::Shape,
          .summary = "Lays the same values out in another shape.",
          .name_stem = "reshape",
          .settings = {{.name = "shape",
                        .kind = SettingKind::Integers,
                        .fallback = Integers{-1},
                        .help = "One sample's new shape, without the batch; one size may be -1, which is worked out.",
                        .minimum = -1,
                        .maximum = 1e9}},
          .elements = Elements::Any,
          .is_view = true,
          .shapes = reshape_shapes,
          .window = reshape_window,
          .call =
              [](const LayerView& view) {
                return NnCall{"torch.reshape", {{"shape", view.settings.integers("shape")}}};
              },
          .formula = layout_formula,
          .samples = {{{}, {{3, 4, 5}}},
                      {{{"shape", Integers{3, 20}}}, {{3, 4, 5}}},
                      {{{"shape", Integers{2, -1, 4, 5}}}, {{6, 4, 5}}},
                      {{{"shape", Integers{6, 1, 5}}}, {{6, 5}}},
                      {{{"shape", Integers{2, 12, 3}}}, {{6, 4, 3}}}},
          .caption = [](const Settings& s) { return times(s.integers("shape")); },
      }};
}

}  // namespace netwright
