#pragma once

#include "backend/engine/batch_producer.h"

namespace netwright {

/// `count` samples of a split, or all where it has fewer, evenly over it (it may be sorted by class): the same each
/// time. One batch on the device, which may be kept.
Result<Batch> sample_batch(const Split& split, const Legend& legend, std::int64_t count, torch::Device device);

/// Samples as they came but for the scale: UInt8 is from 0 to 1.
torch::Tensor without_normalisation(const torch::Tensor& samples, const Normalisation& normalisation);

}  // namespace netwright
