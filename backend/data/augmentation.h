#pragma once
// Random changes to images as they are learned from: the same picture never twice. No LibTorch.

#include <cstdint>
#include <memory>
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
  /// `sizes`: of one sample; only C×H×W is changed. `type`: UInt8 or Float32.
  Augmentation(const Settings& settings, std::vector<std::int64_t> sizes, ElementType type);

  /// True where nothing is ever changed.
  bool is_idle() const;
  /// `from` to `to`, both samples as they came; what is uncovered is 0. `mask` (H×W, may be null) moves along with its
  /// image, from `mask_from` to `mask_to`. Depends on `random` alone.
  void apply(const std::byte* from, std::byte* to, Random& random, const std::uint8_t* mask_from = nullptr,
             std::uint8_t* mask_to = nullptr) const;

 private:
  struct Move;
  Settings settings_;
  std::vector<std::int64_t> sizes_;
  ElementType type_;
};

}  // namespace netwright
