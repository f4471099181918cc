// Dimensions summed up in one value.

#include <fmt/format.h>

#include <set>

#include "backend/core/numbers.h"
#include "backend/layers/dimensions.h"
#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

struct Reduction {
  const char* type;
  const char* call;
  const char* symbols;
};

constexpr Reduction mean{"Mean", "torch.mean", "y = Σ x / n"};
constexpr Reduction largest{"Max", "torch.amax", "y = max x"};
constexpr Reduction sum{"Sum", "torch.sum", "y = Σ x"};

std::set<std::size_t> reduced_axes(const LayerView& view) {
  std::set<std::size_t> axes;
  for (const std::int64_t dim : view.settings.integers("dim")) {
    if (const auto axis = axis_of(dim, view.input().rank())) axes.insert(*axis);
  }
  return axes;
}

ShapeResult reduction_shapes(const LayerView& view) {
  const Shape& input = view.input();
  const Integers asked = view.settings.integers("dim");
  std::set<std::size_t> seen;
  for (const std::int64_t dim : asked) {
    const auto axis = axis_of(dim, input.rank());
    if (axis && seen.insert(*axis).second) continue;
    ShapeProblem problem = no_such_dimension(dim, input.rank());
    if (axis) {
      problem.message = fmt::format("Dimension {} is named twice.", dim);
      problem.expected = "each dimension once";
    }
    problem.actual = to_text(Value(asked));
    problem.fixes.clear();
    if (input.rank() > 0) {
      problem.fixes = {{"Use the last dimension", ChangeSetting{"dim", Integers{-1}}}};
      Integers all;
      for (std::size_t i = 1; i <= input.rank(); ++i) all.push_back(static_cast<std::int64_t>(i));
      if (all.size() > 1) problem.fixes.push_back({"Use all dimensions", ChangeSetting{"dim", all}});
    }
    return problem;
  }
  const bool is_kept = view.settings.flag("keepdim");
  std::vector<Dim> dims;
  for (std::size_t axis = 0; axis < input.rank(); ++axis) {
    if (!seen.contains(axis)) dims.push_back(input[axis]);
    if (seen.contains(axis) && is_kept) dims.emplace_back(1);
  }
  return std::vector<Shape>{Shape(std::move(dims))};
}

std::vector<AxisWindow> reduction_window(const LayerView& view, std::size_t) {
  const std::set<std::size_t> axes = reduced_axes(view);
  const bool is_kept = view.settings.flag("keepdim");
  std::vector<AxisWindow> windows(view.input().rank());
  int next = 0;
  for (std::size_t axis = 0; axis < windows.size(); ++axis) {
    windows[axis].everything = axes.contains(axis);
    windows[axis].to = axes.contains(axis) && !is_kept ? AxisWindow::gone : next++;
  }
  return windows;
}

template <const Reduction& reduction>
LayerSpec reduction_row(const std::string& summary, const std::string& stem, Saved saved) {
  return {
      .type = reduction.type,
      .category = Category::Merge,
      .summary = summary,
      .name_stem = stem,
      .settings =
          {{.name = "dim",
            .kind = SettingKind::Integers,
            .fallback = Integers{-1},
            .help = "The dimensions summed up, counting the batch as 0; 2, 3 are an image's height and "
                    "width.",
            .minimum = -8,
            .maximum = 8},
           {.name = "keepdim", .kind = SettingKind::Boolean, .fallback = false, .help = "Keeps them, with size 1."}},
      .saved = saved,
      .shapes = reduction_shapes,
      .window = reduction_window,
      .call =
          [](const LayerView& view) {
            return NnCall{reduction.call,
                          {{"dim", view.settings.integers("dim")}, {"keepdim", view.settings.flag("keepdim")}}};
          },
      .formula =
          [](const LayerView& view, std::span<const Shape> outputs) {
            Dim count = 1;
            for (const std::size_t axis : reduced_axes(view)) count = checked_multiply(count, view.input()[axis]);
            return std::vector<FormulaLine>{{reduction.symbols, fmt::format("{} → {}, n = {}", view.input().to_string(),
                                                                            outputs[0].to_string(), dim_text(count))}};
          },
      .samples = {{{}, {{4, 5}}},
                  {{{"dim", Integers{2, 3}}}, {{3, 4, 5}}},
                  {{{"dim", Integers{3}}, {"keepdim", true}}, {{3, 4, 5}}},
                  {{{"dim", Integers{1}}}, {{3, 4, 5}}},
                  {{{"dim", Integers{-2, 1}}, {"keepdim", true}}, {{3, 4, 5}}}},
      .caption =
          [](const Settings& s) {
            return fmt::format("dim {}{}", to_text(Value(s.integers("dim"))), s.flag("keepdim") ? ", kept" : "");
          }};
}

}  // namespace

std::vector<LayerSpec> reduction_family() {
  return {
      reduction_row<mean>("The mean over the dimensions given; over height and width it is global pooling.", "mean",
                          {}),
      reduction_row<largest>("The largest value over the dimensions given.", "max", {.input = true, .output = true}),
      reduction_row<sum>("The sum over the dimensions given.", "sum", {})};
}

}  // namespace netwright
