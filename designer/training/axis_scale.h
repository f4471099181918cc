#pragma once
// Ranges and ticks of a plot's axes, worked out from finite values only.

#include <string>
#include <vector>

#include "designer/training/series_decimation.h"

namespace netwright {

struct Tick {
  double at;  ///< a place on the axis: the value, or its log10
  std::string text;
};

/// Round values (1, 2, 5 times a power of ten) within the range, about `count` of them.
std::vector<Tick> linear_ticks(Range range, int count);
/// The same for a range of log10 values: powers of ten, with 2 and 5 between where few fit.
std::vector<Tick> log_ticks(Range range, int count);

/// Least and greatest finite value within the visible x, joined with `range` where `has_range`; false if none is
/// finite.
bool join_finite_range(const Curve& curve, Range visible, Range& range, bool has_range);
/// A little air around the range, never of no width; starts at 0 where a non-negative range comes near to it.
Range with_air(Range range, bool is_log);

/// The curve with log10(y) for y; not-a-number where y isn't above 0.
Curve in_decades(const Curve& curve);

/// Four significant digits: `0.3127`, `12.35`, `1.2e-05`.
std::string figure_text(double value);

}  // namespace netwright
