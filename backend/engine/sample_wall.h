#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "backend/data/dataset.h"
#include "backend/engine/sample_files.h"

namespace netwright {

/// What a generator makes of the same noise throughout a run, so that its epochs compare. Of pictures a wall of 8
/// columns (8 rows; or a row for each class, each column of the same noise), of points in a plane a list of generated
/// and real ones (`points`), of other data nothing.
class SampleWall {
 public:
  /// `latent`: the sizes of one. `classes`: how many the generator is told apart; 0: none. The noise depends on `seed`.
  SampleWall(const Dataset& dataset, const std::vector<std::int64_t>& latent, std::int64_t classes, std::uint64_t seed,
             torch::Device device);

  using Generate = std::function<torch::Tensor(const torch::Tensor& latent, const torch::Tensor& classes)>;
  std::vector<Event> show(const Generate& generate, const SamplePlace& place) const;

 private:
  Event show_points(const torch::Tensor& generated, const SamplePlace& place) const;

  const Dataset& dataset_;
  torch::Device device_;
  torch::Tensor latent_;
  torch::Tensor classes_;
};

}  // namespace netwright
