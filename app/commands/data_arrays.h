#pragma once
// A data set as arrays on disk, for training elsewhere.

#include <filesystem>

#include "backend/core/result.h"
#include "backend/data/dataset.h"

namespace netwright {

/// Writes each split's samples as training gets them, normalised and not augmented, into `folder`, which is new or
/// empty: train_inputs.npy, train_targets.npy, train_lengths.npy and the same of validation and test, as far as there
/// are such; and the legend as data.json.
Result<void> write_arrays(const Dataset& data, const std::filesystem::path& folder);

}  // namespace netwright
