#include "backend/interop/onnx_import/spatial.h"

#include <fmt/format.h>

#include <algorithm>

namespace netwright::onnx_import {

Result<Integers> per_axis(const Node& node, const char* attribute, std::size_t count) {
  Integers numbers = node.integers(attribute);
  if (numbers.empty()) numbers.assign(count, 1);
  if (numbers.size() != count) {
    return Error{fmt::format("its {} has {} numbers for {} axes", attribute, numbers.size(), count)};
  }
  constexpr std::int64_t largest = 1'000'000;
  for (const std::int64_t number : numbers) {
    if (number < 1 || number > largest) return Error{fmt::format("its {} of {} makes no sense", attribute, number)};
  }
  return numbers;
}

Result<Padding> padding_of(const Node& node, const Integers& sizes, const Integers& kernel, const Integers& stride,
                           const Integers& dilation) {
  const std::size_t count = sizes.size();
  const std::string mode = node.text("auto_pad", "NOTSET");
  if (mode == "VALID") return Padding{Integers(count, 0), Integers(count, 0)};
  if (mode == "SAME_UPPER" || mode == "SAME_LOWER") {
    Padding padding;
    for (std::size_t axis = 0; axis < count; ++axis) {
      const std::int64_t outputs = (sizes[axis] + stride[axis] - 1) / stride[axis];
      const std::int64_t extent = dilation[axis] * (kernel[axis] - 1) + 1;
      const std::int64_t total = std::max<std::int64_t>(0, (outputs - 1) * stride[axis] + extent - sizes[axis]);
      const std::int64_t less = total / 2;
      padding.before.push_back(mode == "SAME_UPPER" ? less : total - less);
      padding.after.push_back(mode == "SAME_UPPER" ? total - less : less);
    }
    return padding;
  }
  if (mode != "NOTSET") return Error{fmt::format("its auto_pad {:.50} isn't known", mode)};
  const Integers pads = node.integers("pads");
  if (pads.empty()) return Padding{Integers(count, 0), Integers(count, 0)};
  if (pads.size() != 2 * count) return Error{"its pads don't fit its input"};
  constexpr std::int64_t largest = 1'000'000;
  for (const std::int64_t pad : pads) {
    if (pad < 0 || pad > largest) return Error{fmt::format("its pad of {} makes no sense", pad)};
  }
  const auto middle = pads.begin() + static_cast<std::ptrdiff_t>(count);
  return Padding{Integers(pads.begin(), middle), Integers(middle, pads.end())};
}

Result<Tensor> padded(Translation& translation, const Tensor& tensor, const Padding& padding, double value,
                      const std::string& mode) {
  Integers pad;  // PyTorch begins at the last axis
  for (std::size_t axis = padding.before.size(); axis-- > 0;) {
    pad.push_back(padding.before[axis]);
    pad.push_back(padding.after[axis]);
  }
  const auto drawn = translation.draw("Pad", "", {{"pad", pad}, {"mode", mode}, {"value", value}}, {tensor});
  if (!drawn) return drawn.error();
  return Tensor{drawn->port(), Layout::plain(translation.batch_size(), drawn->outputs.front()), tensor.is_real};
}

std::string with_dimensions(const std::string& stem, std::size_t dimensions) {
  return fmt::format("{}{}d", stem, dimensions);
}

void give_plain(Translation& translation, const Node& node, const Drawn& drawn) {
  translation.set(node.output(0),
                  Tensor{drawn.port(), Layout::plain(translation.batch_size(), drawn.outputs.front()), true});
}

void give_alike(Translation& translation, const Node& node, const Drawn& drawn, const Tensor& like) {
  translation.set(node.output(0), Tensor{drawn.port(), like.layout, like.is_real});
}

}  // namespace netwright::onnx_import
