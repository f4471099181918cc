#pragma once

#include "backend/engine/losses.h"
#include "backend/engine/single_network_task.h"

namespace netwright {

/// One class for each sample, or any number of labels (bce_with_logits). What is minimised is the loss of the task's
/// settings, with the recipe's penalties; the figures show the loss without penalties, so that training and test, and
/// runs with other penalties, compare. Measured: accuracy (for labels: the share of labels that are right).
class Classification : public SingleNetworkTask {
 public:
  static Result<std::unique_ptr<Task>> create(const TaskContext& context);

  const std::vector<FigureSpec>& figures() const override { return figures_; }
  std::string main_figure() const override { return "accuracy"; }
  void clear_test_sums() override;
  FigureValues figures_of(const Sums& sums) const override;
  std::optional<Confusion> confusion() const override;
  std::vector<Event> show_samples(const std::filesystem::path& folder, std::int64_t step, int epoch) override;

 private:
  Classification(Parts parts, const TaskContext& context, ClassLoss loss);
  Outcome run(const Batch& batch, bool is_training) override;

  ClassLoss loss_;
  std::vector<FigureSpec> figures_;
  std::int64_t classes_;
  bool has_labels_;
  std::int64_t scores_ = 0;  ///< per sample; there may be spare ones
  torch::Tensor confusion_;  ///< classes × scores, int64, on the device; undefined before the first test batch
};

}  // namespace netwright
