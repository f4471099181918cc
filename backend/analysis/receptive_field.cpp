#include "backend/analysis/receptive_field.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace netwright {

namespace {

using Span = AxisTrack::Span;

/// Upsampling by coprime factors again and again would need ever more phases; from here on a bound must do.
constexpr std::int64_t most_phases = 1024;
/// Fields grow beyond this only in absurd networks; there the figures stop growing instead of wrapping round.
constexpr std::int64_t farthest = std::int64_t{1} << 40;

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return -floor_div(-a, b);
}

std::int64_t count(const AxisTrack& track) {
  return static_cast<std::int64_t>(track.phases.size());
}

/// What position `j` sees; positions outside the layer's output (padding) count as well.
Span span_at(const AxisTrack& track, std::int64_t j) {
  const std::int64_t turn = floor_div(j, count(track));
  const Span& phase = track.phases[static_cast<std::size_t>(j - turn * count(track))];
  return {phase.start + turn * track.stride, phase.end + turn * track.stride};
}

/// Where the phases repeat among themselves, fewer do.
AxisTrack with_fewest_phases(AxisTrack track) {
  for (std::int64_t fewer = 1; fewer < count(track); ++fewer) {
    if (count(track) % fewer != 0 || track.stride % (count(track) / fewer) != 0) continue;
    AxisTrack candidate = track;
    candidate.phases.resize(static_cast<std::size_t>(fewer));
    candidate.stride = track.stride / (count(track) / fewer);
    bool is_same = true;
    for (std::int64_t i = fewer; is_same && i < count(track); ++i) {
      is_same = span_at(candidate, i) == track.phases[static_cast<std::size_t>(i)];
    }
    if (is_same) return candidate;
  }
  return track;
}

/// What positions [first, last] see together. Starts and ends of later phases may lie before those of earlier ones, but
/// not of the turn before.
Span span_over(const AxisTrack& track, std::int64_t first, std::int64_t last) {
  Span all = span_at(track, first);
  const std::int64_t head = std::min(last, first + count(track) - 1);
  for (std::int64_t j = first + 1; j <= head; ++j) all.start = std::min(all.start, span_at(track, j).start);
  for (std::int64_t j = std::max(first, last - count(track) + 1); j <= last; ++j)
    all.end = std::max(all.end, span_at(track, j).end);
  return all;
}

bool has_gaps(const AxisTrack& track) {
  if (track.positions.value_or(2) < 2) return false;
  const std::int64_t last = std::min(track.positions.value_or(count(track) + 1), count(track) + 1);
  for (std::int64_t j = 0; j + 1 < last; ++j) {
    if (span_at(track, j).end < span_at(track, j + 1).start) return true;
  }
  return false;
}

/// All positions together, cut to the input: what a layer sees that mixes the whole axis.
AxisTrack swept(const AxisTrack& track) {
  AxisTrack all = track;
  all.stride = 0;
  if (!track.input_size) {
    all.phases = {span_at(track, 0)};
    all.is_bound = true;
    return all;
  }
  const std::int64_t size = *track.input_size;
  if (track.is_whole || !track.positions) {
    all.phases = {{0, size}};
    all.is_whole = true;
    all.is_bound = false;
    return all;
  }
  Span seen = span_over(track, 0, *track.positions - 1);
  seen.start = std::clamp<std::int64_t>(seen.start, 0, size);
  seen.end = std::clamp<std::int64_t>(seen.end, seen.start, size);
  all.phases = {seen};
  // Gaps between windows make it less than the interval, which stays the bound.
  const bool gaps = has_gaps(track);
  all.is_whole = seen.end - seen.start == size && !gaps;
  all.is_bound = track.is_bound || gaps;
  return all;
}

AxisTrack through(const AxisTrack& track, const AxisWindow& window) {
  if (window.everything) return swept(track);
  if (track.is_whole) return track;
  // After this many outputs the window is back at the same phase, a whole number of turns on.
  const std::int64_t turn = window.divisor * count(track);
  const std::int64_t phases = turn / std::gcd(window.stride, turn);
  const std::int64_t turns = phases * window.stride / turn;
  const double reach = (std::abs(static_cast<double>(window.extent)) + std::abs(static_cast<double>(window.before)) +
                        static_cast<double>(window.stride)) *
                       static_cast<double>(std::max<std::int64_t>(track.stride, 1));
  if (phases > most_phases || reach > static_cast<double>(farthest)) {
    AxisTrack bound = swept(track);
    bound.is_bound = true;
    return bound;
  }
  AxisTrack next = track;
  next.is_bound = track.is_bound || window.is_bound;
  next.phases.clear();
  next.stride = turns * track.stride;
  for (std::int64_t i = 0; i < phases; ++i) {
    const std::int64_t low = i * window.stride - window.before;
    const std::int64_t first = ceil_div(low, window.divisor);
    const std::int64_t last = floor_div(low + window.extent - 1, window.divisor);
    if (first > last) {
      const std::int64_t nowhere = span_at(track, first).start;
      next.phases.push_back({nowhere, nowhere});
      next.is_bound = true;  // a window with gaps may meet only such
    } else {
      next.phases.push_back(span_over(track, first, last));
    }
  }
  return with_fewest_phases(std::move(next));
}

/// One span that moves on evenly and holds what each of the first `positions` sees in either. On every phase both move
/// evenly, so that the ends say enough.
AxisTrack around(const AxisTrack& a, const AxisTrack& b, std::int64_t positions) {
  const std::int64_t turn = std::lcm(count(a), count(b));
  std::vector<std::int64_t> places;
  for (std::int64_t i = 0; i < std::min(turn, positions); ++i) places.push_back(i);
  for (std::int64_t i = std::max(turn, positions - turn); i < positions; ++i) places.push_back(i);
  AxisTrack best = a;
  best.is_bound = true;
  best.phases.clear();
  for (const std::int64_t stride : {a.stride / count(a), b.stride / count(b), std::int64_t{0}}) {
    Span all{std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()};
    for (const std::int64_t i : places) {
      for (const AxisTrack* track : {&a, &b}) {
        const Span seen = span_at(*track, i);
        all.start = std::min(all.start, seen.start - i * stride);
        all.end = std::max(all.end, seen.end - i * stride);
      }
    }
    const Span* narrowest = best.phases.empty() ? nullptr : &best.phases.front();
    if (narrowest && narrowest->end - narrowest->start <= all.end - all.start) continue;
    best.phases = {all};
    best.stride = stride;
  }
  return best;
}

AxisTrack joined(const AxisTrack& a, const AxisTrack& other) {
  // Along different axes of the output (MatMul), each position of the one meets all of the other.
  const bool is_crossed = a.at >= 0 && other.at >= 0 && a.at != other.at;
  const AxisTrack b = is_crossed ? swept(other) : other;
  const AxisTrack& placed = a.at == AxisWindow::gone ? b : a;
  AxisTrack all = a.is_whole ? a : b;
  if (a.is_whole || b.is_whole) {
    all.is_whole = true;
    all.is_bound = false;
  } else {
    const std::int64_t phases = std::lcm(count(a), count(b));
    const bool keep_step = a.stride * count(b) == b.stride * count(a) && phases <= most_phases;
    all.phases.clear();
    if (keep_step) {
      for (std::int64_t i = 0; i < phases; ++i) {
        const Span one = span_at(a, i);
        const Span two = span_at(b, i);
        all.phases.push_back({std::min(one.start, two.start), std::max(one.end, two.end)});
      }
      all.stride = a.stride * (phases / count(a));
      all.is_bound = a.is_bound || b.is_bound;
      all = with_fewest_phases(std::move(all));
    } else {
      all = around(a, b, std::max<std::int64_t>(placed.positions.value_or(1), 1));
      all.is_bound = true;
    }
  }
  all.at = placed.at;
  all.is_folded = a.is_folded || b.is_folded;
  all.positions = std::max(a.positions, b.positions);
  all.input_size = std::max(a.input_size, b.input_size);
  return all;
}

}  // namespace

CarriedField field_of_input(const Shape& input) {
  CarriedField carried(input.rank());
  for (std::size_t axis = 0; axis < carried.size(); ++axis) {
    carried[axis].is_whole = input[axis] == 1;
    carried[axis].at = static_cast<int>(axis);
    carried[axis].input_size = input[axis];
    carried[axis].positions = input[axis];
  }
  return carried;
}

CarriedField carry(const CarriedField& before, const std::vector<AxisWindow>& windows, const Shape& input,
                   const Shape& output) {
  CarriedField after;
  after.reserve(before.size());
  const int shift = static_cast<int>(output.rank()) - static_cast<int>(input.rank());
  for (const AxisTrack& track : before) {
    if (track.at < 0) {
      after.push_back(track);
      continue;
    }
    const auto axis = static_cast<std::size_t>(track.at);
    const AxisWindow window = axis < windows.size() ? windows[axis] : AxisWindow{};
    const bool is_plain = window.extent == 1 && window.stride == 1 && window.divisor == 1 && !window.everything;
    AxisTrack next = track;
    if (track.is_folded) {
      // Of what is laid out with others a window can't say which positions it takes.
      if (!is_plain || window.to == AxisWindow::gone) {
        next = swept(track);
        next.is_bound = next.is_bound || !window.everything;
      }
    } else {
      next = through(track, window);
    }
    const int place = track.at + shift;
    const bool is_stretched =
        windows.empty() && input[axis] == 1 && place >= 0 && output[static_cast<std::size_t>(place)].value_or(1) > 1;
    if (is_stretched) {
      next.phases = {span_at(track, 0)};
      next.stride = 0;
    }
    next.at = window.to == AxisWindow::same ? track.at + (windows.empty() ? shift : 0) : window.to;
    if (next.at >= static_cast<int>(output.rank())) next.at = AxisWindow::gone;
    next.is_folded = (track.is_folded && !window.everything) || window.is_folded;
    if (next.at >= 0 && !next.is_folded) next.positions = output[static_cast<std::size_t>(next.at)];
    if (next.at == AxisWindow::gone) {
      next.phases = {span_at(next, 0)};
      next.stride = 0;
      next.positions = 1;
    }
    after.push_back(std::move(next));
  }
  return after;
}

CarriedField merge(std::span<const CarriedField> branches) {
  CarriedField all = branches.front();
  for (const CarriedField& branch : branches.subspan(1)) {
    if (branch.empty()) continue;
    if (all.size() != branch.size()) {
      // Inputs of different ranks: the one with more axes says what it can.
      if (all.size() < branch.size()) all = branch;
      continue;
    }
    for (std::size_t axis = 0; axis < all.size(); ++axis) all[axis] = joined(all[axis], branch[axis]);
  }
  return all;
}

ReceptiveField summary_of(const CarriedField& carried, std::size_t first, std::size_t count) {
  ReceptiveField field;
  for (std::size_t axis = first; axis < std::min(first + count, carried.size()); ++axis) {
    const AxisTrack& track = carried[axis];
    AxisField summary{.size = 0,
                      .stride = track.stride,
                      .period = static_cast<std::int64_t>(track.phases.size()),
                      .start = track.phases.front().start,
                      .is_whole = track.is_whole,
                      .is_bound = track.is_bound};
    const auto size_of = [](const Span& span) { return span.end - span.start; };
    for (const Span& phase : track.phases) summary.size = std::max(summary.size, size_of(phase));
    const bool is_even = std::all_of(track.phases.begin(), track.phases.end(),
                                     [&](const Span& phase) { return size_of(phase) == summary.size; });
    summary.is_bound = summary.is_bound || !is_even;
    if (summary.is_whole) summary.stride = 0;
    if (summary.stride == 0) summary.period = 1;
    field.push_back(summary);
  }
  return field;
}

}  // namespace netwright
