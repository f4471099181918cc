#pragma once
// What there is to learn, from arrays as files hold them.

#include <optional>
#include <string>

#include "backend/core/result.h"
#include "backend/data/dataset.h"

namespace netwright {

/// By type and sizes: whole numbers N or N×1 are classes, N×H×W a mask where the inputs are images of that size, other
/// N×K labels; floats are values. Nothing for a single number.
std::optional<TargetKind> target_kind_of(const ArrayHeader& targets, const ArrayHeader& inputs);
/// Of one sample's target; see Legend::target_shape.
Shape target_shape_of(TargetKind kind, const ArrayHeader& targets);

struct ArrayTargets {
  Array array;               ///< as TargetKind says
  std::int64_t classes = 0;  ///< one more than the greatest class, or how many labels
};

/// The array as targets of that kind for the `inputs`. Refuses another number of samples, masks of another size,
/// classes that aren't whole numbers from 0 to `most_classes` − 1, and labels other than 0 and 1. `file` is for
/// messages.
Result<ArrayTargets> as_targets(const Array& array, TargetKind kind, const ArrayHeader& inputs,
                                std::int64_t most_classes, const std::string& file);

}  // namespace netwright
