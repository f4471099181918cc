#pragma once
// IDX, the format of MNIST and its kin (http://yann.lecun.com/exdb/mnist/): two zero bytes, the element type, the
// rank, big-endian 32-bit sizes, then the elements. Plain or gzip.

#include <cstdint>
#include <filesystem>
#include <vector>

#include "backend/core/result.h"
#include "backend/data/array.h"

namespace netwright {

/// At most 4 GiB, rank 1 to 4, unsigned bytes. Anything else, and any size that doesn't fit the file, is refused with
/// the file's name, the offset and the reason.
Result<Array> read_idx(const std::filesystem::path& path);
/// The sizes alone; nothing after the header is read.
Result<std::vector<std::int64_t>> read_idx_sizes(const std::filesystem::path& path);

}  // namespace netwright
