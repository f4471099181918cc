#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "backend/interop/onnx_import/mapping.h"
#include "backend/interop/onnx_import/spatial.h"

namespace netwright::onnx_import {

namespace {

Result<Tensor> spatial_input(Translation& translation, const Node& node) {
  const Result<Tensor> input = translation.input(node);
  if (!input) return input.error();
  if (input->layout.rank() < 3 || input->layout.rank() > 5) {
    return Error{fmt::format("its input {} is no signal, image or volume", to_text(input->layout.sizes()))};
  }
  return translation.batch_first(*input);
}

/// True where more padding behind than before only makes the last window whole, which PyTorch calls ceil_mode.
bool only_rounds_up(const Padding& padding, const Integers& sizes, const Integers& kernel, const Integers& stride,
                    const Integers& dilation) {
  for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
    const std::int64_t before = padding.before[axis];
    const std::int64_t extent = dilation[axis] * (kernel[axis] - 1) + 1;
    const std::int64_t room = sizes[axis] + before + padding.after[axis] - extent;
    const std::int64_t symmetric = sizes[axis] + 2 * before - extent;
    if (padding.after[axis] < before || symmetric < 0) return false;
    std::int64_t rounded = (symmetric + stride[axis] - 1) / stride[axis] + 1;
    if ((rounded - 1) * stride[axis] >= sizes[axis] + before) --rounded;
    if (room / stride[axis] + 1 != rounded) return false;
  }
  return true;
}

Result<void> pool(Translation& translation, const Node& node) {
  auto input = spatial_input(translation, node);
  if (!input) return input.error();
  const bool is_average = node.op == "AveragePool";
  const std::size_t dimensions = input->layout.rank() - 2;
  const auto kernel = per_axis(node, "kernel_shape", dimensions);
  if (!kernel) return kernel.error();
  const auto stride = per_axis(node, "strides", dimensions);
  if (!stride) return stride.error();
  const auto dilation = per_axis(node, "dilations", dimensions);
  if (!dilation) return dilation.error();
  if (translation.readers(node.output(1)) > 0) return Error{"the places of its maxima are used"};
  const Sizes places = input->layout.place_sizes();
  const Integers sizes(places.begin() + 1, places.end());
  auto padding = padding_of(node, sizes, *kernel, *stride, *dilation);
  if (!padding) return padding.error();
  Integers pads = padding->before;
  bool counts_pads = node.integer("count_include_pad", 0) != 0;
  bool rounds_up = node.integer("ceil_mode", 0) != 0;
  if (!padding->is_symmetric() && !rounds_up && !(is_average && counts_pads) &&
      only_rounds_up(*padding, sizes, *kernel, *stride, *dilation)) {
    padding->after = padding->before;
    rounds_up = true;
  }

  bool fits = padding->is_symmetric();
  for (std::size_t axis = 0; axis < dimensions; ++axis) fits = fits && pads[axis] <= (*kernel)[axis] / 2;
  if (!fits) {
    if (is_average && !counts_pads) return Error{"it pads unevenly without counting the padding, which PyTorch can't"};
    const double value = is_average ? 0 : static_cast<double>(std::numeric_limits<float>::lowest());
    auto wider = padded(translation, *input, *padding, value);
    if (!wider) return wider.error();
    input = std::move(wider);
    pads.assign(dimensions, 0);
  }
  // Where nothing is padded both ways of counting are the same: PyTorch's default is shown.
  if (pads == Integers(dimensions, 0)) counts_pads = true;

  Settings settings = {{"kernel_size", *kernel}, {"stride", *stride}, {"padding", pads}, {"ceil_mode", rounds_up}};
  if (is_average) {
    if (*dilation != Integers(dimensions, 1)) return Error{"it averages with gaps, which PyTorch's layer can't"};
    settings.set("count_include_pad", counts_pads);
  } else {
    settings.set("dilation", *dilation);
  }
  const auto drawn = translation.draw(with_dimensions(is_average ? "AvgPool" : "MaxPool", dimensions),
                                      translation.name_for(node), settings, {*input});
  if (!drawn) return drawn.error();
  give_plain(translation, node, *drawn);
  return {};
}

Result<void> global_pool(Translation& translation, const Node& node) {
  const auto input = spatial_input(translation, node);
  if (!input) return input.error();
  const std::size_t dimensions = input->layout.rank() - 2;
  const bool is_average = node.op == "GlobalAveragePool";
  const auto drawn = translation.draw(with_dimensions(is_average ? "AdaptiveAvgPool" : "AdaptiveMaxPool", dimensions),
                                      translation.name_for(node), {{"output_size", Integers(dimensions, 1)}}, {*input});
  if (!drawn) return drawn.error();
  give_plain(translation, node, *drawn);
  return {};
}

Result<void> power_pool(Translation& translation, const Node& node) {
  const auto input = spatial_input(translation, node);
  if (!input) return input.error();
  const std::size_t dimensions = input->layout.rank() - 2;
  const auto kernel = per_axis(node, "kernel_shape", dimensions);
  if (!kernel) return kernel.error();
  const auto stride = per_axis(node, "strides", dimensions);
  if (!stride) return stride.error();
  const auto padding = padding_of(node, Integers(dimensions, 1), *kernel, *stride, Integers(dimensions, 1));
  if (!padding) return padding.error();
  if (padding->before != Integers(dimensions, 0) || padding->after != Integers(dimensions, 0)) {
    return Error{"it pads, which PyTorch's layer can't"};
  }
  const auto drawn = translation.draw(
      with_dimensions("LPPool", dimensions), translation.name_for(node),
      {{"norm_type", static_cast<double>(node.integer("p", 2))}, {"kernel_size", *kernel}, {"stride", *stride}},
      {*input});
  if (!drawn) return drawn.error();
  give_plain(translation, node, *drawn);
  return {};
}

}  // namespace

std::vector<MappingRow> pooling_mappings() {
  return {{"MaxPool", pool},
          {"AveragePool", pool},
          {"GlobalAveragePool", global_pool},
          {"GlobalMaxPool", global_pool},
          {"LpPool", power_pool}};
}

}  // namespace netwright::onnx_import
