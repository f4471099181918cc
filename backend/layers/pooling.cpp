#include <fmt/format.h>

#include <algorithm>

#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

SettingSpec kernel_size() {
  return {.name = "kernel_size",
          .kind = SettingKind::Integers,
          .fallback = Integers{2, 2},
          .help = "Height and width of the window.",
          .minimum = 1,
          .maximum = 10000,
          .length = 2};
}

SettingSpec stride() {
  return {.name = "stride",
          .kind = SettingKind::Integers,
          .fallback = std::string("kernel_size"),
          .help = "How far the window moves each time; as in PyTorch, the kernel's size where not set.",
          .minimum = 1,
          .maximum = 10000,
          .choices = {"kernel_size"},
          .length = 2};
}

SettingSpec padding() {
  return {.name = "padding",
          .kind = SettingKind::Integers,
          .fallback = Integers{0, 0},
          .help = "Rows and columns added around the input, at most half the kernel.",
          .minimum = 0,
          .maximum = 5000,
          .length = 2};
}

SettingSpec ceil_mode() {
  return {.name = "ceil_mode",
          .kind = SettingKind::Boolean,
          .fallback = false,
          .help = "Round the output's size up, so that the last rows and columns aren't dropped."};
}

template <const char* type>
ShapeResult pool_shapes(const LayerView& view) {
  const auto slides = slides_of(view.settings);
  for (const Slide& slide : slides) {
    if (slide.before <= slide.kernel / 2) continue;
    Integers allowed;
    for (const Slide& s : slides) allowed.push_back(std::min(s.before, s.kernel / 2));
    return ShapeProblem{.message = "Padding may be at most half the kernel's size.",
                        .expected = fmt::format("at most {}", slide.kernel / 2),
                        .actual = std::to_string(slide.before),
                        .setting = "padding",
                        .fixes = {{"Pad by " + times(allowed), ChangeSetting{"padding", allowed}}}};
  }
  if (auto problem = slide_problem(view, slides, type)) return *problem;
  return std::vector<Shape>{slide_output(view.input()[0], view.input(), slides)};
}

Integers strides_of(const LayerView& view) {
  Integers strides;
  for (const Slide& slide : slides_of(view.settings)) strides.push_back(slide.stride);
  return strides;
}

std::vector<AxisWindow> pool_window(const LayerView& view, std::size_t) {
  return slide_windows(slides_of(view.settings));
}

std::vector<FormulaLine> pool_formula(const LayerView& view, std::span<const Shape>) {
  return slide_formula(view, slides_of(view.settings));
}

std::string pool_caption(const Settings& s) {
  std::string text = times(s.integers("kernel_size"));
  if (s.text("stride").empty()) text += ", stride " + times(s.integers("stride"));
  if (s.integers("padding") != Integers{0, 0}) text += ", pad " + times(s.integers("padding"));
  return text;
}

constexpr char max_pool[] = "MaxPool2d";
constexpr char avg_pool[] = "AvgPool2d";

ShapeResult adaptive_shapes(const LayerView& view) {
  const Shape& input = view.input();
  if (input.rank() != 3) {
    return ShapeProblem{.message = "AdaptiveAvgPool2d needs an image: channels × height × width.",
                        .expected = "C×H×W",
                        .actual = input.to_string(),
                        .port = 0,
                        .setting = {}};
  }
  const Integers size = view.settings.integers("output_size");
  return std::vector<Shape>{Shape{input[0], size[0], size[1]}};
}

/// Output i averages inputs [⌊i·n/m⌋, ⌈(i+1)·n/m⌉): those j with i·n − m < j·m < (i+1)·n.
std::vector<AxisWindow> adaptive_window(const LayerView& view, std::size_t) {
  const Integers size = view.settings.integers("output_size");
  std::vector<AxisWindow> windows(1);
  for (std::size_t axis = 0; axis < size.size(); ++axis) {
    const Dim& input = view.input()[axis + 1];
    const std::int64_t outputs = size[axis];
    if (!input || outputs == 1) {
      windows.push_back({.everything = true});
    } else {
      windows.push_back({.extent = *input + outputs - 1, .stride = *input, .before = outputs - 1, .divisor = outputs});
    }
  }
  return windows;
}

}  // namespace

std::vector<LayerSpec> pooling_family() {
  return {
      {.type = "MaxPool2d",
       .category = Category::Pooling,
       .summary = "Keeps the largest value of each window: shrinks the image and keeps what is strongest.",
       .name_stem = "pool",
       .settings = {kernel_size(),
                    stride(),
                    padding(),
                    {.name = "dilation",
                     .kind = SettingKind::Integers,
                     .fallback = Integers{1, 1},
                     .help = "The gap between the window's points.",
                     .minimum = 1,
                     .maximum = 10000,
                     .length = 2},
                    ceil_mode()},
       .shapes = pool_shapes<max_pool>,
       .window = pool_window,
       .call =
           [](const LayerView& view) {
             return NnCall{"MaxPool2d",
                           {{"kernel_size", view.settings.integers("kernel_size")},
                            {"stride", strides_of(view)},
                            {"padding", view.settings.integers("padding")},
                            {"dilation", view.settings.integers("dilation")},
                            {"ceil_mode", view.settings.flag("ceil_mode")}}};
           },
       .formula = pool_formula,
       .samples = {{{}, {{3, 8, 9}}},
                   {{{"kernel_size", Integers{3, 3}}, {"stride", Integers{2, 2}}, {"padding", Integers{1, 1}}},
                    {{2, 9, 12}}},
                   {{{"kernel_size", Integers{3, 2}}, {"stride", Integers{2, 3}}, {"ceil_mode", true}}, {{2, 10, 12}}},
                   {{{"kernel_size", Integers{2, 2}}, {"stride", Integers{1, 1}}, {"dilation", Integers{2, 3}}},
                    {{2, 9, 9}}}},
       .caption = pool_caption},
      {.type = "AvgPool2d",
       .category = Category::Pooling,
       .summary = "Averages each window: shrinks the image smoothly.",
       .name_stem = "pool",
       .settings = {kernel_size(),
                    stride(),
                    padding(),
                    ceil_mode(),
                    {.name = "count_include_pad",
                     .kind = SettingKind::Boolean,
                     .fallback = true,
                     .help = "Count the padding's zeros in the average."}},
       .shapes = pool_shapes<avg_pool>,
       .window = pool_window,
       .call =
           [](const LayerView& view) {
             return NnCall{"AvgPool2d",
                           {{"kernel_size", view.settings.integers("kernel_size")},
                            {"stride", strides_of(view)},
                            {"padding", view.settings.integers("padding")},
                            {"ceil_mode", view.settings.flag("ceil_mode")},
                            {"count_include_pad", view.settings.flag("count_include_pad")}}};
           },
       .formula = pool_formula,
       .samples = {{{}, {{3, 8, 9}}},
                   {{{"kernel_size", Integers{3, 3}},
                     {"stride", Integers{2, 1}},
                     {"padding", Integers{1, 1}},
                     {"count_include_pad", false}},
                    {{2, 9, 7}}},
                   {{{"kernel_size", Integers{3, 3}}, {"stride", Integers{2, 2}}, {"ceil_mode", true}}, {{2, 8, 8}}}},
       .caption = pool_caption},
      {.type = "AdaptiveAvgPool2d",
       .category = Category::Pooling,
       .summary = "Averages the image down to the size asked for, whatever its own; 1×1 is global average pooling.",
       .name_stem = "pool",
       .settings = {{.name = "output_size",
                     .kind = SettingKind::Integers,
                     .fallback = Integers{1, 1},
                     .help = "Height and width of the output.",
                     .minimum = 1,
                     .maximum = 10000,
                     .length = 2}},
       .shapes = adaptive_shapes,
       .window = adaptive_window,
       .call =
           [](const LayerView& view) {
             return NnCall{"AdaptiveAvgPool2d", {{"output_size", view.settings.integers("output_size")}}};
           },
       .formula =
           [](const LayerView& view, std::span<const Shape> outputs) {
             std::vector<FormulaLine> lines;
             for (std::size_t axis = 0; axis < 2; ++axis) {
               const char* name = axis_name(axis);
               lines.push_back(
                   {fmt::format("{0} = output_size; output i averages ⌊i·{0}/output_size⌋ … ⌈(i+1)·{0}/output_size⌉",
                                name),
                    fmt::format("{} = {}, from {}", name, dim_text(outputs[0][axis + 1]),
                                dim_text(view.input()[axis + 1]))});
             }
             return lines;
           },
       .samples = {{{}, {{3, 8, 9}}},
                   {{{"output_size", Integers{4, 3}}}, {{2, 8, 9}}},
                   {{{"output_size", Integers{3, 5}}}, {{2, 8, 7}}}},
       .caption = [](const Settings& s) { return "to " + times(s.integers("output_size")); }},
  };
}

}  // namespace netwright
