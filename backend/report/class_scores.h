#pragma once
// How well classes are told apart, from a confusion matrix: as sklearn.metrics.precision_recall_fscore_support has it
// with every class of the matrix and zero_division=0. https://scikit-learn.org/stable/modules/model_evaluation.html

#include <cstdint>
#include <vector>

namespace netwright {

/// 0..1. A ratio whose denominator is zero (a class that was never predicted, or has no samples) counts as 0.
struct ClassScores {
  double precision = 0;      ///< of what was taken for this class, the share that is of it
  double recall = 0;         ///< of what is of this class, the share that was taken for it
  double f1 = 0;             ///< the harmonic mean of both
  std::int64_t support = 0;  ///< samples of this class
};

struct ConfusionScores {
  std::vector<ClassScores> classes = {};  ///< in the matrix' order
  ClassScores macro = {};                 ///< every class counts the same, also one without samples
  ClassScores micro = {};     ///< every sample counts the same: all three equal the accuracy where rows are as long
                              ///< as the matrix is high
  ClassScores weighted = {};  ///< every class counts by its samples
  double accuracy = 0;        ///< 0 for a matrix without samples
};

/// `counts`: row: the true class; column: the predicted one, n×n. A row that is shorter counts as filled with zeros,
/// and columns beyond the classes count as wrong predictions.
ConfusionScores scores_of(const std::vector<std::vector<std::int64_t>>& counts);

}  // namespace netwright
