#include "backend/report/roc.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <tuple>
#include <utility>

namespace netwright {

namespace {

/// What a threshold has let in so far.
struct Admitted {
  std::int64_t positive = 0;
  std::int64_t negative = 0;
  double threshold = std::numeric_limits<double>::infinity();
};

/// After each distinct score, from the highest down; the first has let in nothing. Nothing where it can't be ranked.
std::optional<std::vector<Admitted>> admitted_by_threshold(std::span<const double> scores,
                                                           std::span<const bool> is_positive) {
  if (scores.size() != is_positive.size() || scores.empty()) return std::nullopt;
  if (std::any_of(scores.begin(), scores.end(), [](double score) { return std::isnan(score); })) return std::nullopt;
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  std::vector<Admitted> steps = {{}};
  Admitted now;
  for (std::size_t i = 0; i < order.size(); ++i) {
    (is_positive[order[i]] ? now.positive : now.negative) += 1;
    now.threshold = scores[order[i]];
    if (i + 1 == order.size() || scores[order[i + 1]] != now.threshold) steps.push_back(now);
  }
  return steps;
}

/// The middle of three counts where the line bends; exact, since counts are.
bool bends(const Admitted& before, const Admitted& here, const Admitted& after) {
  return (here.positive - before.positive) != (after.positive - here.positive) ||
         (here.negative - before.negative) != (after.negative - here.negative);
}

double distance_to_line(const ThresholdPoint& point, const ThresholdPoint& from, const ThresholdPoint& to) {
  const double dx = to.x - from.x;
  const double dy = to.y - from.y;
  const double length = std::hypot(dx, dy);
  if (length == 0) return std::hypot(point.x - from.x, point.y - from.y);
  return std::abs(dx * (point.y - from.y) - dy * (point.x - from.x)) / length;
}

template <class Curve>
std::optional<double> mean_over(const std::vector<std::optional<Curve>>& curves, double Curve::*figure) {
  double sum = 0;
  int count = 0;
  for (const auto& curve : curves) {
    if (!curve) continue;
    sum += (*curve).*figure;
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / count;
}

}  // namespace

std::optional<RocCurve> roc_curve(std::span<const double> scores, std::span<const bool> is_positive) {
  const auto steps = admitted_by_threshold(scores, is_positive);
  if (!steps || steps->back().positive == 0 || steps->back().negative == 0) return std::nullopt;
  const auto positive = static_cast<double>(steps->back().positive);
  const auto negative = static_cast<double>(steps->back().negative);
  RocCurve curve;
  for (std::size_t i = 0; i < steps->size(); ++i) {
    const Admitted& here = (*steps)[i];
    if (i > 0) {
      const Admitted& before = (*steps)[i - 1];
      curve.auc += static_cast<double>(here.negative - before.negative) *
                   static_cast<double>(here.positive + before.positive) / (2 * positive * negative);
    }
    // The highest score's point always stays, as in sklearn.
    const bool is_end = i <= 1 || i + 1 == steps->size();
    if (!is_end && !bends((*steps)[i - 1], here, (*steps)[i + 1])) continue;
    curve.points.push_back(
        {static_cast<double>(here.negative) / negative, static_cast<double>(here.positive) / positive, here.threshold});
  }
  return curve;
}

std::optional<PrecisionRecallCurve> precision_recall_curve(std::span<const double> scores,
                                                           std::span<const bool> is_positive) {
  const auto steps = admitted_by_threshold(scores, is_positive);
  if (!steps || steps->back().positive == 0) return std::nullopt;
  const auto positive = static_cast<double>(steps->back().positive);
  PrecisionRecallCurve curve;
  // Nothing let in is wrong: precision 1, as sklearn ends its curve.
  curve.points.push_back({0, 1, steps->front().threshold});
  for (std::size_t i = 1; i < steps->size(); ++i) {
    const Admitted& here = (*steps)[i];
    const double precision = static_cast<double>(here.positive) / static_cast<double>(here.positive + here.negative);
    const double recall = static_cast<double>(here.positive) / positive;
    curve.average_precision += (recall - curve.points.back().x) * precision;
    curve.points.push_back({recall, precision, here.threshold});
  }
  return curve;
}

OneVsRest one_vs_rest(std::span<const double> scores, std::span<const std::int64_t> labels, std::size_t classes) {
  OneVsRest all;
  if (classes == 0 || scores.size() != labels.size() * classes) return all;
  const std::size_t samples = labels.size();
  std::vector<double> column(samples);
  const auto is_of_class = std::make_unique<bool[]>(samples);
  for (std::size_t of = 0; of < classes; ++of) {
    for (std::size_t i = 0; i < samples; ++i) {
      column[i] = scores[i * classes + of];
      is_of_class[i] = labels[i] == static_cast<std::int64_t>(of);
    }
    const std::span<const bool> positive(is_of_class.get(), samples);
    all.roc.push_back(roc_curve(column, positive));
    all.precision_recall.push_back(precision_recall_curve(column, positive));
  }
  all.macro_auc = mean_over(all.roc, &RocCurve::auc);
  all.macro_average_precision = mean_over(all.precision_recall, &PrecisionRecallCurve::average_precision);
  return all;
}

std::vector<ThresholdPoint> thinned(const std::vector<ThresholdPoint>& points, double tolerance) {
  if (points.size() < 3) return points;
  std::vector<bool> stays(points.size(), false);
  stays.front() = stays.back() = true;
  std::vector<std::pair<std::size_t, std::size_t>> open = {{0, points.size() - 1}};
  while (!open.empty()) {
    const auto [from, to] = open.back();
    open.pop_back();
    std::size_t farthest = from;
    double distance = tolerance;
    for (std::size_t i = from + 1; i < to; ++i) {
      const double here = distance_to_line(points[i], points[from], points[to]);
      if (here > distance) std::tie(farthest, distance) = std::pair(i, here);
    }
    if (farthest == from) continue;
    stays[farthest] = true;
    open.emplace_back(from, farthest);
    open.emplace_back(farthest, to);
  }
  std::vector<ThresholdPoint> kept;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (stays[i]) kept.push_back(points[i]);
  }
  return kept;
}

}  // namespace netwright
