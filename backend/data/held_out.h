#pragma once

#include "backend/data/dataset.h"

namespace netwright {

/// The split on which epochs are judged: validation, or test where there is none.
inline const Split& held_out_split(const Dataset& dataset) {
  return dataset.validation.count() > 0 ? dataset.validation : dataset.test;
}

}  // namespace netwright
