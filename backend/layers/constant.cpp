// What needs no input, and what changes its input by constants or by chance.

#include <fmt/format.h>

#include "backend/core/numbers.h"
#include "backend/layers/dimensions.h"
#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

SettingSpec own_shape() {
  return {.name = "shape",
          .kind = SettingKind::Integers,
          .fallback = Integers{1},
          .help = "Its shape without the batch; every sample gets the same.",
          .minimum = 1,
          .maximum = 1e9};
}

ShapeResult shape_of_its_own(const LayerView& view) {
  return std::vector<Shape>{Shape::from_sizes(view.settings.integers("shape"))};
}

ShapeResult reparameterize_shapes(const LayerView& view) {
  if (view.input(0).is_compatible_with(view.input(1)) && view.input(0).rank() == view.input(1).rank())
    return std::vector<Shape>{view.input(0).is_known() ? view.input(0) : view.input(1)};
  ShapeProblem problem{.message = "Reparameterize needs a mean and a log-variance of one shape.",
                       .expected = view.input(0).to_string(),
                       .actual = view.input(1).to_string(),
                       .port = 1,
                       .setting = {}};
  const Shape& mean = view.input(0);
  if (mean.rank() == 1 && view.input(1).rank() == 1 && mean[0]) {
    problem.fixes = {{fmt::format("Project the log-variance to {}", *mean[0]),
                      InsertBefore{1, "Linear", {{"out_features", *mean[0]}}}}};
  }
  return problem;
}

}  // namespace

std::vector<LayerSpec> constant_family() {
  return {
      {.type = "Scale",
       .category = Category::Merge,
       .summary = "Multiplies each value by a constant and adds another.",
       .name_stem = "scale",
       .settings = {{.name = "scale", .kind = SettingKind::Real, .fallback = 1.0, .help = "What it is multiplied by."},
                    {.name = "shift", .kind = SettingKind::Real, .fallback = 0.0, .help = "What is added then."}},
       .shapes = same_shape,
       .call =
           [](const LayerView& view) {
             return NnCall{"netwright.affine",
                           {{"scale", view.settings.real("scale")}, {"shift", view.settings.real("shift")}}};
           },
       .formula =
           [](const LayerView& view, std::span<const Shape>) {
             return std::vector<FormulaLine>{
                 {"y = scale · x + shift",
                  fmt::format("y = {:g} · x + {:g}, on each of {}", view.settings.real("scale"),
                              view.settings.real("shift"), view.input().to_string())}};
           },
       .samples = {{{{"scale", 2.5}}, {{3, 4, 5}}}, {{{"scale", -1.0}, {"shift", 1.0}}, {{6}}}},
       .caption = [](const Settings& s) { return fmt::format("· {:g} + {:g}", s.real("scale"), s.real("shift")); }},
      {.type = "Constant",
       .category = Category::Merge,
       .summary = "A number that every sample gets, in a shape of its own.",
       .name_stem = "constant",
       .settings = {own_shape(), {.name = "value", .kind = SettingKind::Real, .fallback = 1.0, .help = "The number."}},
       .min_inputs = 0,
       .max_inputs = 0,
       .shapes = shape_of_its_own,
       .call =
           [](const LayerView& view) {
             return NnCall{"netwright.constant",
                           {{"shape", view.settings.integers("shape")}, {"value", view.settings.real("value")}}};
           },
       .formula =
           [](const LayerView& view, std::span<const Shape> outputs) {
             return std::vector<FormulaLine>{
                 {"y = value", fmt::format("{} times {:g}", outputs[0].to_string(), view.settings.real("value"))}};
           },
       .samples = {{{}, {}}, {{{"shape", Integers{3, 4, 5}}, {"value", -2.5}}, {}}},
       .caption =
           [](const Settings& s) { return fmt::format("{:g}, {}", s.real("value"), times(s.integers("shape"))); }},
      {.type = "Parameter",
       .category = Category::Merge,
       .summary = "A tensor that is learned, the same for every sample: a class token, a gain, a start state.",
       .name_stem = "parameter",
       .settings = {own_shape(),
                    {.name = "init",
                     .kind = SettingKind::Choice,
                     .fallback = std::string("zeros"),
                     .help = "What it starts with: zeros, ones or random numbers of deviation 1.",
                     .choices = {"zeros", "ones", "normal"}}},
       .min_inputs = 0,
       .max_inputs = 0,
       .shapes = shape_of_its_own,
       .weights =
           [](const LayerView& view) {
             return std::vector<Weight>{{"weight", Shape::from_sizes(view.settings.integers("shape"))}};
           },
       .call =
           [](const LayerView& view) {
             return NnCall{"netwright.Parameter",
                           {{"shape", view.settings.integers("shape")}, {"init", view.settings.text("init")}}};
           },
       .formula =
           [](const LayerView& view, std::span<const Shape> outputs) {
             const Dim count = outputs[0].elements();
             return std::vector<FormulaLine>{
                 {"parameters = product of the shape",
                  fmt::format("parameters = {} = {}", times(view.settings.integers("shape")),
                              count ? with_separators(*count) : "?")}};
           },
       .samples = {{{}, {}},
                   {{{"shape", Integers{3, 4, 5}}, {"init", std::string("normal")}}, {}},
                   {{{"shape", Integers{6}}, {"init", std::string("ones")}}, {}}},
       .caption = [](const Settings& s) { return times(s.integers("shape")) + ", " + s.text("init"); }},
      {.type = "Reparameterize",
       .category = Category::Merge,
       .summary = "Draws from the normal distributions whose mean and log-variance it is given (a variational "
                  "autoencoder's code); in evaluation, their mean.",
       .name_stem = "sample",
       .min_inputs = 2,
       .max_inputs = 2,
       .saved = {.bytes_per_output = 8},  // the deviations and the noise
       .shapes = reparameterize_shapes,
       .call =
           [](const LayerView&) {
             return NnCall{"netwright.reparameterize", {}};
           },
       .formula =
           [](const LayerView&, std::span<const Shape> outputs) {
             return std::vector<FormulaLine>{
                 {"y = mean + e^(log-variance / 2) · ε, ε drawn from N(0, 1)",
                  fmt::format("{} values; in evaluation y = mean", dim_text(outputs[0].elements()))}};
           },
       .samples = {{{}, {{6}, {6}}}, {{}, {{3, 4, 5}, {3, 4, 5}}}},
       .caption = [](const Settings&) { return std::string(); }},
      {.type = "Identity",
       .category = Category::Merge,
       .summary = "Hands on what it is given: a name for a place.",
       .name_stem = "identity",
       .elements = Elements::Any,
       .is_view = true,
       .shapes = same_shape,
       .call =
           [](const LayerView&) {
             return NnCall{"Identity", {}};
           },
       .formula =
           [](const LayerView&, std::span<const Shape> outputs) {
             return std::vector<FormulaLine>{{"y = x", outputs[0].to_string()}};
           },
       .samples = {{{}, {{3, 4, 5}}}, {{}, {{6}}}},
       .caption = [](const Settings&) { return std::string(); }},
  };
}

}  // namespace netwright
