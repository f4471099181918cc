#pragma once

#include "backend/data/dataset.h"

namespace netwright {

/// The mean and deviation of each channel (the axis after the samples), so that what comes out has mean 0 and
/// deviation 1. A channel that never changes gets deviation 1.
Normalisation normalisation_of(const Array& inputs);

}  // namespace netwright
