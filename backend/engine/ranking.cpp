#include "backend/engine/ranking.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "backend/engine/single_network_task.h"
#include "backend/report/roc.h"

namespace netwright {

namespace {

constexpr std::int64_t most_ranked_classes = 200;
constexpr std::int64_t most_ranked_scores = 50'000'000;

PlotCurve plot_of(const std::vector<ThresholdPoint>& points) {
  PlotCurve curve;
  for (const ThresholdPoint& point : thinned(points)) curve.push_back({point.x, point.y});
  return curve;
}

/// What makes samples comparable; B×classes, float32, on the CPU.
torch::Tensor comparable(const torch::Tensor& output, OutputForm form, std::int64_t classes, bool are_labels) {
  torch::Tensor scores = output.to(torch::kFloat32);
  if (!are_labels && form == OutputForm::Scores) scores = scores.softmax(1);
  if (!are_labels && form == OutputForm::LogProbabilities) scores = scores.exp();
  return scores.narrow(1, 0, classes).to(torch::kCPU).contiguous();
}

std::string ranking_obstacle(const Dataset& dataset, std::int64_t samples) {
  const auto classes = static_cast<std::int64_t>(dataset.classes.size());
  if (dataset.target == TargetKind::Mask) return "Curves over thresholds are drawn for samples, not for pixels.";
  if (dataset.target != TargetKind::Class && dataset.target != TargetKind::Labels) {
    return "Curves over thresholds tell classes apart; there are none to tell.";
  }
  if (classes > most_ranked_classes || classes * samples > most_ranked_scores) {
    return "There are too many classes for a curve of each.";
  }
  return {};
}

}  // namespace

void rank_classes(Task& task, const Dataset& dataset, const Network& network, BatchProducer& batches,
                  ReportedQuality& quality) {
  quality.ranking_missing = ranking_obstacle(dataset, batches.samples());
  if (!quality.ranking_missing.empty()) return;
  const auto classes = static_cast<std::int64_t>(dataset.classes.size());
  const bool are_labels = dataset.target == TargetKind::Labels;
  const OutputForm form = output_form_of(network);
  std::vector<torch::Tensor> scores;
  std::vector<torch::Tensor> truth;
  batches.begin(1);
  while (const auto batch = batches.next()) {
    const torch::Tensor output = task.infer(*batch);
    if (output.dim() != 2 || output.size(1) < classes || !batch->targets.defined()) {
      quality.ranking_missing = "What the network gives isn't a score for each class.";
      return;
    }
    scores.push_back(comparable(output, form, classes, are_labels));
    truth.push_back(batch->targets.to(torch::kCPU, torch::kFloat64).view({batch->size(), -1}).clone());
  }
  const torch::Tensor all_scores = torch::cat(scores).to(torch::kFloat64).t().contiguous();  // classes × samples
  const torch::Tensor all_truth = torch::cat(truth);
  const auto samples = static_cast<std::size_t>(all_scores.size(1));
  const auto is_positive = std::make_unique<bool[]>(samples);
  std::vector<double> aucs;
  std::vector<double> precisions;
  for (std::int64_t of = 0; of < classes; ++of) {
    const torch::Tensor positive =
        are_labels ? all_truth.select(1, of).gt(0.5) : all_truth.select(1, 0).eq(static_cast<double>(of));
    std::copy_n(positive.contiguous().data_ptr<bool>(), samples, is_positive.get());
    const std::span<const double> row(all_scores.data_ptr<double>() + of * all_scores.size(1), samples);
    const std::span<const bool> flags(is_positive.get(), samples);
    const auto roc = roc_curve(row, flags);
    const auto precision_recall = precision_recall_curve(row, flags);
    if (!roc || !precision_recall) continue;  // no sample is of it, or each one
    aucs.push_back(roc->auc);
    precisions.push_back(precision_recall->average_precision);
    quality.rankings.push_back({dataset.classes[static_cast<std::size_t>(of)], roc->auc,
                                precision_recall->average_precision, plot_of(roc->points),
                                plot_of(precision_recall->points)});
  }
  if (aucs.empty()) {
    quality.ranking_missing = "All samples are of one class: there is nothing to tell apart.";
    return;
  }
  const auto mean = [](const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
  };
  quality.macro_auc = mean(aucs);
  quality.macro_average_precision = mean(precisions);
}

}  // namespace netwright
