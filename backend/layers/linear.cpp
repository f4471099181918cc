#include <fmt/format.h>

#include <algorithm>

#include "backend/core/numbers.h"
#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

const Dim& last(const Shape& shape) {
  return shape[shape.rank() - 1];
}

ShapeResult linear_shapes(const LayerView& view) {
  Shape output = view.input();
  if (output.rank() == 0) {
    return ShapeProblem{.message = "Linear needs a vector of features.",
                        .expected = "…×features",
                        .actual = "scalar",
                        .port = 0,
                        .setting = {}};
  }
  output[output.rank() - 1] = view.settings.integer("out_features");
  return std::vector<Shape>{output};
}

std::vector<Weight> linear_weights(const LayerView& view) {
  const std::int64_t out_features = view.settings.integer("out_features");
  std::vector<Weight> weights = {{"weight", Shape{out_features, last(view.input())}}};
  if (view.settings.flag("bias")) weights.push_back({"bias", Shape{out_features}});
  return weights;
}

Dim linear_macs(const LayerView& view, std::span<const Shape> outputs) {
  return checked_multiply(outputs.front().elements(), last(view.input()));
}

/// Linear mixes the last axis.
std::vector<AxisWindow> linear_window(const LayerView& view, std::size_t) {
  std::vector<AxisWindow> windows(view.input().rank());
  windows.back().everything = true;
  return windows;
}

std::vector<ShapeProblem> linear_warnings(const LayerView& view) {
  if (view.input().rank() < 3) return {};
  return {
      {.message = fmt::format("Linear works on the last axis of {} alone; to use the whole image, flatten it first.",
                              view.input().to_string()),
       .expected = "a vector",
       .actual = view.input().to_string(),
       .port = 0,
       .setting = {},
       .fixes = {{"Insert Flatten", InsertBefore{0, "Flatten", {}}}}}};
}

std::vector<FormulaLine> linear_formula(const LayerView& view, std::span<const Shape> outputs) {
  const Dim& in = last(view.input());
  const std::int64_t out = view.settings.integer("out_features");
  const bool has_bias = view.settings.flag("bias");
  Dim count = checked_multiply(in, out);
  const Dim macs = linear_macs(view, outputs);
  if (has_bias) count = checked_add(count, out);
  return {{has_bias ? "y = x·Wᵀ + b" : "y = x·Wᵀ",
           fmt::format("y: {} = x: {} · Wᵀ: {}×{}", out, dim_text(in), dim_text(in), out)},
          {fmt::format("parameters = in_features · out_features{}", has_bias ? " + out_features" : ""),
           fmt::format("parameters = {} · {}{} = {}", dim_text(in), out, has_bias ? fmt::format(" + {}", out) : "",
                       count ? with_separators(*count) : "?")},
          {"multiply-adds = in_features · outputs",
           fmt::format("multiply-adds = {} · {} = {}", dim_text(in), dim_text(outputs[0].elements()),
                       macs ? with_separators(*macs) : "?")}};
}

}  // namespace

std::vector<LayerSpec> linear_family() {
  return {{
      .type = "Linear",
      .category = Category::Linear,
      .summary = "Every output is a learned weighted sum of all inputs (a dense, fully connected layer).",
      .name_stem = "fc",
      .settings = {{.name = "out_features",
                    .kind = SettingKind::Integer,
                    .fallback = std::int64_t{128},
                    .help = "How many outputs; for the last layer, the number of classes.",
                    .minimum = 1,
                    .maximum = 1e8},
                   {.name = "bias",
                    .kind = SettingKind::Boolean,
                    .fallback = true,
                    .help = "Adds a learned number to each output."}},
      .features_last = true,
      .saved = {.input = true},
      .shapes = linear_shapes,
      .warnings = linear_warnings,
      .weights = linear_weights,
      .macs = linear_macs,
      .window = linear_window,
      .call =
          [](const LayerView& view) {
            return NnCall{"Linear",
                          {{"in_features", last(view.input()).value_or(0)},
                           {"out_features", view.settings.integer("out_features")},
                           {"bias", view.settings.flag("bias")}}};
          },
      .formula = linear_formula,
      .samples = {{{}, {{10}}},
                  {{{"out_features", std::int64_t{7}}, {"bias", false}}, {{12}}},
                  {{{"out_features", std::int64_t{5}}}, {{3, 4, 6}}}},
      .caption = [](const Settings& s) { return fmt::format("{} outputs", s.integer("out_features")); },
  }};
}

}  // namespace netwright
