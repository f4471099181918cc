#pragma once

#include "backend/engine/single_network_task.h"

namespace netwright {

/// Numbers for each sample: Regression, and Forecast, whose numbers go on with a series. The loss is between normalised
/// numbers; mae and rmse are in the target's own units, and r2 = 1 − Σ(y − ŷ)² / Σ(y − ȳ)² over all numbers.
class Regression : public SingleNetworkTask {
 public:
  static Result<std::unique_ptr<Task>> create(const TaskContext& context);

  const std::vector<FigureSpec>& figures() const override { return figures_; }
  std::string main_figure() const override { return "mae"; }
  FigureValues figures_of(const Sums& sums) const override;
  /// Forecast: how some series go on, and how they were expected to.
  std::vector<Event> show_samples(const SamplePlace& place) override;

 private:
  Regression(Parts parts, const TaskContext& context, Settings settings);
  Outcome run(const Batch& batch, bool is_training) override;
  /// Normalised numbers in the target's own units.
  torch::Tensor in_units(const torch::Tensor& values) const;

  Settings settings_;
  std::vector<FigureSpec> figures_;
  bool is_forecast_;
  torch::Tensor mean_;  ///< of the targets, along their last axis, on the device
  torch::Tensor deviation_;
};

}  // namespace netwright
