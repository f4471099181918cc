#pragma once
// What nodes say of axes and sizes, by attributes or inputs as their opset has it.

#include <optional>
#include <vector>

#include "backend/interop/onnx_import/graph.h"

namespace netwright::onnx_import {

/// The sizes that a Reshape asks for: 0 keeps the input's, -1 is what is left over. Nothing where they don't fit.
std::optional<Sizes> reshape_sizes(const Sizes& input, const std::vector<std::int64_t>& wanted, bool allows_zero);
/// Of numpy's broadcasting; nothing where the sizes don't fit.
std::optional<Sizes> broadcast_sizes(const Sizes& a, const Sizes& b);
/// Counted from the front; nothing where there is no such axis.
std::optional<std::size_t> axis_at(std::int64_t axis, std::size_t rank);

/// What a Slice takes of one axis: `count` indices from `start` on, by `step`.
struct SliceRange {
  std::size_t axis = 0;
  std::int64_t start = 0;
  std::int64_t count = 0;
  std::int64_t step = 1;
};
/// Of a Slice node by its inputs (opset 10 and later) or attributes; nothing where a bound isn't known.
std::optional<std::vector<SliceRange>> slice_ranges(const Node& node, const std::vector<const Constant*>& inputs,
                                                    const Sizes& sizes);
/// The sizes of a Split's parts along its axis.
std::optional<std::vector<std::int64_t>> split_sizes(const Node& node, const std::vector<const Constant*>& inputs,
                                                     std::int64_t size);
/// The axes of Squeeze, Unsqueeze and the reductions: an attribute, or input `index` in later opsets; empty where none
/// are given, nothing where they aren't known or don't exist in `rank`.
std::optional<std::vector<std::size_t>> axes_of(const Node& node, const std::vector<const Constant*>& inputs,
                                                std::size_t index, std::size_t rank);

}  // namespace netwright::onnx_import
