#include <fmt/format.h>

#include "backend/core/numbers.h"
#include "backend/layers/dimensions.h"
#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

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
  std::vector<Weight> weights = {{"weight", Shape{out_features, features_of(view.input())}}};
  if (view.settings.flag("bias")) weights.push_back({"bias", Shape{out_features}});
  return weights;
}

Dim linear_macs(const LayerView& view, std::span<const Shape> outputs) {
  return checked_multiply(outputs.front().elements(), features_of(view.input()));
}

/// Linear mixes the last axis.
std::vector<AxisWindow> linear_window(const LayerView& view, std::size_t port) {
  std::vector<AxisWindow> windows(view.input(port).rank());
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
  const Dim& in = features_of(view.input());
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

ShapeResult bilinear_shapes(const LayerView& view) {
  const Shape& first = view.input(0);
  const Shape& second = view.input(1);
  for (std::size_t port = 0; port < 2; ++port) {
    if (view.input(port).rank() > 0) continue;
    return ShapeProblem{.message = "Bilinear needs vectors of features.",
                        .expected = "…×features",
                        .actual = "scalar",
                        .port = static_cast<int>(port),
                        .setting = {}};
  }
  Shape output = first;
  bool fits = first.rank() == second.rank();
  for (std::size_t axis = 0; fits && axis + 1 < first.rank(); ++axis) {
    if (!output[axis]) output[axis] = second[axis];
    fits = !second[axis] || *second[axis] == *output[axis];
  }
  if (!fits) {
    return ShapeProblem{.message = "Bilinear's inputs may differ in their features alone.",
                        .expected = first.to_string(),
                        .actual = second.to_string(),
                        .port = 1,
                        .setting = {}};
  }
  output[output.rank() - 1] = view.settings.integer("out_features");
  return std::vector<Shape>{output};
}

std::vector<Weight> bilinear_weights(const LayerView& view) {
  const std::int64_t out_features = view.settings.integer("out_features");
  std::vector<Weight> weights = {
      {"weight", Shape{out_features, features_of(view.input(0)), features_of(view.input(1))}}};
  if (view.settings.flag("bias")) weights.push_back({"bias", Shape{out_features}});
  return weights;
}

/// One for each weight, as Linear has.
Dim bilinear_macs(const LayerView& view, std::span<const Shape> outputs) {
  return checked_multiply(outputs.front().elements(),
                          checked_multiply(features_of(view.input(0)), features_of(view.input(1))));
}

std::vector<FormulaLine> bilinear_formula(const LayerView& view, std::span<const Shape> outputs) {
  const Dim macs = bilinear_macs(view, outputs);
  const bool has_bias = view.settings.flag("bias");
  return {{has_bias ? "yₖ = x₁ᵀ·Wₖ·x₂ + bₖ" : "yₖ = x₁ᵀ·Wₖ·x₂",
           fmt::format("{} values from {} and {}", view.settings.integer("out_features"),
                       dim_text(features_of(view.input(0))), dim_text(features_of(view.input(1))))},
          {"multiply-adds = in1_features · in2_features · outputs",
           fmt::format("multiply-adds = {} · {} · {} = {}", dim_text(features_of(view.input(0))),
                       dim_text(features_of(view.input(1))), dim_text(outputs[0].elements()),
                       macs ? with_separators(*macs) : "?")}};
}

SettingSpec out_features(const char* help) {
  return {.name = "out_features",
          .kind = SettingKind::Integer,
          .fallback = std::int64_t{128},
          .help = help,
          .minimum = 1,
          .maximum = 1e8};
}

SettingSpec bias() {
  return {
      .name = "bias", .kind = SettingKind::Boolean, .fallback = true, .help = "Adds a learned number to each output."};
}

std::string outputs_caption(const Settings& s) {
  return fmt::format("{} outputs", s.integer("out_features"));
}

}  // namespace

std::vector<LayerSpec> linear_family() {
  return {{
              .type = "Linear",
              .category = Category::Linear,
              .summary = "Every output is a learned weighted sum of all inputs (a dense, fully connected layer).",
              .name_stem = "fc",
              .settings = {out_features("How many outputs; for the last layer, the number of classes."), bias()},
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
                                  {{"in_features", whole(features_of(view.input()))},
                                   {"out_features", view.settings.integer("out_features")},
                                   {"bias", view.settings.flag("bias")}}};
                  },
              .formula = linear_formula,
              .samples = {{{}, {{10}}},
                          {{{"out_features", std::int64_t{7}}, {"bias", false}}, {{12}}},
                          {{{"out_features", std::int64_t{5}}}, {{3, 4, 6}}}},
              .caption = outputs_caption,
          },
          {
              .type = "Bilinear",
              .category = Category::Linear,
              .summary = "Every output weighs each pair of a value of the one input and a value of the other.",
              .name_stem = "bilinear",
              .settings = {out_features("How many outputs."), bias()},
              .min_inputs = 2,
              .max_inputs = 2,
              .features_last = true,
              .saved = {.input = true},
              .shapes = bilinear_shapes,
              .weights = bilinear_weights,
              .macs = bilinear_macs,
              .window = linear_window,
              .call =
                  [](const LayerView& view) {
                    return NnCall{"Bilinear",
                                  {{"in1_features", whole(features_of(view.input(0)))},
                                   {"in2_features", whole(features_of(view.input(1)))},
                                   {"out_features", view.settings.integer("out_features")},
                                   {"bias", view.settings.flag("bias")}}};
                  },
              .formula = bilinear_formula,
              .samples = {{{}, {{6}, {4}}},
                          {{{"out_features", std::int64_t{3}}, {"bias", false}}, {{5}, {5}}},
                          {{{"out_features", std::int64_t{2}}}, {{7, 3}, {7, 4}}}},
              .caption = outputs_caption,
          }};
}

}  // namespace netwright
