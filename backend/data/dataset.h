#pragma once
// A data set in memory, split into training and test.

#include <string>
#include <vector>

#include "backend/core/shape.h"
#include "backend/data/array.h"

namespace netwright {

/// Samples and their class indices, one row each.
struct Split {
  Array inputs;   ///< N×sample shape; UInt8 (images) or Float32
  Array targets;  ///< N, Int64 class indices
};

/// x -> (x·scale − mean) / deviation per channel (one entry: for all); scale is 1/255 for UInt8 images.
struct Normalisation {
  float scale = 1;
  std::vector<float> mean = {0};
  std::vector<float> deviation = {1};
};

struct Dataset {
  std::string name;
  Shape sample_shape;
  std::vector<std::string> classes;
  Split train;
  Split test;
  Normalisation normalisation;  ///< computed on the training split only
};

}  // namespace netwright
