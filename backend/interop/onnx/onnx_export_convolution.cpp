#include <algorithm>
#include <numeric>

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

OnnxAttributes transposed_attributes(const OnnxLayer& l, std::size_t axes, const Padding& padding,
                                     const Integers& extra) {
  return {{"kernel_shape", l.integers("kernel_size", axes)},
          {"strides", l.integers("stride", axes, Integers{1})},
          {"pads", padding.both()},
          {"output_padding", extra},
          {"dilations", l.integers("dilation", axes, Integers{1})},
          {"group", l.integer("groups", 1)}};
}

/// ONNX Runtime refuses an output_padding that isn't smaller than the stride, which PyTorch allows below the dilation.
/// It is then taken off the padding, and what is left comes as zeros before the bias.
template <std::size_t axes>
OnnxValues transposed_convolution(const OnnxLayer& l) {
  Padding padding = padding_of<axes>(l);
  const Integers stride = l.integers("stride", axes, Integers{1});
  Integers extra = l.integers("output_padding", axes, Integers{0});
  Padding rest{Integers(axes, 0), Integers(axes, 0)};
  bool has_rest = false;
  for (std::size_t axis = 0; axis < axes; ++axis) {
    if (extra[axis] < stride[axis]) continue;
    const std::int64_t taken = std::min(extra[axis], padding.after[axis]);
    padding.after[axis] -= taken;
    rest.after[axis] = extra[axis] - taken;
    has_rest = has_rest || rest.after[axis] > 0;
    extra[axis] = 0;
  }
  const OnnxAttributes attributes = transposed_attributes(l, axes, padding, extra);
  if (!has_rest) return {l.add("ConvTranspose", with_weights(l, l.x()), attributes)};
  const std::string bare = l.add("ConvTranspose", {l.x(), l.weight("weight")}, attributes);
  const std::string whole = l.add("Pad", {bare, l.graph.integers("pads", rest.both(2))});
  if (!l.flag("bias", true)) return {whole};
  Integers behind(axes);
  std::iota(behind.begin(), behind.end(), 1);
  return {l.add("Add", {whole, l.unsqueeze(l.weight("bias"), behind)})};
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
