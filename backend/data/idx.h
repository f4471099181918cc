#pragma once
// IDX, the format of MNIST and its kin (http://yann.lecun.com/exdb/mnist/): two zero bytes, the element type, the
// rank, big-endian 32-bit sizes, then the elements, big-endian. Plain or gzip.

#include <filesystem>

#include "backend/core/result.h"
#include "backend/data/array.h"

namespace netwright {

/// UInt8 for unsigned bytes, Int64 for other whole numbers, Float32 for floats of 32 and 64 bits; rank 1 to 4. Any size
/// that doesn't fit the file is refused with the file's name, the offset and the reason. Unsigned bytes are taken as
/// ByteStream::take does.
Result<Array> read_idx(const std::filesystem::path& path);
/// Nothing after the header is read.
Result<ArrayHeader> read_idx_header(const std::filesystem::path& path);

}  // namespace netwright
