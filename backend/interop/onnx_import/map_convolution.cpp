#include <fmt/format.h>

#include "backend/core/numbers.h"
#include "backend/interop/onnx_import/mapping.h"
#include "backend/interop/onnx_import/spatial.h"

namespace netwright::onnx_import {

namespace {

struct Convolved {
  Tensor input;
  Constant weight;
  std::optional<Constant> bias;
  std::size_t dimensions = 0;
  Integers sizes;  ///< of the input along the spatial axes
  Integers kernel;
  Integers stride;
  Integers dilation;
  std::int64_t groups = 1;
};

Result<Convolved> read(Translation& translation, const Node& node) {
  Convolved read;
  const Result<Tensor> input = translation.input(node);
  if (!input) return input.error();
  auto weight = translation.known(node, 1, "weight");
  if (!weight) return weight.error();
  if (weight->rank() < 3 || weight->rank() > 5 || weight->rank() != input->layout.rank()) {
    return Error{fmt::format("its weight {} doesn't fit its input {}", to_text(weight->sizes()),
                             to_text(input->layout.sizes()))};
  }
  auto first = translation.batch_first(*input);
  if (!first) return first.error();
  read.input = std::move(*first);
  read.weight = std::move(*weight);
  read.dimensions = read.weight.rank() - 2;
  read.kernel.assign(read.weight.sizes().begin() + 2, read.weight.sizes().end());
  const Sizes places = read.input.layout.place_sizes();
  read.sizes.assign(places.begin() + 1, places.end());
  auto stride = per_axis(node, "strides", read.dimensions);
  if (!stride) return stride.error();
  auto dilation = per_axis(node, "dilations", read.dimensions);
  if (!dilation) return dilation.error();
  read.stride = std::move(*stride);
  read.dilation = std::move(*dilation);
  read.groups = node.integer("group", 1);
  if (node.input(2) != no_value) {
    auto bias = translation.known(node, 2, "bias");
    if (!bias) return bias.error();
    read.bias = std::move(*bias);
  }
  return read;
}

Result<void> finish(Translation& translation, const Node& node, const Convolved& read, const std::string& type,
                    const Settings& settings, std::int64_t out_channels, std::int64_t in_channels) {
  if (in_channels != read.input.layout.place_sizes().front()) {
    return Error{fmt::format("its weight is for {} channels, and its input has {}", in_channels,
                             read.input.layout.place_sizes().front())};
  }
  if (read.bias && read.bias->sizes() != Sizes{out_channels}) {
    return Error{
        fmt::format("its bias {} isn't one number for each of {} channels", to_text(read.bias->sizes()), out_channels)};
  }
  const auto drawn = translation.draw(type, translation.name_for(node, &read.weight), settings, {read.input});
  if (!drawn) return drawn.error();
  translation.set_weight(*drawn, "weight", read.weight, read.weight.sizes());
  if (read.bias) translation.set_weight(*drawn, "bias", *read.bias, read.bias->sizes());
  give_plain(translation, node, *drawn);
  return {};
}

Result<void> convolution(Translation& translation, const Node& node) {
  auto read = onnx_import::read(translation, node);
  if (!read) return read.error();
  const auto padding = padding_of(node, read->sizes, read->kernel, read->stride, read->dilation);
  if (!padding) return padding.error();
  Integers pads = padding->before;
  if (!padding->is_symmetric()) {
    auto wider = padded(translation, read->input, *padding, 0);
    if (!wider) return wider.error();
    read->input = std::move(*wider);
    pads.assign(pads.size(), 0);
  }
  if (read->groups < 1 || read->groups > read->weight.sizes()[0]) {
    return Error{fmt::format("its group of {} makes no sense", read->groups)};
  }
  const std::int64_t out_channels = read->weight.sizes()[0];
  return finish(translation, node, *read, with_dimensions("Conv", read->dimensions),
                {{"out_channels", out_channels},
                 {"kernel_size", read->kernel},
                 {"stride", read->stride},
                 {"padding", pads},
                 {"dilation", read->dilation},
                 {"groups", read->groups},
                 {"bias", read->bias.has_value()}},
                out_channels, checked_multiply(read->weight.sizes()[1], read->groups).value_or(0));
}

Result<void> transposed_convolution(Translation& translation, const Node& node) {
  const auto read = onnx_import::read(translation, node);
  if (!read) return read.error();
  if (node.has("output_shape") || node.text("auto_pad", "NOTSET") != "NOTSET") {
    return Error{"it asks for an output's size instead of a padding, which PyTorch's layer can't"};
  }
  const auto padding = padding_of(node, read->sizes, read->kernel, read->stride, read->dilation);
  if (!padding) return padding.error();
  if (!padding->is_symmetric()) return Error{"it pads one side more than the other, which PyTorch's layer can't"};
  Integers output_padding = node.integers("output_padding");
  if (output_padding.empty()) output_padding.assign(read->dimensions, 0);
  if (output_padding.size() != read->dimensions) return Error{"its output_padding doesn't fit its input"};
  if (read->groups < 1 || read->groups > read->weight.sizes()[0]) {
    return Error{fmt::format("its group of {} makes no sense", read->groups)};
  }
  const std::int64_t out_channels = checked_multiply(read->weight.sizes()[1], read->groups).value_or(0);
  return finish(translation, node, *read, with_dimensions("ConvTranspose", read->dimensions),
                {{"out_channels", out_channels},
                 {"kernel_size", read->kernel},
                 {"stride", read->stride},
                 {"padding", padding->before},
                 {"output_padding", output_padding},
                 {"groups", read->groups},
                 {"bias", read->bias.has_value()},
                 {"dilation", read->dilation}},
                out_channels, read->weight.sizes()[0]);
}

}  // namespace

std::vector<MappingRow> convolution_mappings() {
  return {{"Conv", convolution}, {"ConvTranspose", transposed_convolution}};
}

}  // namespace netwright::onnx_import
