#pragma once

#include <vector>

#include "backend/data/array.h"

namespace netwright {

/// The images (UInt8, C×H×W, all of one size) row by row beside each other, without gaps; places left over are 0. Empty
/// where there are none.
Array image_grid(const std::vector<Array>& images, int columns);

}  // namespace netwright
