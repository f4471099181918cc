#pragma once
// How well a score tells two kinds of samples apart at every threshold: the receiver operating characteristic and the
// precision-recall curve, as sklearn.metrics has them. https://scikit-learn.org/stable/modules/model_evaluation.html

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace netwright {

/// One threshold of a curve: samples with this score or a higher one are taken for positive.
struct ThresholdPoint {
  double x = 0;  ///< ROC: the false positive rate; precision-recall: the recall
  double y = 0;  ///< ROC: the true positive rate; precision-recall: the precision
  double threshold = 0;
};

struct RocCurve {
  std::vector<ThresholdPoint> points = {};  ///< from (0, 0), at an infinite threshold, to (1, 1)
  double auc = 0;                           ///< the area under it by trapezia
};

struct PrecisionRecallCurve {
  std::vector<ThresholdPoint> points = {};  ///< by rising recall, from (0, 1), at an infinite threshold, to recall 1
  double average_precision = 0;             ///< Σ (Rᵢ - Rᵢ₋₁)·Pᵢ, without interpolation
};

/// Samples of equal score enter together. Points on a straight line between their neighbours are left out, as with
/// drop_intermediate. Nothing where the lists differ in length, a score is NaN, or all samples are of one kind.
std::optional<RocCurve> roc_curve(std::span<const double> scores, std::span<const bool> is_positive);
/// The same, with every threshold kept. Needs one positive sample at least.
std::optional<PrecisionRecallCurve> precision_recall_curve(std::span<const double> scores,
                                                           std::span<const bool> is_positive);

/// One class against all others, for each class in turn.
struct OneVsRest {
  std::vector<std::optional<RocCurve>> roc = {};  ///< by class; nothing for one that has no samples, or all of them
  std::vector<std::optional<PrecisionRecallCurve>> precision_recall = {};
  std::optional<double> macro_auc = {};                ///< the mean over the classes that have one
  std::optional<double> macro_average_precision = {};  ///< likewise
};
/// `scores`: samples×classes, row by row; `labels`: each sample's class. Empty where their lengths don't fit.
OneVsRest one_vs_rest(std::span<const double> scores, std::span<const std::int64_t> labels, std::size_t classes);

/// As few of the points as keep the drawn line within `tolerance` of where it was, the ends always (Ramer, Douglas and
/// Peucker): for drawing, not for areas.
std::vector<ThresholdPoint> thinned(const std::vector<ThresholdPoint>& points, double tolerance = 0.001);

}  // namespace netwright
