#include <fmt/format.h>

#include <numeric>

#include "backend/core/numbers.h"
#include "backend/layers/dimensions.h"
#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

SettingSpec eps_setting() {
  return {.name = "eps",
          .kind = SettingKind::Real,
          .fallback = 1e-5,
          .help = "Added to the variance so that it is never 0.",
          .minimum = 0,
          .maximum = 1};
}

SettingSpec momentum_setting() {
  return {.name = "momentum",
          .kind = SettingKind::Real,
          .fallback = 0.1,
          .help = "How fast the running mean and variance follow the batches.",
          .minimum = 0,
          .maximum = 1};
}

SettingSpec affine_setting(const char* name, bool fallback) {
  return {.name = name,
          .kind = SettingKind::Boolean,
          .fallback = fallback,
          .help = "Learn a scale and a shift after normalising."};
}

SettingSpec tracking_setting(bool fallback) {
  return {.name = "track_running_stats",
          .kind = SettingKind::Boolean,
          .fallback = fallback,
          .help = "Keep a running mean and variance, used in evaluation."};
}

ShapeProblem wrong_rank(const LayerView& view, const std::string& type, const char* needs, const char* expected) {
  return {.message = fmt::format("{} needs {}.", type, needs),
          .expected = expected,
          .actual = view.input().to_string(),
          .port = 0,
          .setting = {}};
}

std::vector<Weight> per_channel_weights(const LayerView& view) {
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

/// With no running statistics, evaluation normalises by all positions.
std::vector<AxisWindow> per_channel_window(const LayerView& view, std::size_t) {
  std::vector<AxisWindow> windows = plain_windows(view);
  for (std::size_t axis = 1; axis < windows.size(); ++axis)
    windows[axis].everything = !view.settings.flag("track_running_stats");
  return windows;
}

NnCall per_channel_call(const LayerView& view, const std::string& type) {
  const Settings& s = view.settings;
  return {type,
          {{"num_features", whole(view.input()[0])},
           {"eps", s.real("eps")},
           {"momentum", s.real("momentum")},
           {"affine", s.flag("affine")},
           {"track_running_stats", s.flag("track_running_stats")}}};
}

Shape positions_of(const Shape& shape) {
  return Shape(std::vector<Dim>(shape.dims().begin() + 1, shape.dims().end()));
}

FormulaLine parameter_line(bool has_affine, const Dim& count) {
  const Dim total = checked_multiply(has_affine ? 2 : 0, count);
  return {"parameters = 2 · normalised channels or features",
          fmt::format("parameters = {} · {} = {}", has_affine ? 2 : 0, dim_text(count),
                      total ? with_separators(*total) : "?")};
}

std::vector<FormulaLine> batch_norm_formula(const LayerView& view, std::span<const Shape>) {
  const Shape& input = view.input();
  const std::string over = input.rank() > 1 ? "the batch and " + positions_of(input).to_string() : "the batch";
  return {{"y = (x − mean) / √(variance + eps) · γ + β",
           fmt::format("mean and variance over {}, for each of {} channels", over, dim_text(input[0]))},
          parameter_line(view.settings.flag("affine"), input[0])};
}

/// A type's name with its rank: BatchNorm2d.
template <int rank>
std::string ranked(const char* stem) {
  return fmt::format("{}{}d", stem, rank);
}

/// An odd-sized input of the rank.
template <int rank>
Shape small_input(std::int64_t channels) {
  std::vector<Dim> dims = {channels};
  for (int axis = 0; axis < rank; ++axis) dims.emplace_back(3 + axis);
  return Shape(std::move(dims));
}

template <int rank>
LayerSpec batch_norm() {
  LayerSpec spec{
      .type = ranked<rank>("BatchNorm"),
      .category = Category::Normalisation,
      .summary =
          "Brings each channel to mean 0 and deviation 1 over the batch, then scales and shifts it: steadier, "
          "faster training.",
      .name_stem = "bn",
      .settings = {eps_setting(), momentum_setting(), affine_setting("affine", true), tracking_setting(true)},
      .saved = {.input = true},
      .shapes = [](const LayerView& view) -> ShapeResult {
        const Shape& input = view.input();
        if (rank == 1 && input.rank() == 1) return std::vector<Shape>{input};
        if (auto problem = rank_problem(input, rank)) {
          if (rank == 1) problem->expected = "C or C×L";
          return *problem;
        }
        return std::vector<Shape>{input};
      },
      .weights = per_channel_weights,
      .window = per_channel_window,
      .call = [](const LayerView& view) { return per_channel_call(view, ranked<rank>("BatchNorm")); },
      .formula = batch_norm_formula,
      .samples = {{{}, {small_input<rank>(3)}},
                  {{{"affine", false}, {"eps", 1e-3}, {"momentum", 0.3}}, {small_input<rank>(2)}},
                  {{{"track_running_stats", false}}, {small_input<rank>(2)}}},
      .caption = no_caption};
  if (rank == 1) spec.samples.push_back({{}, {{6}}});
  return spec;
}

template <int rank>
LayerSpec instance_norm() {
  return {.type = ranked<rank>("InstanceNorm"),
          .category = Category::Normalisation,
          .summary = "Brings each channel of each sample to mean 0 and deviation 1: takes contrast and style away.",
          .name_stem = "instance_norm",
          .settings = {eps_setting(), momentum_setting(), affine_setting("affine", false), tracking_setting(false)},
          .saved = {.input = true},
          .shapes = [](const LayerView& view) -> ShapeResult {
            const Shape& input = view.input();
            if (auto problem = rank_problem(input, rank)) return *problem;
            if (positions_of(input).elements() != 1) return std::vector<Shape>{input};
            return ShapeProblem{
                .message = "With one position there is nothing to normalise over: every value would be 0.",
                .expected = "more than one position",
                .actual = input.to_string(),
                .port = 0,
                .setting = {}};
          },
          .weights = per_channel_weights,
          .window = per_channel_window,
          .call = [](const LayerView& view) { return per_channel_call(view, ranked<rank>("InstanceNorm")); },
          .formula =
              [](const LayerView& view, std::span<const Shape>) {
                return std::vector<FormulaLine>{
                    {"y = (x − mean) / √(variance + eps) · γ + β",
                     fmt::format("mean and variance over {}, for each sample and each of {} channels",
                                 positions_of(view.input()).to_string(), dim_text(view.input()[0]))},
                    parameter_line(view.settings.flag("affine"), view.input()[0])};
              },
          .samples = {{{}, {small_input<rank>(3)}},
                      {{{"affine", true}, {"eps", 1e-3}}, {small_input<rank>(2)}},
                      {{{"track_running_stats", true}, {"momentum", 0.3}}, {small_input<rank>(2)}}},
          .caption = no_caption};
}

/// LayerNorm's normalized_shape: the last dimensions.
Shape normalised(const LayerView& view) {
  const auto& dims = view.input().dims();
  const auto count = static_cast<std::ptrdiff_t>(view.settings.integer("normalized_dims"));
  return Shape(std::vector<Dim>(dims.end() - count, dims.end()));
}

LayerSpec layer_norm() {
  return {
      .type = "LayerNorm",
      .category = Category::Normalisation,
      .summary =
          "Brings each sample's features to mean 0 and deviation 1: what Transformers and recurrent networks use.",
      .name_stem = "layer_norm",
      .settings = {{.name = "normalized_dims",
                    .kind = SettingKind::Integer,
                    .fallback = std::int64_t{1},
                    .help =
                        "How many of the last dimensions are normalised together: PyTorch's normalized_shape, whose "
                        "sizes follow from the input.",
                    .minimum = 1,
                    .maximum = 8},
                   eps_setting(),
                   affine_setting("elementwise_affine", true)},
      .features_last = true,
      .saved = {.input = true},
      .shapes = [](const LayerView& view) -> ShapeResult {
        const auto rank = static_cast<std::int64_t>(view.input().rank());
        const std::int64_t count = view.settings.integer("normalized_dims");
        if (count <= rank && rank > 0) return std::vector<Shape>{view.input()};
        return ShapeProblem{
            .message = fmt::format("The input has {} dimensions, not {}.", rank, count),
            .expected = fmt::format("at most {}", rank),
            .actual = std::to_string(count),
            .setting = "normalized_dims",
            .fixes = {{"Normalise the last dimension", ChangeSetting{"normalized_dims", std::int64_t{1}}}}};
      },
      .weights =
          [](const LayerView& view) {
            const Shape shape = normalised(view);
            return view.settings.flag("elementwise_affine") ? std::vector<Weight>{{"weight", shape}, {"bias", shape}}
                                                            : std::vector<Weight>();
          },
      .window =
          [](const LayerView& view, std::size_t) {
            std::vector<AxisWindow> windows = plain_windows(view);
            const auto count = static_cast<std::size_t>(view.settings.integer("normalized_dims"));
            for (std::size_t axis = windows.size() - count; axis < windows.size(); ++axis)
              windows[axis].everything = true;
            return windows;
          },
      .call =
          [](const LayerView& view) {
            Integers sizes;
            const Shape shape = normalised(view);
            for (const Dim& dim : shape.dims()) sizes.push_back(whole(dim));
            return NnCall{"LayerNorm",
                          {{"normalized_shape", sizes},
                           {"eps", view.settings.real("eps")},
                           {"elementwise_affine", view.settings.flag("elementwise_affine")}}};
          },
      .formula =
          [](const LayerView& view, std::span<const Shape>) {
            const Shape shape = normalised(view);
            return std::vector<FormulaLine>{{"y = (x − mean) / √(variance + eps) · γ + β",
                                             "mean and variance over " + shape.to_string() + " of each sample"},
                                            parameter_line(view.settings.flag("elementwise_affine"), shape.elements())};
          },
      .samples = {{{}, {{6}}},
                  {{{"eps", 1e-3}}, {{5, 6}}},
                  {{{"normalized_dims", std::int64_t{3}}}, {{2, 4, 3}}},
                  {{{"normalized_dims", std::int64_t{2}}, {"elementwise_affine", false}}, {{2, 4, 3}}}},
      .caption =
          [](const Settings& s) {
            const std::int64_t count = s.integer("normalized_dims");
            return count == 1 ? std::string() : fmt::format("last {} dims", count);
          }};
}

ShapeResult group_norm_shapes(const LayerView& view) {
  const Shape& input = view.input();
  if (input.rank() == 0) return wrong_rank(view, "GroupNorm", "channels", "C×…");
  const std::int64_t groups = view.settings.integer("num_groups");
  const Dim& channels = input[0];
  if (!channels || *channels % groups == 0) return std::vector<Shape>{input};
  std::int64_t nearest = std::min(groups, *channels);
  while (*channels % nearest != 0) --nearest;
  return ShapeProblem{.message = fmt::format("{} channels can't be split into {} groups.", *channels, groups),
                      .expected = fmt::format("a divisor of {}", *channels),
                      .actual = std::to_string(groups),
                      .setting = "num_groups",
                      .fixes = {{fmt::format("Use {} groups", nearest), ChangeSetting{"num_groups", nearest}}}};
}

LayerSpec group_norm() {
  return {.type = "GroupNorm",
          .category = Category::Normalisation,
          .summary = "Normalises groups of channels within each sample: works with small batches, unlike BatchNorm.",
          .name_stem = "group_norm",
          .settings = {{.name = "num_groups",
                        .kind = SettingKind::Integer,
                        .fallback = std::int64_t{1},
                        .help = "How many groups the channels are split into; 1 normalises all together.",
                        .minimum = 1,
                        .maximum = 1e6},
                       eps_setting(),
                       affine_setting("affine", true)},
          .saved = {.input = true},
          .shapes = group_norm_shapes,
          .weights =
              [](const LayerView& view) {
                const Shape per_channel{view.input()[0]};
                return view.settings.flag("affine")
                           ? std::vector<Weight>{{"weight", per_channel}, {"bias", per_channel}}
                           : std::vector<Weight>();
              },
          .window =
              [](const LayerView& view, std::size_t) {
                std::vector<AxisWindow> windows = plain_windows(view);
                for (AxisWindow& window : windows) window.everything = true;
                return windows;
              },
          .call =
              [](const LayerView& view) {
                return NnCall{"GroupNorm",
                              {{"num_groups", view.settings.integer("num_groups")},
                               {"num_channels", whole(view.input()[0])},
                               {"eps", view.settings.real("eps")},
                               {"affine", view.settings.flag("affine")}}};
              },
          .formula =
              [](const LayerView& view, std::span<const Shape>) {
                const Dim& channels = view.input()[0];
                const std::int64_t groups = view.settings.integer("num_groups");
                return std::vector<FormulaLine>{
                    {"y = (x − mean) / √(variance + eps) · γ + β",
                     fmt::format("mean and variance over {} channels and their positions, for each of {} groups",
                                 channels ? std::to_string(*channels / groups) : "?", groups)},
                    parameter_line(view.settings.flag("affine"), channels)};
              },
          .samples = {{{}, {{4, 3, 5}}},
                      {{{"num_groups", std::int64_t{3}}, {"eps", 1e-3}}, {{6, 4, 3}}},
                      {{{"num_groups", std::int64_t{2}}, {"affine", false}}, {{4, 5}}},
                      {{{"num_groups", std::int64_t{2}}}, {{8}}}},
          .caption = [](const Settings& s) { return fmt::format("{} groups", s.integer("num_groups")); }};
}

LayerSpec local_response_norm() {
  const auto real = [](const char* name, double fallback, const char* help) {
    return SettingSpec{
        .name = name, .kind = SettingKind::Real, .fallback = fallback, .help = help, .minimum = 0, .maximum = 1e6};
  };
  return {.type = "LocalResponseNorm",
          .category = Category::Normalisation,
          .summary = "Damps a channel where its neighbours are strong (AlexNet's normalisation).",
          .name_stem = "lrn",
          .settings = {{.name = "size",
                        .kind = SettingKind::Integer,
                        .fallback = std::int64_t{5},
                        .help = "How many neighbouring channels count.",
                        .minimum = 1,
                        .maximum = 1e4},
                       real("alpha", 1e-4, "How strongly they damp."),
                       real("beta", 0.75, "The exponent."),
                       real("k", 1.0, "Added before the exponent is taken.")},
          // The squares, padded by a few channels, the damping, and its power.
          .saved = {.input = true, .bytes_per_output = 12},
          .shapes = [](const LayerView& view) -> ShapeResult {
            if (view.input().rank() >= 2) return std::vector<Shape>{view.input()};
            return wrong_rank(view, "LocalResponseNorm", "channels and positions: a signal, an image or a volume",
                              "C×L, C×H×W or C×D×H×W");
          },
          .window =
              [](const LayerView& view, std::size_t) {
                std::vector<AxisWindow> windows = plain_windows(view);
                windows.front().everything = true;
                return windows;
              },
          .call =
              [](const LayerView& view) {
                const Settings& s = view.settings;
                return NnCall{"LocalResponseNorm",
                              {{"size", s.integer("size")},
                               {"alpha", s.real("alpha")},
                               {"beta", s.real("beta")},
                               {"k", s.real("k")}}};
              },
          .formula =
              [](const LayerView& view, std::span<const Shape>) {
                const Settings& s = view.settings;
                return std::vector<FormulaLine>{
                    {"y = x / (k + alpha/size · Σ x²)^beta",
                     fmt::format("y = x / ({:g} + {:g}/{} · Σ x²)^{:g}, over {} channels around each", s.real("k"),
                                 s.real("alpha"), s.integer("size"), s.real("beta"), s.integer("size"))}};
              },
          .samples = {{{}, {{6, 4, 5}}},
                      {{{"size", std::int64_t{2}}, {"alpha", 0.5}, {"beta", 0.5}, {"k", 2.0}}, {{4, 5}}},
                      {{{"size", std::int64_t{3}}, {"alpha", 0.1}}, {{4, 2, 3, 3}}}},
          .caption = [](const Settings& s) { return fmt::format("size {}", s.integer("size")); }};
}

}  // namespace

std::vector<LayerSpec> normalisation_family() {
  return {batch_norm<1>(),    batch_norm<2>(),    batch_norm<3>(),    layer_norm(),         group_norm(),
          instance_norm<1>(), instance_norm<2>(), instance_norm<3>(), local_response_norm()};
}

}  // namespace netwright
