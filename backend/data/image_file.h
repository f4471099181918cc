#pragma once
// One image from a PNG, JPEG, PGM or PPM file, and to a PNG file.

#include <cstdint>
#include <filesystem>

#include "backend/core/result.h"
#include "backend/data/array.h"
#include "backend/data/image_size.h"

namespace netwright {

/// UInt8, C×H×W with C = 1 (gray) or 3 (colour; alpha is blended on black, 16 bits become 8). Refuses images above 100
/// million pixels.
Result<Array> read_image(const std::filesystem::path& path);

/// From the file's header alone.
Result<ImageSize> read_image_size(const std::filesystem::path& path);

/// UInt8, H×W: the numbers that a gray PNG, one with a palette, or a PGM holds, as they are (the palette's places,
/// never its colours). JPEG, colours and 16 bits are refused.
Result<Array> read_mask(const std::filesystem::path& path);

/// `image`: UInt8, C×H×W with C = 1 or 3.
Result<void> write_png(const std::filesystem::path& path, const Array& image);

}  // namespace netwright
