#include "designer/training/series_decimation.h"

#include <algorithm>
#include <cmath>

namespace netwright {
namespace {

/// What one pixel column holds: indices of its first, least, greatest and last finite value, and where its gaps are.
struct PixelColumn {
  std::size_t first = 0;
  std::size_t least = 0;
  std::size_t greatest = 0;
  std::size_t last = 0;
  bool has_value = false;
  bool gap_before = false;
  bool gap_after = false;

  void add(const Curve& curve, std::size_t index) {
    if (!std::isfinite(curve.y[index])) {
      (has_value ? gap_after : gap_before) = true;
      return;
    }
    if (!has_value) {
      first = least = greatest = index;
      has_value = true;
    }
    last = index;
    if (curve.y[index] < curve.y[least]) least = index;
    if (curve.y[index] > curve.y[greatest]) greatest = index;
  }
};

class Pieces {
 public:
  Pieces(const Curve& curve, Decimated& out) : curve_(curve), out_(out) {}

  void add(const PixelColumn& column) {
    if (column.gap_before) is_broken_ = true;
    if (column.has_value) {
      std::size_t kept[] = {column.first, column.least, column.greatest, column.last};
      std::sort(std::begin(kept), std::end(kept));
      std::for_each(std::begin(kept), std::unique(std::begin(kept), std::end(kept)),
                    [this](std::size_t index) { add_point(index); });
    }
    if (column.gap_after) is_broken_ = true;
  }

 private:
  void add_point(std::size_t index) {
    if (is_broken_ || out_.segments.empty()) out_.segments.emplace_back();
    is_broken_ = false;
    out_.segments.back().add(curve_.x[index], curve_.y[index]);
  }

  const Curve& curve_;
  Decimated& out_;
  bool is_broken_ = false;
};

}  // namespace

Decimated decimate(const Curve& curve, Range visible, int columns) {
  Decimated out;
  if (columns < 1 || curve.size() == 0 || !(visible.width() > 0)) return out;

  const auto begin = curve.x.begin();
  auto first = static_cast<std::size_t>(std::lower_bound(begin, curve.x.end(), visible.low) - begin);
  auto last = static_cast<std::size_t>(std::upper_bound(begin, curve.x.end(), visible.high) - begin);

  Pieces pieces(curve, out);
  const auto add_single = [&](std::size_t index) {
    PixelColumn column;
    column.add(curve, index);
    pieces.add(column);
  };
  if (first > 0) add_single(first - 1);
  const double per_column = visible.width() / columns;
  int number = -1;
  PixelColumn column;
  double gap = std::nan("");
  const auto finish = [&] {
    pieces.add(column);
    if (!std::isnan(gap)) out.gaps.push_back(gap);
    column = {};
    gap = std::nan("");
  };
  for (std::size_t index = first; index < last; ++index) {
    const int place = std::min(columns - 1, static_cast<int>((curve.x[index] - visible.low) / per_column));
    if (place != number && number >= 0) finish();
    number = place;
    column.add(curve, index);
    if (std::isnan(gap) && !std::isfinite(curve.y[index])) gap = curve.x[index];
  }
  if (number >= 0) finish();
  if (last < curve.size()) add_single(last);
  return out;
}

std::vector<double> smoothed(const std::vector<double>& values, double beta) {
  std::vector<double> out(values.size());
  double mean = 0;
  double weight = 0;  // 1 − βᵗ
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      out[i] = values[i];
      continue;
    }
    mean = beta * mean + (1 - beta) * values[i];
    weight = beta * weight + (1 - beta);
    out[i] = mean / weight;
  }
  return out;
}

Curve curve_of(const std::vector<double>& values, int from) {
  Curve curve;
  for (std::size_t i = 0; i < values.size(); ++i) curve.add(from + static_cast<double>(i), values[i]);
  return curve;
}

}  // namespace netwright
