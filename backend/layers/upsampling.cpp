#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "backend/core/numbers.h"
#include "backend/layers/dimensions.h"
#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

bool has_size(const Settings& settings) {
  return !settings.integers("size").empty();
}

/// A list that names every axis, from one that may hold one value for all.
template <class List>
List for_all(List list, std::size_t axes) {
  if (list.size() == 1) list.resize(axes, list.front());
  return list;
}

Integers sizes_of(const LayerView& view) {
  return for_all(view.settings.integers("size"), axes_of(view));
}

Reals factors_of(const LayerView& view) {
  return for_all(view.settings.reals("scale_factor"), axes_of(view));
}

Dim output_size(const LayerView& view, std::size_t axis) {
  if (has_size(view.settings)) return sizes_of(view)[axis];
  const Dim& size = view.input()[axis + 1];
  const double product = std::floor(static_cast<double>(size.value_or(0)) * factors_of(view)[axis]);
  if (!size || product >= 9e18) return std::nullopt;
  return static_cast<std::int64_t>(product);
}

/// Whether the mode is for inputs of so many axes after the channels'.
bool suits(const std::string& mode, std::size_t axes) {
  if (mode == "linear") return axes == 1;
  if (mode == "bilinear" || mode == "bicubic") return axes == 2;
  return mode == "trilinear" ? axes == 3 : true;
}

const char* linear_mode(std::size_t axes) {
  return axes == 1 ? "linear" : axes == 2 ? "bilinear" : "trilinear";
}

std::optional<ShapeProblem> count_problem(const LayerView& view) {
  const std::size_t axes = axes_of(view);
  const char* const name = has_size(view.settings) ? "size" : "scale_factor";
  const std::size_t count =
      has_size(view.settings) ? view.settings.integers("size").size() : view.settings.reals("scale_factor").size();
  if (count == 1 || count == axes) return std::nullopt;
  const Value mended = has_size(view.settings) ? Value(Integers{view.settings.integers("size").front()})
                                               : Value(Reals{view.settings.reals("scale_factor").front()});
  return ShapeProblem{.message = fmt::format("{} takes one number for all axes, or one for each of {}.", name, axes),
                      .expected = axes == 1 ? "1 number" : fmt::format("1 or {} numbers", axes),
                      .actual = fmt::format("{} numbers", count),
                      .setting = name,
                      .fixes = {{"Use the first for all", ChangeSetting{name, mended}}}};
}

ShapeResult upsample_shapes(const LayerView& view) {
  const Shape& input = view.input();
  if (input.rank() < 2 || input.rank() > 4) {
    ShapeProblem problem{.message = "Upsample needs a signal, an image or a volume: channels, then one to three axes.",
                         .expected = "C×L, C×H×W or C×D×H×W",
                         .actual = input.to_string(),
                         .port = 0,
                         .setting = {}};
    if (input.rank() == 1) {
      problem.fixes = {{"Make it one channel", InsertBefore{0, "Unsqueeze", {{"dim", std::int64_t{1}}}}}};
    }
    return problem;
  }
  const std::size_t axes = axes_of(view);
  const std::string mode = view.settings.text("mode");
  if (!suits(mode, axes)) {
    const std::string better = linear_mode(axes);
    return ShapeProblem{.message = fmt::format("Mode {} isn't for {} axes after the channels.", mode, axes),
                        .expected = better,
                        .actual = mode,
                        .setting = "mode",
                        .fixes = {{"Use mode " + better, ChangeSetting{"mode", better}},
                                  {"Use mode nearest", ChangeSetting{"mode", std::string("nearest")}}}};
  }
  if (auto problem = count_problem(view)) return *problem;
  std::vector<Dim> dims = {input[0]};
  for (std::size_t axis = 0; axis < axes; ++axis) {
    dims.push_back(output_size(view, axis));
    if (dims.back().value_or(1) > 0) continue;
    return ShapeProblem{.message = fmt::format("Nothing would be left of axis {}.", axis + 1),
                        .expected = "1 or more",
                        .actual = "0",
                        .setting = "scale_factor",
                        .fixes = {{"Use the factor 1", ChangeSetting{"scale_factor", Reals{1}}}}};
  }
  return std::vector<Shape>{Shape(std::move(dims))};
}

struct Ratio {
  std::int64_t out;
  std::int64_t in;
};

/// The fraction with a small denominator that `factor` is meant to be; nothing where there is none.
std::optional<Ratio> ratio_of(double factor) {
  constexpr std::int64_t largest = 1000;
  for (std::int64_t in = 1; in <= largest; ++in) {
    const double out = factor * static_cast<double>(in);
    if (out < 0.5 || out > 1e9) continue;
    if (std::abs(out - std::round(out)) < 1e-9 * out) return Ratio{std::llround(out), in};
  }
  return std::nullopt;
}

/// How many output positions stand for how many of the input, lowest terms.
std::optional<Ratio> ratio_along(const LayerView& view, std::size_t axis) {
  if (!has_size(view.settings)) return ratio_of(factors_of(view)[axis]);
  const Dim& in = view.input()[axis + 1];
  if (!in) return std::nullopt;
  const std::int64_t out = sizes_of(view)[axis];
  const std::int64_t shared = std::gcd(out, *in);
  return Ratio{out / shared, *in / shared};
}

/// Output i looks at place p (in input positions) and sees the positions less than `reach` from it: nearest ⌊i·in/out⌋
/// alone; else p = (i + ½)·in/out − ½, or i·(in − 1)/(out − 1) where the corners align. A place right on a position
/// sees that one alone, which the window can't say of single outputs: there it is a bound.
AxisWindow window_along(const LayerView& view, std::size_t axis) {
  const std::string mode = view.settings.text("mode");
  const std::int64_t reach = mode == "bicubic" ? 2 : 1;
  if (mode != "nearest" && view.settings.flag("align_corners")) {
    const Dim& in = view.input()[axis + 1];
    const Dim out = output_size(view, axis);
    if (!in || !out) return {.everything = true};
    if (*out == 1) return {.stride = 0};
    const std::int64_t shared = std::max<std::int64_t>(std::gcd(*in - 1, *out - 1), 1);
    const std::int64_t p = (*out - 1) / shared;
    return {.extent = 2 * reach * p - 1, .stride = (*in - 1) / shared, .before = reach * p - 1, .divisor = p};
  }
  const auto ratio = ratio_along(view, axis);
  if (!ratio) return {.everything = true};
  const auto [out, in] = *ratio;
  if (mode == "nearest") return {.extent = out, .stride = in, .before = out - 1, .divisor = out};
  return {
      .extent = 4 * reach * out - 1, .stride = 2 * in, .before = (2 * reach + 1) * out - in - 1, .divisor = 2 * out};
}

std::vector<AxisWindow> upsample_window(const LayerView& view, std::size_t) {
  std::vector<AxisWindow> windows(1);
  for (std::size_t axis = 0; axis < axes_of(view); ++axis) windows.push_back(window_along(view, axis));
  return windows;
}

NnCall upsample_call(const LayerView& view) {
  NnCall call{"Upsample", {}};
  if (has_size(view.settings)) {
    call.arguments.emplace_back("size", sizes_of(view));
  } else {
    call.arguments.emplace_back("scale_factor", factors_of(view));
  }
  const std::string mode = view.settings.text("mode");
  call.arguments.emplace_back("mode", mode);
  if (mode != "nearest") call.arguments.emplace_back("align_corners", view.settings.flag("align_corners"));
  return call;
}

std::vector<FormulaLine> upsample_formula(const LayerView& view, std::span<const Shape> outputs) {
  std::vector<FormulaLine> lines;
  for (std::size_t axis = 0; axis < axes_of(view); ++axis) {
    const std::string out = dim_text(outputs[0][axis + 1]);
    const std::string in = dim_text(view.input()[axis + 1]);
    if (has_size(view.settings)) {
      lines.push_back({fmt::format("axis {}: size", axis + 1), fmt::format("{} → {}", in, out)});
    } else {
      lines.push_back({fmt::format("axis {}: ⌊size · scale_factor⌋", axis + 1),
                       fmt::format("⌊{} · {:g}⌋ = {}", in, factors_of(view)[axis], out)});
    }
  }
  return lines;
}

}  // namespace

std::vector<LayerSpec> upsampling_family() {
  return {{
      .type = "Upsample",
      .category = Category::Shape,
      .summary = "Makes an image (or signal, or volume) larger or smaller, with new values between the old ones.",
      .name_stem = "upsample",
      .settings = {{.name = "size",
                    .kind = SettingKind::Integers,
                    .fallback = std::string("scale_factor"),
                    .help = "The output's size, one number for all axes or one for each; else what the factor makes.",
                    .minimum = 1,
                    .maximum = 1e6,
                    .choices = {"scale_factor"}},
                   {.name = "scale_factor",
                    .kind = SettingKind::Reals,
                    .fallback = Reals{2},
                    .help = "How many times larger, one number for all axes or one for each, where size isn't set.",
                    .minimum = 1e-3,
                    .maximum = 1e4},
                   {.name = "mode",
                    .kind = SettingKind::Choice,
                    .fallback = std::string("nearest"),
                    .help = "nearest repeats values; linear (signals), bilinear and bicubic (images) and trilinear "
                            "(volumes) blend them.",
                    .choices = {"nearest", "linear", "bilinear", "bicubic", "trilinear"}},
                   {.name = "align_corners",
                    .kind = SettingKind::Boolean,
                    .fallback = false,
                    .help = "The outermost positions lie on one another (not with mode nearest)."}},
      .shapes = upsample_shapes,
      .window = upsample_window,
      .call = upsample_call,
      .formula = upsample_formula,
      .samples = {{{}, {{3, 4, 5}}},
                  {{{"scale_factor", Reals{3}}}, {{2, 4}}},
                  {{{"size", Integers{5, 8}}}, {{2, 3, 4}}},
                  {{{"scale_factor", Reals{1.5, 0.5}}}, {{2, 6, 8}}},
                  {{{"scale_factor", Reals{2, 2, 1}}}, {{2, 3, 2, 4}}},
                  {{{"mode", std::string("linear")}}, {{2, 6}}},
                  {{{"mode", std::string("bilinear")}}, {{2, 4, 5}}},
                  {{{"mode", std::string("bilinear")}, {"size", Integers{8, 10}}}, {{2, 4, 5}}},
                  {{{"mode", std::string("bilinear")}, {"size", Integers{7, 8}}, {"align_corners", true}}, {{2, 4, 4}}},
                  {{{"mode", std::string("bicubic")}}, {{2, 6, 7}}},
                  {{{"mode", std::string("trilinear")}}, {{2, 3, 3, 4}}}},
      .caption =
          [](const Settings& s) {
            const std::string amount =
                has_size(s) ? "to " + times(s.integers("size")) : "× " + to_text(Value(s.reals("scale_factor")));
            return amount + ", " + s.text("mode");
          },
  }};
}

}  // namespace netwright
