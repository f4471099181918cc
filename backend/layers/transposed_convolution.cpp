#include <fmt/format.h>

#include <algorithm>

#include "backend/core/numbers.h"
#include "backend/layers/convolution.h"
#include "backend/layers/dimensions.h"
#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

std::int64_t output_padding_along(const Settings& settings, std::size_t axis) {
  return settings.integers("output_padding")[axis];
}

/// Before padding takes anything away: (size − 1)·stride + extent + output_padding.
Dim unpadded_size(const Slide& slide, std::int64_t output_padding, const Dim& size) {
  const Dim laid = checked_multiply(size ? Dim(*size - 1) : Dim(), slide.stride);
  return checked_add(laid, slide.extent() + output_padding);
}

std::optional<ShapeProblem> output_padding_problem(const LayerView& view, const std::vector<Slide>& slides) {
  const Integers asked = view.settings.integers("output_padding");
  Integers allowed;
  for (std::size_t axis = 0; axis < slides.size(); ++axis) {
    allowed.push_back(std::min(asked[axis], std::max(slides[axis].stride, slides[axis].dilation) - 1));
  }
  if (asked == allowed) return std::nullopt;
  return ShapeProblem{.message = "output_padding must be smaller than the stride or the dilation.",
                      .expected = "at most " + times(allowed),
                      .actual = times(asked),
                      .setting = "output_padding",
                      .fixes = {{"Make output_padding " + times(allowed), ChangeSetting{"output_padding", allowed}}}};
}

ShapeResult transposed_shapes(const LayerView& view) {
  const Shape& input = view.input();
  const auto slides = slides_of(view.settings);
  if (auto problem = rank_problem(input, slides.size())) return *problem;
  if (auto problem = groups_problem(view)) return *problem;
  if (auto problem = output_padding_problem(view, slides)) return *problem;
  std::vector<Dim> dims = {view.settings.integer("out_channels")};
  Integers allowed;
  std::optional<std::size_t> lost;
  for (std::size_t axis = 0; axis < slides.size(); ++axis) {
    const Dim unpadded = unpadded_size(slides[axis], output_padding_along(view.settings, axis), input[axis + 1]);
    dims.push_back(unpadded ? Dim(*unpadded - 2 * slides[axis].before) : Dim());
    allowed.push_back(unpadded ? std::min(slides[axis].before, (*unpadded - 1) / 2) : slides[axis].before);
    if (dims.back().value_or(1) < 1 && !lost) lost = axis;
  }
  if (!lost) return std::vector<Shape>{Shape(std::move(dims))};
  return ShapeProblem{
      .message = fmt::format("Padding takes away the whole output along {}.", axis_name(*lost, slides.size())),
      .expected = fmt::format("padding ≤ {}", allowed[*lost]),
      .actual = fmt::format("padding {}", slides[*lost].before),
      .port = 0,
      .setting = "padding",
      .fixes = {{"Pad by " + times(allowed), ChangeSetting{"padding", allowed}}}};
}

std::vector<Weight> transposed_weights(const LayerView& view) {
  return convolution_weights(view, view.input()[0],
                             view.settings.integer("out_channels") / view.settings.integer("groups"));
}

/// Each input position is multiplied by every weight of its channel.
Dim transposed_macs(const LayerView& view, std::span<const Shape>) {
  return convolution_macs(transposed_weights(view), view.input());
}

/// Output o holds input i times the kernel's point k where o = i·stride − padding + dilation·k.
std::vector<AxisWindow> transposed_window(const LayerView& view, std::size_t) {
  std::vector<AxisWindow> windows = {channel_window(view)};
  for (const Slide& slide : slides_of(view.settings)) {
    // Where the kernel's points are apart and so are the inputs, which of them meet depends on the position.
    windows.push_back({.extent = slide.extent(),
                       .stride = 1,
                       .before = slide.extent() - 1 - slide.before,
                       .divisor = slide.stride,
                       .is_bound = slide.dilation > 1 && slide.stride > 1 && slide.kernel > 1});
  }
  return windows;
}

NnCall transposed_call(const LayerView& view) {
  const Settings& s = view.settings;
  return {fmt::format("ConvTranspose{}d", rank_of(s)),
          {{"in_channels", whole(view.input()[0])},
           {"out_channels", s.integer("out_channels")},
           {"kernel_size", s.integers("kernel_size")},
           {"stride", s.integers("stride")},
           {"padding", s.integers("padding")},
           {"output_padding", s.integers("output_padding")},
           {"groups", s.integer("groups")},
           {"bias", s.flag("bias")},
           {"dilation", s.integers("dilation")}}};
}

std::vector<FormulaLine> transposed_formula(const LayerView& view, std::span<const Shape> outputs) {
  std::vector<FormulaLine> lines;
  const auto slides = slides_of(view.settings);
  for (std::size_t axis = 0; axis < slides.size(); ++axis) {
    const Slide& slide = slides[axis];
    lines.push_back(
        {fmt::format("{0} = ({0} − 1)·stride − 2·padding + dilation·(kernel_size − 1) + output_padding + 1",
                     axis_name(axis, slides.size())),
         fmt::format("{} = ({} − 1)·{} − 2·{} + {}·({} − 1) + {} + 1 = {}", axis_name(axis, slides.size()),
                     dim_text(view.input()[axis + 1]), slide.stride, slide.before, slide.dilation, slide.kernel,
                     output_padding_along(view.settings, axis), dim_text(outputs[0][axis + 1]))});
  }
  const auto weights = transposed_weights(view);
  lines.push_back(parameters_formula(view, weights, "in_channels · out_channels/groups"));
  lines.push_back(macs_formula(weights, view.input(), transposed_macs(view, outputs), "the input's places"));
  return lines;
}

std::vector<Sample> transposed_samples(std::size_t rank) {
  const auto channels = [](std::int64_t count) { return std::pair<const std::string, Value>("out_channels", count); };
  if (rank == 1) {
    return {{{channels(4)}, {{3, 6}}},
            {{channels(4),
              {"kernel_size", Integers{4}},
              {"stride", Integers{3}},
              {"padding", Integers{1}},
              {"output_padding", Integers{2}}},
             {{2, 5}}},
            {{channels(6),
              {"kernel_size", Integers{2}},
              {"stride", Integers{3}},
              {"groups", std::int64_t{2}},
              {"bias", false}},
             {{2, 4}}},
            {{channels(6), {"stride", Integers{2}}, {"dilation", Integers{3}}, {"groups", std::int64_t{2}}}, {{4, 5}}}};
  }
  if (rank == 3) {
    return {{{channels(3)}, {{2, 3, 2, 4}}},
            {{channels(4),
              {"kernel_size", Integers{2, 3, 1}},
              {"stride", Integers{2, 1, 3}},
              {"padding", Integers{1, 2, 0}},
              {"output_padding", Integers{1, 0, 2}},
              {"groups", std::int64_t{2}},
              {"bias", false}},
             {{2, 2, 4, 2}}},
            {{channels(2), {"kernel_size", Integers{2, 2, 2}}, {"dilation", Integers{1, 2, 3}}}, {{2, 2, 3, 2}}}};
  }
  return {{{}, {{3, 4, 5}}},
          {{channels(4), {"kernel_size", Integers{2, 2}}, {"stride", Integers{2, 2}}}, {{3, 4, 3}}},
          {{channels(4),
            {"kernel_size", Integers{4, 3}},
            {"stride", Integers{2, 3}},
            {"padding", Integers{1, 0}},
            {"output_padding", Integers{0, 1}}},
           {{2, 5, 4}}},
          {{channels(6), {"stride", Integers{2, 2}}, {"groups", std::int64_t{3}}, {"bias", false}}, {{3, 4, 4}}},
          {{channels(4), {"padding", Integers{2, 1}}, {"dilation", Integers{2, 1}}, {"output_padding", Integers{1, 0}}},
           {{2, 4, 3}}}};
}

LayerSpec transposed_row(std::size_t rank) {
  return {
      .type = fmt::format("ConvTranspose{}d", rank),
      .category = Category::Convolution,
      .summary = fmt::format("Convolution the other way round: each value paints its window of a larger {} "
                             "with a learned filter.",
                             kind_of_input(rank)),
      .name_stem = "upconv",
      .settings = {out_channels_setting(), kernel_setting(rank),
                   stride_setting(rank, "How far apart the windows are painted; 2 doubles the size."),
                   per_axis("padding", rank, 0, "Positions cut off around the output.", 0),
                   per_axis("output_padding", rank, 0,
                            "Positions added at the far end, where several sizes could have been shrunk to this.", 0),
                   groups_setting(), bias_setting(), dilation_setting(rank, "The gap between the window's points.")},
      .saved = {.input = true},
      .shapes = transposed_shapes,
      .weights = transposed_weights,
      .macs = transposed_macs,
      .window = transposed_window,
      .call = transposed_call,
      .formula = transposed_formula,
      .samples = transposed_samples(rank),
      .caption = convolution_caption};
}

}  // namespace

std::vector<LayerSpec> transposed_convolution_family() {
  return {transposed_row(1), transposed_row(2), transposed_row(3)};
}

}  // namespace netwright
