#include "backend/layers/convolution.h"

#include <fmt/format.h>

#include <algorithm>

#include "backend/core/numbers.h"
#include "backend/layers/dimensions.h"
#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

constexpr std::int64_t most_channels = 1'000'000;

std::optional<ShapeProblem> same_padding_problem(const LayerView& view, const std::vector<Slide>& slides) {
  const Integers stride = view.settings.integers("stride");
  const Integers ones(slides.size(), 1);
  if (view.settings.text("padding").empty() || stride == ones) return std::nullopt;
  Integers padding;
  for (const Slide& slide : slides) padding.push_back(slide.before);
  return ShapeProblem{.message = "PyTorch's padding 'same' works only with stride 1.",
                      .expected = "stride " + times(ones),
                      .actual = "stride " + times(stride),
                      .setting = "padding",
                      .fixes = {{"Set stride to 1", ChangeSetting{"stride", ones}},
                                {"Pad by numbers", ChangeSetting{"padding", padding}}}};
}

/// Reflection takes positions next to the edge, wrapping round any: there must be as many.
std::optional<ShapeProblem> padding_mode_problem(const LayerView& view, const std::vector<Slide>& slides) {
  const std::string mode = view.settings.text("padding_mode");
  if (mode != "reflect" && mode != "circular") return std::nullopt;
  for (std::size_t axis = 0; axis < slides.size(); ++axis) {
    const Dim& size = view.input()[axis + 1];
    const std::int64_t least = std::max(slides[axis].before, slides[axis].after) + (mode == "reflect" ? 1 : 0);
    if (!size || *size >= least) continue;
    return ShapeProblem{.message = fmt::format("Padding by {} in mode {} needs {} positions or more along {}; "
                                               "there are {}.",
                                               std::max(slides[axis].before, slides[axis].after), mode, least,
                                               axis_name(axis, slides.size()), *size),
                        .expected = fmt::format("{} ≥ {}", axis_name(axis, slides.size()), least),
                        .actual = view.input().to_string(),
                        .port = 0,
                        .setting = "padding_mode",
                        .fixes = {{"Pad with zeros", ChangeSetting{"padding_mode", std::string("zeros")}}}};
  }
  return std::nullopt;
}

ShapeResult conv_shapes(const LayerView& view) {
  const auto slides = slides_of(view.settings);
  if (auto problem = slide_problem(view, slides)) return *problem;
  if (auto problem = groups_problem(view)) return *problem;
  if (auto problem = same_padding_problem(view, slides)) return *problem;
  if (auto problem = padding_mode_problem(view, slides)) return *problem;
  return std::vector<Shape>{slide_output(view.settings.integer("out_channels"), view.input(), slides)};
}

std::vector<Weight> conv_weights(const LayerView& view) {
  const Dim& channels = view.input()[0];
  const Dim per_group = channels ? Dim(*channels / view.settings.integer("groups")) : Dim();
  return convolution_weights(view, view.settings.integer("out_channels"), per_group);
}

Dim conv_macs(const LayerView& view, std::span<const Shape> outputs) {
  return convolution_macs(conv_weights(view), outputs.front());
}

std::vector<AxisWindow> conv_window(const LayerView& view, std::size_t) {
  auto windows = slide_windows(slides_of(view.settings));
  windows.front() = channel_window(view);
  return windows;
}

NnCall conv_call(const LayerView& view) {
  const Settings& s = view.settings;
  return {fmt::format("Conv{}d", rank_of(s)),
          {{"in_channels", whole(view.input()[0])},
           {"out_channels", s.integer("out_channels")},
           {"kernel_size", s.integers("kernel_size")},
           {"stride", s.integers("stride")},
           {"padding", *s.find("padding")},
           {"dilation", s.integers("dilation")},
           {"groups", s.integer("groups")},
           {"bias", s.flag("bias")},
           {"padding_mode", s.text("padding_mode")}}};
}

std::vector<FormulaLine> conv_formula(const LayerView& view, std::span<const Shape> outputs) {
  auto lines = slide_formula(view, slides_of(view.settings));
  const auto weights = conv_weights(view);
  lines.push_back(parameters_formula(view, weights, "out_channels · in_channels/groups"));
  lines.push_back(macs_formula(weights, outputs[0], conv_macs(view, outputs), "the output's places"));
  return lines;
}

std::vector<Sample> conv_samples(std::size_t rank) {
  const auto channels = [](std::int64_t count) { return std::pair<const std::string, Value>("out_channels", count); };
  const auto mode = [](const char* name) {
    return std::pair<const std::string, Value>("padding_mode", std::string(name));
  };
  if (rank == 1) {
    return {{{channels(5)}, {{3, 10}}},
            {{channels(6), {"kernel_size", Integers{4}}, {"stride", Integers{3}}, {"padding", Integers{2}}}, {{3, 13}}},
            {{channels(6),
              {"kernel_size", Integers{4}},
              {"padding", std::string("same")},
              {"dilation", Integers{2}},
              {"groups", std::int64_t{2}},
              {"bias", false}},
             {{4, 11}}},
            {{channels(4), {"groups", std::int64_t{4}}, {"padding", Integers{4}}, mode("circular")}, {{4, 5}}},
            {{channels(2), {"padding", Integers{3}}, mode("reflect")}, {{3, 4}}}};
  }
  if (rank == 3) {
    return {{{channels(4)}, {{2, 4, 5, 6}}},
            {{channels(6),
              {"kernel_size", Integers{3, 1, 2}},
              {"stride", Integers{2, 3, 1}},
              {"padding", Integers{1, 0, 1}},
              {"groups", std::int64_t{2}},
              {"bias", false}},
             {{2, 5, 7, 4}}},
            {{channels(2),
              {"kernel_size", Integers{2, 3, 2}},
              {"padding", std::string("same")},
              {"dilation", Integers{1, 2, 3}}},
             {{3, 3, 5, 4}}},
            {{channels(2), {"padding", Integers{1, 2, 0}}, mode("reflect")}, {{2, 3, 4, 5}}},
            {{channels(2), {"padding", Integers{2, 1, 0}}, mode("circular")}, {{2, 3, 4, 5}}}};
  }
  return {
      {{}, {{3, 12, 10}}},
      {{channels(6), {"kernel_size", Integers{5, 3}}, {"stride", Integers{2, 1}}, {"padding", Integers{2, 0}}},
       {{4, 11, 9}}},
      {{channels(8), {"padding", std::string("same")}, {"kernel_size", Integers{4, 3}}, {"dilation", Integers{1, 2}}},
       {{4, 9, 9}}},
      {{channels(8), {"groups", std::int64_t{4}}, {"bias", false}, {"padding", Integers{1, 1}}, mode("reflect")},
       {{4, 8, 8}}},
      {{channels(4), {"padding", Integers{1, 2}}, mode("circular")}, {{2, 7, 8}}},
      {{channels(4), {"padding", Integers{1, 1}}, mode("replicate"), {"dilation", Integers{2, 2}}}, {{2, 9, 8}}}};
}

LayerSpec conv_row(std::size_t rank) {
  return {.type = fmt::format("Conv{}d", rank),
          .category = Category::Convolution,
          .summary = fmt::format("Slides learned filters over {} {}: each output channel is a weighted sum of a small "
                                 "window of every input channel.",
                                 rank == 2 ? "an" : "a", kind_of_input(rank)),
          .name_stem = "conv",
          .settings = {out_channels_setting(),
                       kernel_setting(rank),
                       stride_setting(rank, "How far the window moves each time; 2 halves the size."),
                       {.name = "padding",
                        .kind = SettingKind::Integers,
                        .fallback = Integers(rank, 0),
                        .help = "Positions added around the input; 'same' keeps the size.",
                        .minimum = 0,
                        .maximum = 10000,
                        .choices = {"same"},
                        .length = rank},
                       dilation_setting(rank, "The gap between the window's points: sees further at the same cost."),
                       groups_setting(),
                       bias_setting(),
                       {.name = "padding_mode",
                        .kind = SettingKind::Choice,
                        .fallback = std::string("zeros"),
                        .help = "What the padding holds.",
                        .choices = {"zeros", "reflect", "replicate", "circular"}}},
          .saved = {.input = true},
          .shapes = conv_shapes,
          .weights = conv_weights,
          .macs = conv_macs,
          .window = conv_window,
          .call = conv_call,
          .formula = conv_formula,
          .samples = conv_samples(rank),
          .caption = convolution_caption};
}

}  // namespace

SettingSpec out_channels_setting() {
  return {.name = "out_channels",
          .kind = SettingKind::Integer,
          .fallback = std::int64_t{32},
          .help = "How many filters are learned: the channels of the output.",
          .minimum = 1,
          .maximum = most_channels};
}

SettingSpec kernel_setting(std::size_t rank) {
  return per_axis("kernel_size", rank, 3, fmt::format("{} the window.", measures(rank)), 1);
}

SettingSpec stride_setting(std::size_t rank, std::string help) {
  return per_axis("stride", rank, 1, std::move(help), 1);
}

SettingSpec dilation_setting(std::size_t rank, std::string help) {
  return per_axis("dilation", rank, 1, std::move(help), 1);
}

SettingSpec groups_setting() {
  return {.name = "groups",
          .kind = SettingKind::Integer,
          .fallback = std::int64_t{1},
          .help = "Splits the channels into groups that don't mix; equal to the input channels it is depthwise.",
          .minimum = 1,
          .maximum = most_channels};
}

SettingSpec bias_setting() {
  return {.name = "bias",
          .kind = SettingKind::Boolean,
          .fallback = true,
          .help = "Adds a learned number to each output channel; needless before batch normalisation."};
}

std::optional<ShapeProblem> groups_problem(const LayerView& view) {
  const Dim& channels = view.input()[0];
  const std::int64_t groups = view.settings.integer("groups");
  const std::int64_t out_channels = view.settings.integer("out_channels");
  const FixHint one_group = {"Use 1 group", ChangeSetting{"groups", std::int64_t{1}}};
  if (channels && *channels % groups != 0) {
    return ShapeProblem{.message = fmt::format("{} input channels can't be split into {} groups.", *channels, groups),
                        .expected = fmt::format("a multiple of {}", groups),
                        .actual = std::to_string(*channels),
                        .port = 0,
                        .setting = "groups",
                        .fixes = {one_group}};
  }
  if (out_channels % groups == 0) return std::nullopt;
  const std::int64_t rounded = std::min(out_channels / groups + 1, most_channels / groups) * groups;
  return ShapeProblem{
      .message = fmt::format("{} output channels can't be split into {} groups.", out_channels, groups),
      .expected = fmt::format("a multiple of {}", groups),
      .actual = std::to_string(out_channels),
      .setting = "out_channels",
      .fixes = {{fmt::format("Make out_channels {}", rounded), ChangeSetting{"out_channels", rounded}}, one_group}};
}

AxisWindow channel_window(const LayerView& view) {
  const Dim& channels = view.input()[0];
  const std::int64_t groups = view.settings.integer("groups");
  if (groups == 1 || !channels) return {.everything = true};
  // Output q·g + r sees inputs [p·g, p·(g + 1)), r < q: taken together over r, as the window must say it.
  const std::int64_t p = *channels / groups;
  const std::int64_t q = view.settings.integer("out_channels") / groups;
  const std::int64_t before = p * (q - 1);
  return {.extent = before + (p - 1) * q + 1, .stride = p, .before = before, .divisor = q};
}

std::vector<Weight> convolution_weights(const LayerView& view, const Dim& first, const Dim& second) {
  std::vector<Dim> dims = {first, second};
  for (const std::int64_t size : view.settings.integers("kernel_size")) dims.emplace_back(size);
  std::vector<Weight> weights = {{"weight", Shape(std::move(dims))}};
  if (view.settings.flag("bias")) weights.push_back({"bias", Shape{view.settings.integer("out_channels")}});
  return weights;
}

FormulaLine parameters_formula(const LayerView& view, const std::vector<Weight>& weights, const std::string& words) {
  Dim count = 0;
  for (const Weight& weight : weights) count = checked_add(count, weight.shape.elements());
  std::vector<std::string> sizes;
  for (const Dim& dim : weights.front().shape.dims()) sizes.push_back(dim_text(dim));
  const bool has_bias = weights.size() > 1;
  return {fmt::format("parameters = {} · {}{}", words,
                      rank_of(view.settings) == 1 ? "kernel_size" : "the sizes of the kernel",
                      has_bias ? " + out_channels" : ""),
          fmt::format("parameters = {}{} = {}", fmt::join(sizes, " · "),
                      has_bias ? " + " + dim_text(weights[1].shape[0]) : "", count ? with_separators(*count) : "?")};
}

FormulaLine macs_formula(const std::vector<Weight>& weights, const Shape& places, const Dim& macs, const char* words) {
  std::vector<std::string> sizes = {dim_text(weights.front().shape.elements())};
  for (std::size_t axis = 1; axis < places.rank(); ++axis) sizes.push_back(dim_text(places[axis]));
  return {fmt::format("multiply-adds = weights · {}", words),
          fmt::format("multiply-adds = {} = {}", fmt::join(sizes, " · "), macs ? with_separators(*macs) : "?")};
}

Dim convolution_macs(const std::vector<Weight>& weights, const Shape& places) {
  Dim macs = weights.front().shape.elements();
  for (std::size_t axis = 1; axis < places.rank(); ++axis) macs = checked_multiply(macs, places[axis]);
  return macs;
}

std::string convolution_caption(const Settings& s) {
  std::string text = fmt::format("{} @ {}", s.integer("out_channels"), times(s.integers("kernel_size")));
  const auto add_unless = [&](const char* name, const char* word, std::int64_t usual) {
    const Integers sizes = s.integers(name);
    const bool is_usual = std::all_of(sizes.begin(), sizes.end(), [&](std::int64_t size) { return size == usual; });
    if (!is_usual) text += fmt::format(", {} {}", word, times(sizes));
  };
  add_unless("stride", "stride", 1);
  if (!s.text("padding").empty()) text += ", " + s.text("padding");
  add_unless("padding", "pad", 0);
  add_unless("output_padding", "output pad", 0);
  add_unless("dilation", "dilation", 1);
  if (s.integer("groups") != 1) text += fmt::format(", groups {}", s.integer("groups"));
  return text;
}

std::vector<LayerSpec> convolution_family() {
  return {conv_row(1), conv_row(2), conv_row(3)};
}

}  // namespace netwright
