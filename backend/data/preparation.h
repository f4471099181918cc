#pragma once
// What is done to a data set between its source and training, whatever the source: splits, normalisation, and the
// settings of augmentation.

#include <string>
#include <vector>

#include "backend/core/result.h"
#include "backend/core/settings.h"
#include "backend/data/dataset.h"

namespace netwright {

/// test_fraction, validation_fraction, split, split_seed, normalisation, class_order, and augmentation's (see
/// augmentation.h).
const std::vector<SettingSpec>& preparation_specs();

/// Takes the test split from the training split where the source gave none, then the validation split; computes the
/// normalisation on what is left for training. Fractions are rounded to whole samples: one at least is taken, and one
/// left. Refuses settings out of range, one sample for two splits, and values that aren't numbers.
Result<void> prepare(Dataset& data, const Settings& preparation);

/// 16 hexadecimal digits over every sample, target and split: the same data has the same one anywhere.
std::string fingerprint_of(const Dataset& data);

/// N / (classes · samples of the class) over the training split, the mean weighted by samples being 1 (scikit-learn's
/// "balanced"); a class without samples gets 1 and isn't counted. For Class and Mask.
std::vector<double> balanced_class_weights(const Dataset& data);

}  // namespace netwright
