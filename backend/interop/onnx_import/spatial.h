#pragma once
// What convolutions, pools and Pad share.

#include "backend/interop/onnx_import/translation.h"

namespace netwright::onnx_import {

/// Padding of each spatial axis.
struct Padding {
  Integers before;
  Integers after;
  bool is_symmetric() const { return before == after; }
};

/// By the attributes pads or auto_pad, for an input of `sizes` along the spatial axes.
Result<Padding> padding_of(const Node& node, const Integers& sizes, const Integers& kernel, const Integers& stride,
                           const Integers& dilation);
/// `count` numbers of the attribute, or as many times 1 where it isn't given.
Result<Integers> per_axis(const Node& node, const char* attribute, std::size_t count);
/// Draws a Pad over the last axes.
Result<Tensor> padded(Translation& translation, const Tensor& tensor, const Padding& padding, double value,
                      const std::string& mode = "constant");
/// `Conv` and 2 -> `Conv2d`.
std::string with_dimensions(const std::string& stem, std::size_t dimensions);

/// The node's first output is a drawn layer's first, plainly: batch, then the places.
void give_plain(Translation& translation, const Node& node, const Drawn& drawn);
/// The same layout as before: what works on each number for itself.
void give_alike(Translation& translation, const Node& node, const Drawn& drawn, const Tensor& like);

}  // namespace netwright::onnx_import
