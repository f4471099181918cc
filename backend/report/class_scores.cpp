#include "backend/report/class_scores.h"

#include <numeric>

namespace netwright {

namespace {

double ratio_or_zero(double part, double whole) {
  return whole == 0 ? 0 : part / whole;
}

ClassScores scores_from_counts(double right, double predicted, double actual, std::int64_t support) {
  ClassScores scores{ratio_or_zero(right, predicted), ratio_or_zero(right, actual), 0, support};
  scores.f1 = ratio_or_zero(2 * right, predicted + actual);
  return scores;
}

/// The mean of the classes' scores, each with its weight; zero where all weights are.
ClassScores weighted_mean(const std::vector<ClassScores>& classes, const std::vector<double>& weights,
                          std::int64_t support) {
  ClassScores mean{0, 0, 0, support};
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (std::size_t i = 0; i < classes.size(); ++i) {
    mean.precision += ratio_or_zero(weights[i] * classes[i].precision, total);
    mean.recall += ratio_or_zero(weights[i] * classes[i].recall, total);
    mean.f1 += ratio_or_zero(weights[i] * classes[i].f1, total);
  }
  return mean;
}

}  // namespace

ConfusionScores scores_of(const std::vector<std::vector<std::int64_t>>& counts) {
  const std::size_t size = counts.size();
  std::vector<std::int64_t> predicted(size, 0);
  std::vector<std::int64_t> actual(size, 0);
  std::int64_t right = 0;
  for (std::size_t row = 0; row < size; ++row) {
    for (std::size_t column = 0; column < counts[row].size(); ++column) {
      actual[row] += counts[row][column];
      if (column < size) predicted[column] += counts[row][column];
    }
    if (row < counts[row].size()) right += counts[row][row];
  }
  const std::int64_t total = std::accumulate(actual.begin(), actual.end(), std::int64_t{0});
  const std::int64_t total_predicted = std::accumulate(predicted.begin(), predicted.end(), std::int64_t{0});

  ConfusionScores scores;
  std::vector<double> weights;
  for (std::size_t i = 0; i < size; ++i) {
    const double hit = i < counts[i].size() ? static_cast<double>(counts[i][i]) : 0;
    scores.classes.push_back(
        scores_from_counts(hit, static_cast<double>(predicted[i]), static_cast<double>(actual[i]), actual[i]));
    weights.push_back(static_cast<double>(actual[i]));
  }
  scores.macro = weighted_mean(scores.classes, std::vector<double>(size, 1.0), total);
  scores.weighted = weighted_mean(scores.classes, weights, total);
  scores.micro = scores_from_counts(static_cast<double>(right), static_cast<double>(total_predicted),
                                    static_cast<double>(total), total);
  scores.accuracy = ratio_or_zero(static_cast<double>(right), static_cast<double>(total));
  return scores;
}

}  // namespace netwright
