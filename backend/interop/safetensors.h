#pragma once
// safetensors: an 8-byte little-endian header length, a JSON header, raw little-endian data
// (https://github.com/huggingface/safetensors, "Format"). The only weight format that is read or written.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "backend/core/result.h"

namespace netwright {

struct NamedTensor {
  std::string name;
  std::string dtype;  ///< F32, F64, I64, U8, BOOL, ...
  std::vector<std::int64_t> sizes;
  std::vector<std::byte> bytes;
};

struct TensorFile {
  std::vector<NamedTensor> tensors;
  std::map<std::string, std::string> metadata;
};

/// Safe (see core/safe_file.h). Wider element types come first in the file, the order is kept otherwise.
Result<void> write_safetensors(const std::filesystem::path& path, const TensorFile& content);
/// Refuses, with file, offset and reason: lengths that don't fit the file, overlapping or out-of-range data,
/// sizes that don't multiply to the data's length, broken JSON, unknown types.
Result<TensorFile> read_safetensors(const std::filesystem::path& path);

}  // namespace netwright
