#pragma once
// What a data set amounts to in numbers, for people who look at it before they train.

#include <cstdint>
#include <string>
#include <vector>

#include "backend/data/dataset.h"
#include "backend/data/moments.h"

namespace netwright {

struct SplitStatistics {
  std::int64_t samples = 0;
  /// Class: samples of each class; Labels: samples that have the label; Mask: pixels of each class; else empty.
  std::vector<std::int64_t> class_counts = {};
  std::int64_t shortest = 0;  ///< steps, where sequences have lengths of their own; else 0
  std::int64_t longest = 0;
};

struct ValueStatistics : Moments {
  std::string name;  ///< the feature's or the target's; empty where it has none
};

struct DataStatistics {
  SplitStatistics train;
  SplitStatistics validation;
  SplitStatistics test;
  /// Of the training split, as the values came (bytes are 0 to 255): by channel of C×H×W, else by feature. Empty for
  /// words.
  std::vector<ValueStatistics> inputs = {};
  std::vector<ValueStatistics> targets = {};  ///< of Values, along the last axis of the target
  std::int64_t vocabulary = 0;                ///< tokens, the two special ones included
};

/// See SplitStatistics::class_counts.
std::vector<std::int64_t> class_counts_of(const Legend& legend, const Split& split);

/// Reads every sample of the splits once.
DataStatistics statistics_of(const Dataset& data);

}  // namespace netwright
