#pragma once
// What lies in a zip archive (PKWARE's APPNOTE.TXT 6.3, with zip64), as NumPy's .npz is one.

#include <filesystem>
#include <vector>

#include "backend/core/result.h"
#include "backend/data/byte_stream.h"

namespace netwright {

/// The members in the directory's order, folders left out; ByteStream reads one. Refuses encrypted members, methods
/// other than stored and deflate, archives of several volumes, more than 10,000 members, and whatever doesn't fit the
/// file, with the offset and the reason.
Result<std::vector<FileSection>> read_zip_directory(const std::filesystem::path& path);

}  // namespace netwright
