#pragma once

#include "backend/engine/losses.h"
#include "backend/engine/single_network_task.h"

namespace netwright {

/// A class for each pixel. Measured: accuracy of pixels, and mean IoU: |truth ∩ predicted| / |truth ∪ predicted| of
/// each class over all pixels, averaged over the classes that occur.
class Segmentation : public SingleNetworkTask {
 public:
  static Result<std::unique_ptr<Task>> create(const TaskContext& context);

  const std::vector<FigureSpec>& figures() const override { return figures_; }
  std::string main_figure() const override { return "miou"; }
  FigureValues figures_of(const Sums& sums) const override;
  /// Pixels, not samples.
  std::optional<Confusion> confusion() const override;
  std::vector<Event> show_samples(const SamplePlace& place) override;

 private:
  Segmentation(Parts parts, const TaskContext& context, ClassLoss loss);
  Outcome run(const Batch& batch, bool is_training) override;

  ClassLoss loss_;
  std::vector<FigureSpec> figures_;
  std::int64_t classes_;
};

}  // namespace netwright
