#pragma once
// Curves of any length, brought to what a plot of so many pixels can show without losing a peak.

#include <cstddef>
#include <vector>

namespace netwright {

/// Points of a curve in the order in which they came; x never decreases and is finite, y may be anything.
struct Curve {
  std::vector<double> x;
  std::vector<double> y;

  std::size_t size() const { return x.size(); }
  void add(double at, double value) {
    x.push_back(at);
    y.push_back(value);
  }
  bool operator==(const Curve&) const = default;
};
/// Values at `from`, `from` + 1, ...
Curve curve_of(const std::vector<double>& values, int from);

struct Range {
  double low = 0;
  double high = 1;
  double width() const { return high - low; }
  bool contains(double value) const { return value >= low && value <= high; }
  bool operator==(const Range&) const = default;
};

struct Decimated {
  /// Pieces of line, each at least one point; between two pieces lies a value that isn't finite.
  std::vector<Curve> segments;
  /// Where values aren't finite: one x per pixel column that holds any.
  std::vector<double> gaps;
};

/// Of each of the `columns` of the visible range, the first, least, greatest and last finite value, in order; one
/// point beyond either edge, so that the line runs on to it. At most 4·columns + 2 points in columns + 2 segments.
Decimated decimate(const Curve& curve, Range visible, int columns);

/// The bias-corrected exponential mean: s ← βs + (1 − β)y, shown as s / (1 − βᵗ) (Kingma and Ba, 2015, section 3).
/// Values that aren't finite stay as they are and leave the mean untouched. β in [0, 1).
std::vector<double> smoothed(const std::vector<double>& values, double beta);

}  // namespace netwright
