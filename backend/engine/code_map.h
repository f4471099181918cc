#pragma once
// A code of many numbers as points in a plane.

#include <torch/torch.h>

#include <array>

namespace netwright {

struct CodeMap {
  torch::Tensor points;             ///< N×2, float32, on the CPU
  torch::Tensor axes;               ///< code size × 2: the principal axes
  std::array<double, 2> explained;  ///< the share of the variance along each
};

/// The first two principal components of N×code size numbers, on the CPU in float64. A code of two numbers is its own
/// map; one of a single number lies on a line. `before`: the axes of the last map (or undefined), by whose direction
/// these are turned, so that a map that is drawn again doesn't flip.
CodeMap map_of(const torch::Tensor& code, const torch::Tensor& before = {});

}  // namespace netwright
