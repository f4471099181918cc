#pragma once
// One image from a PNG or JPEG file.

#include <filesystem>

#include "backend/core/result.h"
#include "backend/data/array.h"

namespace netwright {

/// UInt8, C×H×W with C = 1 (gray) or 3 (colour; alpha is blended on black). Refuses images above 100 million pixels.
Result<Array> read_image(const std::filesystem::path& path);

}  // namespace netwright
