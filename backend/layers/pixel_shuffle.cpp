// Channels and places exchanged for one another (Shi et al. 2016), and channels mixed between groups (Zhang et al.
// 2018).

#include <fmt/format.h>

#include "backend/core/numbers.h"
#include "backend/layers/dimensions.h"
#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

std::optional<ShapeProblem> not_an_image(const LayerView& view, const char* type) {
  if (view.input().rank() == 3) return std::nullopt;
  return ShapeProblem{.message = fmt::format("{} needs an image: channels × height × width.", type),
                      .expected = "C×H×W",
                      .actual = view.input().to_string(),
                      .port = 0,
                      .setting = {}};
}

ShapeProblem not_divisible(const LayerView& view, std::size_t axis, std::int64_t divisor, const char* setting) {
  const std::int64_t size = *view.input()[axis];
  const std::string what = axis == 0 ? "channels" : axis == 1 ? "rows" : "columns";
  ShapeProblem problem{.message = fmt::format("{} {} can't be shared evenly by {}.", size, what, divisor),
                       .expected = fmt::format("a multiple of {}", divisor),
                       .actual = std::to_string(size),
                       .port = 0,
                       .setting = setting,
                       .fixes = {{fmt::format("Set {} to 1", setting), ChangeSetting{setting, std::int64_t{1}}}}};
  return problem;
}

Dim divided(const Dim& size, std::int64_t divisor) {
  return size ? Dim(*size / divisor) : std::nullopt;
}

bool divides(std::int64_t divisor, const Dim& size) {
  return !size || *size % divisor == 0;
}

ShapeResult shuffle_shapes(const LayerView& view) {
  if (auto problem = not_an_image(view, "PixelShuffle")) return *problem;
  const Shape& input = view.input();
  const std::int64_t r = view.settings.integer("upscale_factor");
  if (!divides(r * r, input[0])) {
    ShapeProblem problem = not_divisible(view, 0, r * r, "upscale_factor");
    const std::int64_t wanted = (*input[0] / (r * r) + 1) * r * r;
    problem.fixes.push_back({fmt::format("Make {} channels with a 1×1 convolution", wanted),
                             InsertBefore{0, "Conv2d", {{"out_channels", wanted}, {"kernel_size", Integers{1, 1}}}}});
    return problem;
  }
  return std::vector<Shape>{
      Shape{divided(input[0], r * r), checked_multiply(input[1], r), checked_multiply(input[2], r)}};
}

std::vector<AxisWindow> shuffle_window(const LayerView& view, std::size_t) {
  const std::int64_t r = view.settings.integer("upscale_factor");
  const AxisWindow place{.extent = r, .before = r - 1, .divisor = r};
  return {{.extent = r * r, .stride = r * r}, place, place};
}

ShapeResult unshuffle_shapes(const LayerView& view) {
  if (auto problem = not_an_image(view, "PixelUnshuffle")) return *problem;
  const Shape& input = view.input();
  const std::int64_t r = view.settings.integer("downscale_factor");
  for (const std::size_t axis : {1, 2}) {
    if (!divides(r, input[axis])) return not_divisible(view, axis, r, "downscale_factor");
  }
  return std::vector<Shape>{Shape{checked_multiply(input[0], r * r), divided(input[1], r), divided(input[2], r)}};
}

std::vector<AxisWindow> unshuffle_window(const LayerView& view, std::size_t) {
  const std::int64_t r = view.settings.integer("downscale_factor");
  const AxisWindow place{.extent = r, .stride = r};
  return {{.extent = r * r, .before = r * r - 1, .divisor = r * r}, place, place};
}

ShapeResult channel_shapes(const LayerView& view) {
  if (view.input().rank() < 2) {
    return ShapeProblem{.message = "ChannelShuffle needs channels with places: a signal, an image or a volume.",
                        .expected = "C×…",
                        .actual = view.input().to_string(),
                        .port = 0,
                        .setting = {}};
  }
  const std::int64_t groups = view.settings.integer("groups");
  if (!divides(groups, view.input()[0])) return not_divisible(view, 0, groups, "groups");
  return std::vector<Shape>{view.input()};
}

std::vector<AxisWindow> channel_window(const LayerView& view, std::size_t) {
  std::vector<AxisWindow> windows = plain_windows(view);
  windows.front().everything = true;
  return windows;
}

SettingSpec factor(const char* name, const char* help) {
  return {.name = name,
          .kind = SettingKind::Integer,
          .fallback = std::int64_t{2},
          .help = help,
          .minimum = 1,
          .maximum = 1000};
}

template <const char* setting>
NnCall factor_call(const char* name, const LayerView& view) {
  return {name, {{setting, view.settings.integer(setting)}}};
}

constexpr char upscale[] = "upscale_factor";
constexpr char downscale[] = "downscale_factor";
constexpr char groups[] = "groups";

std::vector<FormulaLine> moved(const char* symbols, const LayerView& view, std::span<const Shape> outputs) {
  return {{symbols, fmt::format("{} → {}", view.input().to_string(), outputs[0].to_string())}};
}

}  // namespace

std::vector<LayerSpec> pixel_shuffle_family() {
  return {
      {.type = "PixelShuffle",
       .category = Category::Shape,
       .summary = "Lays r² channels out as r×r pixels: upscaling that the convolution before it learns.",
       .name_stem = "pixel_shuffle",
       .settings = {factor(upscale, "r: how many times higher and wider.")},
       .shapes = shuffle_shapes,
       .window = shuffle_window,
       .call = [](const LayerView& view) { return factor_call<upscale>("PixelShuffle", view); },
       .formula = [](const LayerView& view,
                     std::span<const Shape> outputs) { return moved("C·r² × H × W → C × H·r × W·r", view, outputs); },
       .samples = {{{}, {{8, 3, 4}}}, {{{upscale, std::int64_t{3}}}, {{9, 4, 2}}}},
       .caption = [](const Settings& s) { return fmt::format("× {}", s.integer(upscale)); }},
      {.type = "PixelUnshuffle",
       .category = Category::Shape,
       .summary = "Lays r×r pixels out as r² channels: smaller without a loss.",
       .name_stem = "pixel_unshuffle",
       .settings = {factor(downscale, "r: how many times lower and narrower.")},
       .shapes = unshuffle_shapes,
       .window = unshuffle_window,
       .call = [](const LayerView& view) { return factor_call<downscale>("PixelUnshuffle", view); },
       .formula = [](const LayerView& view,
                     std::span<const Shape> outputs) { return moved("C × H·r × W·r → C·r² × H × W", view, outputs); },
       .samples = {{{}, {{2, 6, 4}}}, {{{downscale, std::int64_t{3}}}, {{1, 6, 9}}}},
       .caption = [](const Settings& s) { return fmt::format("÷ {}", s.integer(downscale)); }},
      {.type = "ChannelShuffle",
       .category = Category::Shape,
       .summary = "Deals the channels of each group out to all, so that grouped convolutions hear of one another.",
       .name_stem = "shuffle",
       .settings = {factor(groups, "The groups of the convolution before it.")},
       .shapes = channel_shapes,
       .window = channel_window,
       .call = [](const LayerView& view) { return factor_call<groups>("ChannelShuffle", view); },
       .formula =
           [](const LayerView& view, std::span<const Shape> outputs) {
             return moved("channel i·groups + g of the output = channel g·C/groups + i of the input", view, outputs);
           },
       .samples = {{{}, {{6, 3, 4}}}, {{{groups, std::int64_t{3}}}, {{6, 4}}}},
       .caption = [](const Settings& s) { return fmt::format("{} groups", s.integer(groups)); }},
  };
}

}  // namespace netwright
