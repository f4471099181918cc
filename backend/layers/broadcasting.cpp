#include "backend/layers/broadcasting.h"

#include <fmt/format.h>

#include <algorithm>

namespace netwright {

namespace {

/// A 1×1 convolution on the port that would make `from` fit `to` (He et al. 2015, "projection shortcut"); nothing
/// where no whole stride does.
std::vector<FixHint> projection(int port, const Shape& from, const Shape& to) {
  if (from.rank() != 3 || to.rank() != 3 || !from.is_known() || !to.is_known()) return {};
  Integers stride;
  for (std::size_t axis = 1; axis < 3; ++axis) {
    const std::int64_t step = (*from[axis] + *to[axis] - 1) / *to[axis];
    if ((*from[axis] - 1) / step + 1 != *to[axis]) return {};
    stride.push_back(step);
  }
  return {
      {fmt::format("Project input {} to {}", port + 1, to.to_string()),
       InsertBefore{port, "Conv2d", {{"out_channels", *to[0]}, {"kernel_size", Integers{1, 1}}, {"stride", stride}}}}};
}

/// Ones after (C to C×1×1, a weight per channel), else before (F to 1×F) what has fewer axes, where that fits.
std::vector<FixHint> more_axes(int port, const Shape& from, const Shape& to) {
  if (from.rank() >= to.rank() || !from.is_known() || from.rank() == 0) return {};
  for (const bool is_after : {true, false}) {
    std::vector<Dim> dims = from.dims();
    dims.insert(is_after ? dims.end() : dims.begin(), to.rank() - from.rank(), Dim(1));
    const Shape widened(std::move(dims));
    if (!broadcast(widened, to)) continue;
    Integers sizes;
    for (const Dim& dim : widened.dims()) sizes.push_back(*dim);
    return {{fmt::format("Reshape input {} to {}", port + 1, widened.to_string()),
             InsertBefore{port, "Reshape", {{"shape", sizes}}}}};
  }
  return {};
}

}  // namespace

std::optional<Shape> broadcast(const Shape& a, const Shape& b) {
  if (a.rank() != b.rank()) return std::nullopt;
  Shape result = a;
  for (std::size_t axis = 0; axis < a.rank(); ++axis) {
    if (!a[axis] || !b[axis]) {
      // 1 may still be stretched; anything else is the result's size.
      if (b[axis].value_or(1) != 1) result[axis] = b[axis];
      if (result[axis] == 1) result[axis] = std::nullopt;
    } else if (*a[axis] == 1) {
      result[axis] = b[axis];
    } else if (*b[axis] != *a[axis] && *b[axis] != 1) {
      return std::nullopt;
    }
  }
  return result;
}

ShapeResult broadcast_shapes(const LayerView& view, const std::string& type) {
  Shape result = view.input(0);
  for (std::size_t port = 1; port < view.inputs.size(); ++port) {
    const Shape& other = view.input(port);
    if (const auto joined = broadcast(result, other)) {
      result = *joined;
      continue;
    }
    const auto number = static_cast<int>(port);
    const Shape& first = view.input(0);
    ShapeProblem problem{.message = fmt::format("{} needs inputs of one shape; input {} differs.", type, port + 1),
                         .expected = first.to_string(),
                         .actual = other.to_string(),
                         .port = number,
                         .setting = {}};
    for (const auto& fixes : {projection(number, other, first), projection(0, first, other),
                              more_axes(number, other, first), more_axes(0, first, other)}) {
      problem.fixes.insert(problem.fixes.end(), fixes.begin(), fixes.end());
    }
    return problem;
  }
  return std::vector<Shape>{result};
}

std::string input_list(const LayerView& view, const char* separator) {
  std::string text;
  for (const Shape& input : view.inputs) text += (text.empty() ? "" : separator) + input.to_string();
  return text;
}

}  // namespace netwright
