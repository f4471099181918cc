#pragma once
// Random changes to images as they are learned from: the same picture never twice. No LibTorch.

#include <cstdint>
#include <vector>

#include "backend/core/settings.h"
#include "backend/data/array.h"
#include "backend/data/random.h"

namespace netwright {

/// Joined to preparation_specs(): flip (none, horizontal, vertical, both), crop_padding (pixels), rotation (±degrees),
/// shift (share of the size), brightness (±share), noise (deviation, of a range of 1), erasing (probability of a
/// rectangle).
const std::vector<SettingSpec>& augmentation_specs();

class Augmentation {
 public:
  /// `sizes`: of one sample; only C×H×W is changed. `type`: UInt8 or Float32. What the settings lack is at its default,
  /// which changes nothing.
  Augmentation(const Settings& settings, const std::vector<std::int64_t>& sizes, ElementType type);

  /// True where nothing is ever changed.
  bool is_idle() const;
  /// True where pixels may change their places.
  bool moves() const;
  /// `from` to `to`, both samples as they came; what is uncovered is 0. `mask` (H×W, may be null) moves along with its
  /// image, from `mask_from` to `mask_to`. Depends on `random` alone.
  void apply(const std::byte* from, std::byte* to, Random& random, const std::uint8_t* mask_from = nullptr,
             std::uint8_t* mask_to = nullptr) const;

 private:
  struct Change;
  struct Rectangle;
  static Rectangle draw_rectangle(std::int64_t width, std::int64_t height, Random& random);
  Change draw(Random& random) const;
  template <class T>
  void change(const T* from, T* to, const Change& change) const;

  ElementType type_;
  std::size_t bytes_;
  std::int64_t channels_ = 0;  ///< 0: the sample is no image
  std::int64_t height_ = 0;
  std::int64_t width_ = 0;
  bool flips_across_ = false;
  bool flips_down_ = false;
  std::int64_t crop_padding_ = 0;
  double rotation_ = 0;  ///< radians
  double shift_ = 0;
  double brightness_ = 0;
  double noise_ = 0;
  double erasing_ = 0;
};

}  // namespace netwright
