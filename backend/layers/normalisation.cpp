#include <fmt/format.h>

#include "backend/core/numbers.h"
#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

ShapeResult batch_norm_shapes(const LayerView& view) {
  if (view.input().rank() == 3) return std::vector<Shape>{view.input()};
  return ShapeProblem{.message = "BatchNorm2d needs an image: channels × height × width.",
                      .expected = "C×H×W",
                      .actual = view.input().to_string(),
                      .port = 0,
                      .setting = {}};
}

std::vector<Weight> batch_norm_weights(const LayerView& view) {
  const Shape per_channel{view.input()[0]};
  std::vector<Weight> weights;
  if (view.settings.flag("affine")) weights = {{"weight", per_channel}, {"bias", per_channel}};
  if (view.settings.flag("track_running_stats")) {
    weights.push_back({"running_mean", per_channel, true});
    weights.push_back({"running_var", per_channel, true});
    weights.push_back({"num_batches_tracked", Shape{}, true});
  }
  return weights;
}

/// With no running statistics, evaluation normalises by the whole image.
std::vector<AxisWindow> batch_norm_window(const LayerView& view, std::size_t) {
  AxisWindow window;
  window.everything = !view.settings.flag("track_running_stats");
  return {{}, window, window};
}

}  // namespace

std::vector<LayerSpec> normalisation_family() {
  return {{
      .type = "BatchNorm2d",
      .category = Category::Normalisation,
      .summary =
          "Brings each channel to mean 0 and deviation 1 over the batch, then scales and shifts it: steadier, faster "
          "training.",
      .name_stem = "bn",
      .settings = {{.name = "eps",
                    .kind = SettingKind::Real,
                    .fallback = 1e-5,
                    .help = "Added to the variance so that it is never 0.",
                    .minimum = 0,
                    .maximum = 1},
                   {.name = "momentum",
                    .kind = SettingKind::Real,
                    .fallback = 0.1,
                    .help = "How fast the running mean and variance follow the batches.",
                    .minimum = 0,
                    .maximum = 1},
                   {.name = "affine",
                    .kind = SettingKind::Boolean,
                    .fallback = true,
                    .help = "Learn a scale and a shift for each channel."},
                   {.name = "track_running_stats",
                    .kind = SettingKind::Boolean,
                    .fallback = true,
                    .help = "Keep a running mean and variance, used in evaluation."}},
      .shapes = batch_norm_shapes,
      .weights = batch_norm_weights,
      .window = batch_norm_window,
      .call =
          [](const LayerView& view) {
            const Settings& s = view.settings;
            return NnCall{"BatchNorm2d",
                          {{"num_features", view.input()[0].value_or(0)},
                           {"eps", s.real("eps")},
                           {"momentum", s.real("momentum")},
                           {"affine", s.flag("affine")},
                           {"track_running_stats", s.flag("track_running_stats")}}};
          },
      .formula =
          [](const LayerView& view, std::span<const Shape>) {
            const Dim& channels = view.input()[0];
            const Dim count = view.settings.flag("affine") ? checked_multiply(2, channels) : Dim(0);
            return std::vector<FormulaLine>{
                {"y = (x − mean) / √(variance + eps) · γ + β",
                 fmt::format("mean and variance over the batch and {}×{}, for each of {} channels",
                             dim_text(view.input()[1]), dim_text(view.input()[2]), dim_text(channels))},
                {"parameters = 2 · channels",
                 fmt::format("parameters = {} · {} = {}", view.settings.flag("affine") ? 2 : 0, dim_text(channels),
                             count ? with_separators(*count) : "?")}};
          },
      .samples = {{{}, {{3, 5, 4}}},
                  {{{"affine", false}, {"eps", 1e-3}}, {{2, 4, 4}}},
                  {{{"track_running_stats", false}}, {{2, 4, 4}}}},
      .caption = [](const Settings&) { return std::string(); },
  }};
}

}  // namespace netwright
