#pragma once

#include "designer/training/data_sample.h"

namespace netwright {

/// Fills in the columns of a table: targets first, then the features, with ranges and histograms over the training
/// split (over as much of it as takes no time).
void add_columns(DataSample& sample, const Dataset& data, const SampleLimits& limits);

}  // namespace netwright
