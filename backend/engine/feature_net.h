#pragma once
// What samples are compared by: the features of a small classifier of the same data.

#include <memory>

#include "backend/core/result.h"
#include "backend/data/dataset.h"
#include "backend/engine/graph_module.h"

namespace netwright {

class FeatureNet {
 public:
  /// Where there are classes, trained on 20,000 training samples (fewer are taken up to ten times); the weights are
  /// kept in the user's cache ($XDG_CACHE_HOME/netwright) by the data's fingerprint. Else random. Whatever the run's
  /// seed and normalisation, the same data has the same net; the run's draws aren't touched. Refuses words.
  static Result<std::unique_ptr<FeatureNet>> create(const Dataset& dataset, torch::Device device);

  static constexpr std::int64_t features = 64;
  /// B×features, of normalised samples as batches hold them.
  torch::Tensor features_of(const torch::Tensor& samples);

  /// The share of held-out samples that it classifies rightly; nothing where it is random.
  std::optional<double> accuracy() const { return accuracy_; }

 private:
  FeatureNet(const Dataset& dataset, torch::Device device, std::shared_ptr<GraphModule> module);
  Result<void> learn();
  Result<void> settle();
  double measured_accuracy();
  torch::Tensor seen(const torch::Tensor& samples) const;

  const Dataset& dataset_;
  torch::Device device_;
  std::shared_ptr<GraphModule> module_;
  std::optional<double> accuracy_;
};

}  // namespace netwright
