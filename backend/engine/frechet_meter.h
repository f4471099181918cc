#pragma once

#include <functional>
#include <memory>
#include <string>

#include "backend/engine/batch_producer.h"
#include "backend/engine/feature_net.h"
#include "backend/engine/frechet.h"

namespace netwright {

/// How far generated samples are from real ones: the Fréchet distance between the features of 2,048 of them and of
/// held-out samples (up to 5,000; training ones where few are held out), see feature_net.h.
class FrechetMeter {
 public:
  static Result<std::unique_ptr<FrechetMeter>> create(const Dataset& dataset, torch::Device device);

  static constexpr std::int64_t generated = 2048;
  /// Makes normalised samples of classes (B, int64, those of real samples; undefined where the data has none).
  using Generate = std::function<torch::Tensor(std::int64_t count, const torch::Tensor& classes)>;
  double distance_of(const Generate& generate);

  /// What it measures by, for whoever follows the run.
  std::string note() const;

 private:
  FrechetMeter(std::unique_ptr<FeatureNet> net, Batch real);

  std::unique_ptr<FeatureNet> net_;
  FeatureStatistics real_;
  torch::Tensor classes_;  ///< of the real samples
  double floor_ = 0;       ///< the distance of training samples from the held-out ones
};

}  // namespace netwright
