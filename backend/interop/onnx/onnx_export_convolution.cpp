#include <fmt/format.h>

#include "backend/interop/onnx/onnx_mapping.h"

namespace netwright {

namespace {

/// Padding at both ends of every spatial axis.
struct Padding {
  Integers before;
  Integers after;

  /// Near ends first, as ONNX wants it.
  Integers both(std::size_t skipped_axes = 0) const {
    Integers all(skipped_axes, 0);
    all.insert(all.end(), before.begin(), before.end());
    all.insert(all.end(), skipped_axes, 0);
    all.insert(all.end(), after.begin(), after.end());
    return all;
  }
};

template <std::size_t axes>
Padding padding_of(const OnnxLayer& l) {
  if (!l.is_text("padding")) {
    const Integers amounts = l.integers("padding", axes, Integers{0});
    return {amounts, amounts};
  }
  const Integers kernel = l.integers("kernel_size", axes);
  const Integers dilation = l.integers("dilation", axes, Integers{1});
  Padding padding{Integers(axes, 0), Integers(axes, 0)};
  if (l.text("padding") != "same") return padding;
  // As PyTorch does where the kernel is even: the odd one at the far end. (ONNX's auto_pad goes by the stride besides.)
  for (std::size_t axis = 0; axis < axes; ++axis) {
    const std::int64_t total = dilation[axis] * (kernel[axis] - 1);
    padding.before[axis] = total / 2;
    padding.after[axis] = total - total / 2;
  }
  return padding;
}

std::string padded(const OnnxLayer& l, const std::string& mode, const Padding& padding) {
  if (mode == "circular") {
    std::string value = l.x();
    for (std::size_t axis = 0; axis < padding.before.size(); ++axis) {
      const auto dim = static_cast<std::int64_t>(axis) + 2;
      value = l.wrap(value, dim, l.size(dim), padding.before[axis], padding.after[axis]);
    }
    return value;
  }
  return l.add("Pad", {l.x(), l.graph.integers("pads", padding.both(2))},
               {{"mode", std::string(mode == "reflect" ? "reflect" : "edge")}});
}

OnnxValues with_weights(const OnnxLayer& l, const std::string& value) {
  OnnxValues inputs = {value, l.weight("weight")};
  if (l.flag("bias", true)) inputs.push_back(l.weight("bias"));
  return inputs;
}

template <std::size_t axes>
OnnxValues convolution(const OnnxLayer& l) {
  Padding padding = padding_of<axes>(l);
  std::string value = l.x();
  if (const std::string mode = l.text("padding_mode", "zeros"); mode != "zeros") {
    value = padded(l, mode, padding);
    padding = {Integers(axes, 0), Integers(axes, 0)};
  }
  return {l.add("Conv", with_weights(l, value),
                {{"kernel_shape", l.integers("kernel_size", axes)},
                 {"strides", l.integers("stride", axes, Integers{1})},
                 {"pads", padding.both()},
                 {"dilations", l.integers("dilation", axes, Integers{1})},
                 {"group", l.integer("groups", 1)}})};
}

template <std::size_t axes>
OnnxValues transposed_convolution(const OnnxLayer& l) {
  return {l.add("ConvTranspose", with_weights(l, l.x()),
                {{"kernel_shape", l.integers("kernel_size", axes)},
                 {"strides", l.integers("stride", axes, Integers{1})},
                 {"pads", padding_of<axes>(l).both()},
                 {"output_padding", l.integers("output_padding", axes, Integers{0})},
                 {"dilations", l.integers("dilation", axes, Integers{1})},
                 {"group", l.integer("groups", 1)}})};
}

}  // namespace

void add_onnx_convolutions(OnnxMappingTable& table) {
  table.merge(OnnxMappingTable{
      {"Conv1d", convolution<1>},
      {"Conv2d", convolution<2>},
      {"Conv3d", convolution<3>},
      {"ConvTranspose1d", transposed_convolution<1>},
      {"ConvTranspose2d", transposed_convolution<2>},
      {"ConvTranspose3d", transposed_convolution<3>},
  });
}

}  // namespace netwright
