#pragma once
// Samples as networks take them: floats, normalised.

#include <array>
#include <cstddef>
#include <vector>

#include "backend/data/dataset.h"

namespace netwright {

/// Writes samples of one array as (x·scale − mean) / deviation.
class Normaliser {
 public:
  /// For samples of `like`'s type (UInt8 or Float32) and sizes, which `by` fits (see normalisation.h). Where
  /// `interleaves`, the channels of C×H×W are written pixel by pixel (PyTorch's channels_last).
  Normaliser(const Array& like, const Normalisation& by, bool interleaves);

  void write(const std::byte* sample, float* out) const;

 private:
  template <class T>
  void write_values(const T* sample, float* out) const;

  ElementType type_;
  AxisLayout layout_;
  bool interleaves_;
  float scale_;
  std::vector<float> mean_;  ///< one for each place of the layout
  std::vector<float> deviation_;
  /// The 256 results of bytes; only where each is used often enough to stay in the cache.
  std::vector<std::array<float, 256>> tables_;
};

}  // namespace netwright
