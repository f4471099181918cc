#include "designer/training/axis_scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace netwright {
namespace {

double round_step(double rough) {
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  const double part = rough / power;
  return power * (part < 1 + 1e-9 ? 1 : part < 2 + 1e-9 ? 2 : part < 5 + 1e-9 ? 5 : 10);
}

std::string text_of(double value, double step) {
  const double size = std::max(std::abs(value), step);
  if (size >= 1e6 || step < 1e-6) return fmt::format("{:.3g}", value);
  const int digits = std::max(0, static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
  return fmt::format("{:.{}f}", value == 0 ? 0.0 : value, digits);
}

}  // namespace

std::vector<Tick> linear_ticks(Range range, int count) {
  std::vector<Tick> ticks;
  if (!(range.width() > 0) || !std::isfinite(range.width()) || count < 1) return ticks;
  const double step = round_step(range.width() / count);
  const double first = std::ceil(range.low / step - 1e-9);
  // A range too narrow for its size gives a step that adding doesn't change: the count is bounded, not the value.
  for (int i = 0; i <= 2 * count + 2; ++i) {
    const double at = (first + i) * step;
    if (at > range.high + step * 1e-9) break;
    ticks.push_back({at, text_of(at, step)});
  }
  return ticks;
}

std::vector<Tick> log_ticks(Range range, int count) {
  std::vector<Tick> ticks;
  if (!(range.width() > 0) || !std::isfinite(range.width()) || count < 1) return ticks;
  if (range.width() < 0.7) {  // less than a decade: round values, at unequal distances
    for (Tick tick : linear_ticks({std::pow(10, range.low), std::pow(10, range.high)}, count)) {
      if (tick.at > 0) ticks.push_back({std::log10(tick.at), std::move(tick.text)});
    }
    return ticks;
  }
  const double decades = std::max(1.0, std::ceil(range.width() / count - 1e-9));
  const bool is_fine = decades == 1 && range.width() * 3 <= count;
  for (double power = std::floor(range.low / decades) * decades; power <= range.high; power += decades) {
    for (const int part : {1, 2, 5}) {
      if (part != 1 && !is_fine) break;
      const double at = power + std::log10(part);
      if (at >= range.low - 1e-9 && at <= range.high + 1e-9) {
        ticks.push_back({at, fmt::format("{:.4g}", part * std::pow(10, power))});
      }
    }
  }
  return ticks;
}

bool join_finite_range(const Curve& curve, Range visible, Range& range, bool has_range) {
  const auto begin = curve.x.begin();
  const auto first = static_cast<std::size_t>(std::lower_bound(begin, curve.x.end(), visible.low) - begin);
  const auto last = static_cast<std::size_t>(std::upper_bound(begin, curve.x.end(), visible.high) - begin);
  for (std::size_t i = first; i < last; ++i) {
    const double value = curve.y[i];
    if (!std::isfinite(value)) continue;
    range = has_range ? Range{std::min(range.low, value), std::max(range.high, value)} : Range{value, value};
    has_range = true;
  }
  return has_range;
}

Range with_air(Range range, bool is_log) {
  const double width = range.width();
  if (!std::isfinite(width)) return {-std::numeric_limits<double>::max() / 4, std::numeric_limits<double>::max() / 4};
  const double least = is_log ? 0.05 : std::max(std::abs(range.high) * 1e-6, 1e-12);
  const double air = std::max(width * 0.06, least);
  Range out{range.low - air, range.high + air};
  if (!is_log && range.low >= 0 && range.low <= 0.35 * range.high) out.low = 0;
  return out;
}

Curve in_decades(const Curve& curve) {
  Curve out{curve.x, std::vector<double>(curve.size())};
  std::transform(curve.y.begin(), curve.y.end(), out.y.begin(),
                 [](double y) { return y > 0 ? std::log10(y) : std::nan(""); });
  return out;
}

std::string figure_text(double value) {
  if (std::isnan(value)) return "not a number";
  if (std::isinf(value)) return value > 0 ? "∞" : "−∞";
  const double size = std::abs(value);
  if (value != 0 && (size < 1e-4 || size >= 1e6)) return fmt::format("{:.3e}", value);
  if (size >= 1000) return fmt::format("{:.0f}", value);
  const int before = size < 1 ? 0 : static_cast<int>(std::floor(std::log10(size)));
  return fmt::format("{:.{}f}", value, size < 1 ? 4 : 3 - before);
}

}  // namespace netwright
