#pragma once

#include "designer/training/data_sample.h"

namespace netwright {

/// Fills in the sample's figures: ranges, vocabulary, lengths, fingerprint. Reads the whole data set.
void add_figures(DataSample& sample, const Dataset& data);

}  // namespace netwright
