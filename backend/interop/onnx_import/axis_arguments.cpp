#include "backend/interop/onnx_import/axis_arguments.h"

#include <algorithm>

#include "backend/core/numbers.h"

namespace netwright::onnx_import {

std::optional<Sizes> reshape_sizes(const Sizes& input, const std::vector<std::int64_t>& wanted, bool allows_zero) {
  Sizes sizes = wanted;
  std::optional<std::size_t> open;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] == 0 && !allows_zero) {
      if (i >= input.size()) return std::nullopt;
      sizes[i] = input[i];
    }
    if (sizes[i] < -1 || (sizes[i] == -1 && open)) return std::nullopt;
    if (sizes[i] == -1) open = i;
  }
  const auto total = elements_of(input);
  if (open) sizes[*open] = 1;
  const auto known = elements_of(sizes);
  if (!total || !known) return std::nullopt;
  if (open) {
    if (*known == 0 || *total % *known != 0) return std::nullopt;
    sizes[*open] = *total / *known;
    return sizes;
  }
  return *total == *known ? std::optional(sizes) : std::nullopt;
}

std::optional<Sizes> broadcast_sizes(const Sizes& a, const Sizes& b) {
  Sizes sizes(std::max(a.size(), b.size()), 1);
  for (const Sizes* own : {&a, &b}) {
    const std::size_t lead = sizes.size() - own->size();
    for (std::size_t i = 0; i < own->size(); ++i) {
      if ((*own)[i] < 0) return std::nullopt;
      if ((*own)[i] == 1) continue;
      if (sizes[lead + i] != 1 && sizes[lead + i] != (*own)[i]) return std::nullopt;
      sizes[lead + i] = (*own)[i];
    }
  }
  return sizes;
}

std::optional<std::size_t> axis_at(std::int64_t axis, std::size_t rank) {
  if (axis < 0) axis += static_cast<std::int64_t>(rank);
  if (axis < 0 || axis >= static_cast<std::int64_t>(rank)) return std::nullopt;
  return static_cast<std::size_t>(axis);
}

std::optional<std::vector<SliceRange>> slice_ranges(const Node& node, const std::vector<const Constant*>& inputs,
                                                    const Sizes& sizes) {
  const auto list = [&](std::size_t index, const char* attribute) -> std::optional<std::vector<std::int64_t>> {
    if (node.has(attribute)) return node.integers(attribute);
    if (index >= node.inputs.size() || node.inputs[index] == no_value) return std::vector<std::int64_t>();
    if (index >= inputs.size() || !inputs[index] || inputs[index]->is_missing()) return std::nullopt;
    return inputs[index]->all_whole();
  };
  const auto starts = list(1, "starts");
  const auto ends = list(2, "ends");
  auto axes = list(3, "axes");
  auto steps = list(4, "steps");
  if (!starts || !ends || !axes || !steps || starts->size() != ends->size()) return std::nullopt;
  if (axes->empty()) {
    for (std::size_t i = 0; i < starts->size(); ++i) axes->push_back(static_cast<std::int64_t>(i));
  }
  if (steps->empty()) steps->assign(starts->size(), 1);
  if (axes->size() != starts->size() || steps->size() != starts->size()) return std::nullopt;
  std::vector<SliceRange> ranges;
  for (std::size_t i = 0; i < starts->size(); ++i) {
    const auto axis = axis_at((*axes)[i], sizes.size());
    const std::int64_t step = (*steps)[i];
    constexpr std::int64_t largest_step = std::int64_t{1} << 40;
    if (!axis || step == 0 || std::abs(step) > largest_step) return std::nullopt;
    for (const SliceRange& other : ranges) {
      if (other.axis == *axis) return std::nullopt;
    }
    const std::int64_t size = sizes[*axis];
    const auto bounded = [&](std::int64_t at) {
      if (at < 0) at = at < -size ? -1 : at + size;
      return step > 0 ? std::clamp<std::int64_t>(at, 0, size) : std::clamp<std::int64_t>(at, -1, size - 1);
    };
    const std::int64_t start = bounded((*starts)[i]);
    const std::int64_t end = bounded((*ends)[i]);
    const std::int64_t span = step > 0 ? end - start : start - end;
    const std::int64_t pace = std::abs(step);
    ranges.push_back({*axis, start, span > 0 ? (span + pace - 1) / pace : 0, step});
  }
  return ranges;
}

std::optional<std::vector<std::int64_t>> split_sizes(const Node& node, const std::vector<const Constant*>& inputs,
                                                     std::int64_t size) {
  std::vector<std::int64_t> parts = node.integers("split");
  if (parts.empty() && node.input(1) != no_value) {
    if (inputs.size() < 2 || !inputs[1] || inputs[1]->is_missing()) return std::nullopt;
    parts = inputs[1]->all_whole();
  }
  if (parts.empty()) {
    const auto count = static_cast<std::int64_t>(node.outputs.size());
    if (count == 0) return std::nullopt;
    const std::int64_t part = (size + count - 1) / count;
    for (std::int64_t start = 0; start < size; start += part) parts.push_back(std::min(part, size - start));
  }
  std::optional<std::int64_t> total = 0;
  for (const std::int64_t part : parts) total = part < 0 ? std::nullopt : checked_add(total, part);
  if (total != size || parts.size() != node.outputs.size()) return std::nullopt;
  return parts;
}

std::optional<std::vector<std::size_t>> axes_of(const Node& node, const std::vector<const Constant*>& inputs,
                                                std::size_t index, std::size_t rank) {
  std::vector<std::int64_t> given = node.integers("axes");
  if (!node.has("axes") && node.input(index) != no_value) {
    if (index >= inputs.size() || !inputs[index] || inputs[index]->is_missing()) return std::nullopt;
    given = inputs[index]->all_whole();
  }
  std::vector<std::size_t> axes;
  for (const std::int64_t axis : given) {
    const auto at = axis_at(axis, rank);
    if (!at || std::find(axes.begin(), axes.end(), *at) != axes.end()) return std::nullopt;
    axes.push_back(*at);
  }
  return axes;
}

}  // namespace netwright::onnx_import
