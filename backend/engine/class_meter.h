#pragma once
// What a classification's evaluation amounts to that a sum over batches can't say: it needs every sample.

#include <optional>
#include <string>
#include <vector>

#include "backend/engine/batch_producer.h"
#include "backend/engine/losses.h"
#include "backend/engine/process_group.h"
#include "backend/engine/sample_files.h"
#include "backend/report/roc.h"
#include "backend/run/event.h"

namespace netwright {

/// Row: the true class; column: the predicted one.
using Confusion = std::vector<std::vector<std::int64_t>>;

class ClassMeter {
 public:
  /// Beyond so many numbers (samples × classes) scores aren't kept: curves and the areas under them are missing then.
  static constexpr std::int64_t most_scores = 2'000'000;
  /// How many samples of each cell of the confusion matrix are named, those of the surest verdicts first.
  static constexpr std::size_t samples_per_cell = 24;

  /// `has_labels`: targets are any number of labels for each sample, and `form` is of single scores.
  /// `processes`: those that evaluate the same batches together, or null.
  ClassMeter(std::vector<std::string> classes, bool has_labels, OutputForm form,
             const ProcessGroup* processes = nullptr);

  void clear();
  /// `output`: B×scores, at least as many as there are classes.
  void add(const Batch& batch, const torch::Tensor& output);
  /// After the last batch: what all processes have added becomes every one's. All call it.
  void bring_together();

  /// Nothing for labels, or before the first batch.
  std::optional<Confusion> confusion() const;
  /// Macro averages over the classes (or labels): `precision`, `recall`, `f1` (see report/class_scores.h), `auc` (one
  /// class against all others, see report/roc.h).
  FigureValues figures() const;
  static std::vector<FigureSpec> figure_specs();
  /// ROC and precision-recall of each class or label; empty where scores aren't kept.
  const OneVsRest& curves() const;

  /// `curves`: ROC and precision-recall of each class. `verdicts`: which samples lie in which cell of the confusion
  /// matrix, as rows of the split's arrays.
  std::vector<Event> show(const SamplePlace& place) const;

 private:
  /// All that was added, on the CPU.
  struct Seen {
    torch::Tensor scores;     ///< samples×classes, float64: shares; undefined where there are too many
    torch::Tensor targets;    ///< samples, int64; or samples×labels, bool
    torch::Tensor predicted;  ///< like targets
    torch::Tensor sureness;   ///< samples: the predicted class's share
  };
  const Seen& seen() const;
  torch::Tensor shares_of(const torch::Tensor& output) const;
  std::vector<Confusion> label_confusions() const;
  Event show_curves(const SamplePlace& place) const;
  Event show_verdicts(const SamplePlace& place) const;

  std::vector<std::string> classes_;
  bool has_labels_;
  OutputForm form_;
  const ProcessGroup* processes_;
  std::vector<torch::Tensor> scores_;  ///< batch by batch, on the device
  std::vector<torch::Tensor> targets_;
  std::vector<torch::Tensor> predicted_;
  std::vector<torch::Tensor> sureness_;
  std::vector<std::int64_t> rows_;
  std::int64_t count_ = 0;
  bool is_together_ = false;
  mutable std::optional<Seen> seen_;
  mutable std::optional<OneVsRest> curves_;
};

}  // namespace netwright
