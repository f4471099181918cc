#pragma once

#include "designer/training/data_sample.h"

namespace netwright {

/// Fills in, from its raw images, what augmentation by these settings might make of them; the same each time. Where
/// nothing is changed, there is nothing.
void augment(DataSample& sample, const Settings& preparation, const SampleLimits& limits = {});

/// Whether two preparations differ in nothing but augmentation.
bool differ_in_augmentation_only(const Settings& one, const Settings& other);

}  // namespace netwright
