#pragma once
// NumPy's .npy (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), versions 1 to 3, C order.

#include <filesystem>

#include "backend/core/result.h"
#include "backend/data/array.h"

namespace netwright {

/// Reads |u1, <i8, <f4; converts <f8 to float32, <i4 and bool to int64. Others are refused by name.
Result<Array> read_npy(const std::filesystem::path& path);
Result<void> write_npy(const std::filesystem::path& path, const Array& array);

}  // namespace netwright
