#pragma once
// What the values of samples amount to, place by place along one of their axes.

#include <cstdint>
#include <optional>
#include <vector>

#include "backend/data/dataset.h"

namespace netwright {

struct Moments {
  double minimum = 0;
  double maximum = 0;
  double mean = 0;
  double deviation = 0;  ///< of the population
};

/// Of `values`, which are the inputs or the targets of `split`, in the split's rows: one entry for each place along
/// `axis` of a sample (one in all where a sample is a single number). Steps that are padding (see Split::lengths) don't
/// count. Empty for an empty split.
std::vector<Moments> moments_of(const Array& values, const Split& split, int axis);

/// The axis whose places stand for different things: 0 for the channels of C×H×W and for vectors, 1 for time ×
/// features.
int meaningful_axis(const Array& values);
/// Of a sample; 0 where it is a single number.
int last_axis(const Array& values);

/// How many steps of the sample in row `row` are its own; nothing where all of `values`' numbers are.
std::optional<std::int64_t> own_steps(const Array& values, const Split& split, std::int64_t row);

}  // namespace netwright
