#pragma once
// Numbers as files store them.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "backend/core/result.h"
#include "backend/data/array.h"
#include "backend/data/byte_stream.h"

namespace netwright {

/// How a number is stored, and what it becomes.
struct StoredElement {
  std::size_t bytes = 0;
  ElementType type = ElementType::Float32;
  void (*convert)(const std::byte* from, std::byte* to, std::size_t count) = nullptr;  ///< null: the bytes as they are
};

/// What is left of the stream, which must be an array of these sizes and nothing else. The caller has compared the
/// sizes with ByteStream::bound.
Result<Array> read_elements(ByteStream& stream, const StoredElement& element, std::vector<std::int64_t> sizes);

}  // namespace netwright
