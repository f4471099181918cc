#include <fmt/format.h>

#include "backend/core/numbers.h"
#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

ShapeResult conv2d_shapes(const LayerView& view) {
  const auto slides = slides_of(view.settings);
  if (auto problem = slide_problem(view, slides, "Conv2d")) return *problem;
  const Dim& channels = view.input()[0];
  const std::int64_t groups = view.settings.integer("groups");
  const std::int64_t out_channels = view.settings.integer("out_channels");
  if (channels && *channels % groups != 0) {
    return ShapeProblem{.message = fmt::format("{} input channels can't be split into {} groups.", *channels, groups),
                        .expected = fmt::format("a multiple of {}", groups),
                        .actual = std::to_string(*channels),
                        .port = 0,
                        .setting = "groups",
                        .fixes = {{"Use 1 group", ChangeSetting{"groups", std::int64_t{1}}}}};
  }
  if (out_channels % groups != 0) {
    const std::int64_t rounded = (out_channels / groups + 1) * groups;
    return ShapeProblem{
        .message = fmt::format("{} output channels can't be split into {} groups.", out_channels, groups),
        .expected = fmt::format("a multiple of {}", groups),
        .actual = std::to_string(out_channels),
        .setting = "out_channels",
        .fixes = {{fmt::format("Make out_channels {}", rounded), ChangeSetting{"out_channels", rounded}},
                  {"Use 1 group", ChangeSetting{"groups", std::int64_t{1}}}}};
  }
  const bool is_same = std::holds_alternative<std::string>(*view.settings.find("padding"));
  const Integers stride = view.settings.integers("stride");
  if (is_same && stride != Integers{1, 1}) {
    return ShapeProblem{
        .message = "PyTorch's padding 'same' works only with stride 1.",
        .expected = "stride 1×1",
        .actual = "stride " + times(stride),
        .setting = "padding",
        .fixes = {{"Set stride to 1", ChangeSetting{"stride", Integers{1, 1}}},
                  {"Pad by numbers", ChangeSetting{"padding", Integers{slides[0].before, slides[1].before}}}}};
  }
  const std::string mode = view.settings.text("padding_mode");
  for (std::size_t axis = 0; axis < slides.size(); ++axis) {
    const Dim& size = view.input()[axis + 1];
    const std::int64_t most = std::max(slides[axis].before, slides[axis].after);
    if (!size || mode == "zeros" || mode == "replicate") continue;
    if (mode == "reflect" ? most < *size : most <= *size) continue;
    return ShapeProblem{
        .message = fmt::format("Padding by {} in mode {} needs a larger input than {}.", most, mode, *size),
        .expected = fmt::format("{} > {}", axis_name(axis), most),
        .actual = view.input().to_string(),
        .port = 0,
        .setting = "padding_mode",
        .fixes = {{"Pad with zeros", ChangeSetting{"padding_mode", std::string("zeros")}}}};
  }
  return std::vector<Shape>{slide_output(out_channels, view.input(), slides)};
}

std::vector<Weight> conv2d_weights(const LayerView& view) {
  const Integers kernel = view.settings.integers("kernel_size");
  const Dim& channels = view.input()[0];
  const std::int64_t out_channels = view.settings.integer("out_channels");
  const Dim per_group = channels ? Dim(*channels / view.settings.integer("groups")) : Dim();
  std::vector<Weight> weights = {{"weight", Shape{out_channels, per_group, kernel[0], kernel[1]}}};
  if (view.settings.flag("bias")) weights.push_back({"bias", Shape{out_channels}});
  return weights;
}

Dim conv2d_macs(const LayerView& view, std::span<const Shape> outputs) {
  const Weight weight = conv2d_weights(view).front();
  const Shape& output = outputs.front();
  return checked_multiply(weight.shape.elements(), checked_multiply(output[1], output[2]));
}

NnCall conv2d_call(const LayerView& view) {
  const Settings& s = view.settings;
  return {"Conv2d",
          {{"in_channels", view.input()[0].value_or(0)},
           {"out_channels", s.integer("out_channels")},
           {"kernel_size", s.integers("kernel_size")},
           {"stride", s.integers("stride")},
           {"padding", *s.find("padding")},
           {"dilation", s.integers("dilation")},
           {"groups", s.integer("groups")},
           {"bias", s.flag("bias")},
           {"padding_mode", s.text("padding_mode")}}};
}

std::vector<FormulaLine> conv2d_formula(const LayerView& view, std::span<const Shape> outputs) {
  auto lines = slide_formula(view, slides_of(view.settings));
  const auto weights = conv2d_weights(view);
  const Shape& weight = weights.front().shape;
  const bool has_bias = view.settings.flag("bias");
  Dim count = weight.elements();
  if (has_bias) count = checked_add(count, weight[0]);
  lines.push_back({fmt::format("parameters = out_channels · in_channels/groups · kernel height · kernel width{}",
                               has_bias ? " + out_channels" : ""),
                   fmt::format("parameters = {} · {} · {} · {}{} = {}", dim_text(weight[0]), dim_text(weight[1]),
                               dim_text(weight[2]), dim_text(weight[3]), has_bias ? " + " + dim_text(weight[0]) : "",
                               count ? with_separators(*count) : "?")});
  const Dim macs = conv2d_macs(view, outputs);
  lines.push_back({"multiply-adds = weights · H · W",
                   fmt::format("multiply-adds = {} · {} · {} = {}", dim_text(weight.elements()),
                               dim_text(outputs[0][1]), dim_text(outputs[0][2]), macs ? with_separators(*macs) : "?")});
  return lines;
}

std::string conv2d_caption(const Settings& s) {
  std::string text = fmt::format("{} @ {}", s.integer("out_channels"), times(s.integers("kernel_size")));
  if (s.integers("stride") != Integers{1, 1}) text += ", stride " + times(s.integers("stride"));
  if (!s.text("padding").empty()) text += ", " + s.text("padding");
  if (s.integers("padding") != Integers{0, 0} && s.text("padding").empty())
    text += ", pad " + times(s.integers("padding"));
  if (s.integers("dilation") != Integers{1, 1}) text += ", dilation " + times(s.integers("dilation"));
  if (s.integer("groups") != 1) text += fmt::format(", groups {}", s.integer("groups"));
  return text;
}

}  // namespace

std::vector<LayerSpec> convolution_family() {
  return {{
      .type = "Conv2d",
      .category = Category::Convolution,
      .summary =
          "Slides learned filters over an image: each output channel is a weighted sum of a small window of every "
          "input channel.",
      .name_stem = "conv",
      .settings = {{.name = "out_channels",
                    .kind = SettingKind::Integer,
                    .fallback = std::int64_t{32},
                    .help = "How many filters are learned: the channels of the output.",
                    .minimum = 1,
                    .maximum = 1e6},
                   {.name = "kernel_size",
                    .kind = SettingKind::Integers,
                    .fallback = Integers{3, 3},
                    .help = "Height and width of the window.",
                    .minimum = 1,
                    .maximum = 10000,
                    .length = 2},
                   {.name = "stride",
                    .kind = SettingKind::Integers,
                    .fallback = Integers{1, 1},
                    .help = "How far the window moves each time; 2 halves the size.",
                    .minimum = 1,
                    .maximum = 10000,
                    .length = 2},
                   {.name = "padding",
                    .kind = SettingKind::Integers,
                    .fallback = Integers{0, 0},
                    .help = "Rows and columns added around the input; 'same' keeps the size.",
                    .minimum = 0,
                    .maximum = 10000,
                    .choices = {"same"},
                    .length = 2},
                   {.name = "dilation",
                    .kind = SettingKind::Integers,
                    .fallback = Integers{1, 1},
                    .help = "The gap between the window's points: sees further at the same cost.",
                    .minimum = 1,
                    .maximum = 10000,
                    .length = 2},
                   {.name = "groups",
                    .kind = SettingKind::Integer,
                    .fallback = std::int64_t{1},
                    .help =
                        "Splits the channels into groups that don't mix; equal to the input channels it is depthwise.",
                    .minimum = 1,
                    .maximum = 1e6},
                   {.name = "bias",
                    .kind = SettingKind::Boolean,
                    .fallback = true,
                    .help = "Adds a learned number to each output channel; needless before batch normalisation."},
                   {.name = "padding_mode",
                    .kind = SettingKind::Choice,
                    .fallback = std::string("zeros"),
                    .help = "What the padding holds.",
                    .choices = {"zeros", "reflect", "replicate", "circular"}}},
      .saved = {.input = true},
      .shapes = conv2d_shapes,
      .weights = conv2d_weights,
      .macs = conv2d_macs,
      .window = [](const LayerView& view, std::size_t) { return slide_windows(slides_of(view.settings)); },
      .call = conv2d_call,
      .formula = conv2d_formula,
      .samples =
          {{{}, {{3, 12, 10}}},
           {{{"out_channels", std::int64_t{6}},
             {"kernel_size", Integers{5, 3}},
             {"stride", Integers{2, 1}},
             {"padding", Integers{2, 0}}},
            {{4, 11, 9}}},
           {{{"out_channels", std::int64_t{8}},
             {"padding", std::string("same")},
             {"kernel_size", Integers{4, 3}},
             {"dilation", Integers{1, 2}}},
            {{4, 9, 9}}},
           {{{"out_channels", std::int64_t{8}},
             {"groups", std::int64_t{4}},
             {"bias", false},
             {"padding", Integers{1, 1}},
             {"padding_mode", std::string("reflect")}},
            {{4, 8, 8}}},
           {{{"out_channels", std::int64_t{4}}, {"padding", Integers{1, 2}}, {"padding_mode", std::string("circular")}},
            {{2, 7, 8}}},
           {{{"out_channels", std::int64_t{4}},
             {"padding", Integers{1, 1}},
             {"padding_mode", std::string("replicate")},
             {"dilation", Integers{2, 2}}},
            {{2, 9, 8}}}},
      .caption = conv2d_caption,
  }};
}

}  // namespace netwright
