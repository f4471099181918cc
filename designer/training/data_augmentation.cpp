#include "designer/training/data_augmentation.h"

#include "backend/data/augmentation.h"
#include "designer/training/data_picture.h"

namespace netwright {
namespace {

constexpr std::uint64_t seed = 7;

const std::uint8_t* mask_at(const Array& masks, std::int64_t index) {
  return masks.count() > 0 ? masks.as<std::uint8_t>() + index * sample_elements(masks) : nullptr;
}

}  // namespace

void augment(DataSample& sample, const Settings& preparation, const SampleLimits& limits) {
  sample.augmented.clear();
  sample.augmented_masks.clear();
  const Array& raw = sample.raw_images;
  if (raw.count() == 0) return;
  const std::vector<std::int64_t> sizes(raw.sizes.begin() + 1, raw.sizes.end());
  const Augmentation augmentation(preparation, sizes, raw.type);
  if (augmentation.is_idle()) return;
  const bool has_masks = sample.raw_masks.count() > 0;
  const std::int64_t bytes = sample_elements(raw) * static_cast<std::int64_t>(bytes_of(raw.type));
  Array changed = make_array(raw.type, {1, sizes[0], sizes[1], sizes[2]});
  Array changed_mask = make_array(ElementType::UInt8, {1, sizes[1], sizes[2]});
  for (std::int64_t i = 0; i < raw.count(); ++i) {
    Random random(seed, static_cast<std::uint32_t>(i));
    const LightRange light = light_of(raw, i);
    std::vector<QImage> images;
    std::vector<QImage> masks;
    for (int version = 0; version < limits.augmentations; ++version) {
      augmentation.apply(raw.bytes.data() + i * bytes, changed.bytes.data(), random, mask_at(sample.raw_masks, i),
                         has_masks ? changed_mask.as<std::uint8_t>() : nullptr);
      images.push_back(brought_down(image_of(changed, 0, light)));
      if (has_masks) masks.push_back(mask_brought_down(mask_of(changed_mask, 0)));
    }
    sample.augmented.push_back(std::move(images));
    if (has_masks) sample.augmented_masks.push_back(std::move(masks));
  }
}

bool differ_in_augmentation_only(const Settings& one, const Settings& other) {
  Settings rest = one;
  Settings other_rest = other;
  for (const SettingSpec& spec : augmentation_specs()) {
    rest.clear(spec.name);
    other_rest.clear(spec.name);
  }
  return rest == other_rest;
}

}  // namespace netwright
