#pragma once
// NumPy's .npy (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), versions 1 to 3, C order, and
// .npz, a zip archive of them.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "backend/core/result.h"
#include "backend/data/array.h"

namespace netwright {

/// Reads |u1, <i8, <f4; converts <f8 and <f2 to float32, other integers and bool to int64. Others are refused by name.
/// What needs no conversion is taken as ByteStream::take does.
Result<Array> read_npy(const std::filesystem::path& path);
Result<void> write_npy(const std::filesystem::path& path, const Array& array);

Result<ArrayHeader> read_npy_header(const std::filesystem::path& path);

/// The arrays of a .npz, as numpy.load names them (`x_train` for `x_train.npy`).
Result<std::vector<std::string>> npz_names(const std::filesystem::path& path);
Result<Array> read_npz(const std::filesystem::path& path, const std::string& name);
Result<ArrayHeader> read_npz_header(const std::filesystem::path& path, const std::string& name);

}  // namespace netwright
