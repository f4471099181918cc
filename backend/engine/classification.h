#pragma once

#include "backend/engine/class_meter.h"
#include "backend/engine/losses.h"
#include "backend/engine/single_network_task.h"

namespace netwright {

/// One class for each sample, or any number of labels (bce_with_logits). What is minimised is the loss of the task's
/// settings, with the recipe's penalties; the figures show the loss without penalties, so that training and test, and
/// runs with other penalties, compare. Measured: accuracy (for labels: the share of labels that are right), top-5 where
/// there are more classes, what ClassMeter measures on the held-out split, and the perplexity of a next word.
class Classification : public SingleNetworkTask {
 public:
  static Result<std::unique_ptr<Task>> create(const TaskContext& context);

  const std::vector<FigureSpec>& figures() const override { return figures_; }
  std::string main_figure() const override { return "accuracy"; }
  void clear_test_sums() override;
  FigureValues figures_of(const Sums& sums) const override;
  FigureValues test_figures() override;
  std::optional<Confusion> confusion() const override { return meter_.confusion(); }
  const OneVsRest* class_curves() const override { return &meter_.curves(); }
  std::vector<Event> show_samples(const SamplePlace& place) override;

 private:
  Classification(Parts parts, const TaskContext& context, ClassLoss loss);
  Outcome run(const Batch& batch, bool is_training) override;

  ClassLoss loss_;
  std::vector<FigureSpec> figures_;
  bool has_labels_;
  bool has_top_;         ///< there are more than `top` classes
  bool has_perplexity_;  ///< classes are words to come, and the loss is their cross-entropy
  ClassMeter meter_;
};

}  // namespace netwright
