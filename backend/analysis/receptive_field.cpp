#include "backend/analysis/receptive_field.h"

#include <algorithm>

#include "backend/core/numbers.h"

namespace netwright {

namespace {

std::int64_t end_of(const AxisField& axis) {
  return axis.start + axis.size;
}

/// All positions together, cut to the input: what a layer sees that mixes the whole axis.
AxisField swept(const AxisField& axis, const Dim& positions, const Dim& input) {
  if (!input) return {.size = axis.size, .stride = 0, .start = axis.start, .is_bound = true};
  AxisField all{.size = *input, .stride = 0, .start = 0, .is_whole = true};
  if (!positions || axis.is_whole) return all;
  const std::int64_t first = std::max<std::int64_t>(axis.start, 0);
  const std::int64_t last = std::min(end_of(axis) + axis.stride * (*positions - 1), *input);
  // Gaps between windows (a stride beyond the size) make it less than the interval; it stays the bound.
  const bool has_gaps = axis.stride > axis.size && *positions > 1;
  all.start = first;
  all.size = std::max<std::int64_t>(last - first, 0);
  all.is_whole = all.size == *input && !has_gaps;
  all.is_bound = axis.is_bound || has_gaps;
  return all;
}

AxisField through(const AxisField& axis, const AxisWindow& window, const Dim& positions, const Dim& input) {
  if (window.everything) return swept(axis, positions, input);
  if (axis.is_whole) return axis;
  AxisField next = axis;
  // Fields grow without bound only in absurd networks; there the figure stops growing instead of wrapping round.
  const auto grown = checked_add(axis.size, checked_multiply(window.extent - 1, axis.stride));
  next.size = grown.value_or(axis.size);
  next.start = axis.start - checked_multiply(window.before, axis.stride).value_or(0);
  next.stride = checked_multiply(axis.stride, window.stride).value_or(axis.stride);
  next.is_bound = axis.is_bound || window.is_bound;
  return next;
}

AxisField joined(const AxisField& a, const AxisField& b, const Dim& positions) {
  if (a.is_whole) return a;
  if (b.is_whole) return b;
  AxisField all{.size = 0,
                .stride = std::max(a.stride, b.stride),
                .start = std::min(a.start, b.start),
                .is_bound = a.is_bound || b.is_bound};
  all.size = std::max(end_of(a), end_of(b)) - all.start;
  if (a.stride == b.stride) return all;
  // The union's size is a convex function of the position, so it is largest at an end.
  const std::int64_t last = positions.value_or(1) - 1;
  const std::int64_t first_there = std::min(a.start + a.stride * last, b.start + b.stride * last);
  const std::int64_t size_there = std::max(end_of(a) + a.stride * last, end_of(b) + b.stride * last) - first_there;
  all.size = std::max(all.size, size_there);
  all.is_bound = true;
  return all;
}

}  // namespace

CarriedField field_of_input(const Shape& input) {
  CarriedField carried;
  for (std::size_t axis = 1; axis < input.rank(); ++axis) {
    carried.field.push_back({.size = 1, .stride = 1, .start = 0, .is_whole = input[axis] == 1});
    carried.input_sizes.push_back(input[axis]);
    carried.positions.push_back(input[axis]);
  }
  return carried;
}

CarriedField carry(const CarriedField& before, const std::vector<AxisWindow>& windows, const Shape& output) {
  CarriedField after = before;
  const bool mixes_features =
      std::any_of(windows.begin(), windows.end(), [](const AxisWindow& window) { return window.everything; });
  const std::size_t axes = before.field.size();
  for (std::size_t axis = 0; axis < axes; ++axis) {
    AxisWindow window;
    if (before.is_spread) {
      window.everything = mixes_features;
    } else if (windows.size() == axes) {
      window = windows[axis];
    }
    after.field[axis] = through(before.field[axis], window, before.positions[axis], before.input_sizes[axis]);
  }
  if (before.is_spread) {
    after.is_spread = !mixes_features;
  } else if (output.rank() == axes + 1) {
    for (std::size_t axis = 0; axis < axes; ++axis) after.positions[axis] = output[axis + 1];
  } else {
    after.is_spread = true;
  }
  return after;
}

CarriedField merge(std::span<const CarriedField> branches) {
  CarriedField all = branches.front();
  for (const CarriedField& branch : branches.subspan(1)) {
    if (branch.field.empty()) continue;
    if (all.field.size() != branch.field.size()) {
      // Inputs of different ranks: the one with axes says what it can.
      if (all.field.empty()) all = branch;
      continue;
    }
    for (std::size_t axis = 0; axis < all.field.size(); ++axis) {
      const Dim positions = std::max(all.positions[axis], branch.positions[axis]);
      all.field[axis] = joined(all.field[axis], branch.field[axis], positions);
      all.positions[axis] = positions;
    }
    all.is_spread = all.is_spread || branch.is_spread;
  }
  return all;
}

}  // namespace netwright
