#include "backend/data/stored_elements.h"

#include <fmt/core.h>

#include <algorithm>

namespace netwright {

namespace {

constexpr std::size_t chunk_elements = std::size_t{1} << 16;

Result<void> read_converted(ByteStream& stream, const StoredElement& element, Array& array) {
  const std::size_t count = array.bytes.size() / bytes_of(array.type);
  std::vector<std::byte> raw(std::min(count, chunk_elements) * element.bytes);
  std::byte* to = array.bytes.data();
  for (std::size_t done = 0; done < count;) {
    const std::size_t part = std::min(count - done, chunk_elements);
    const auto read = stream.read(raw.data(), part * element.bytes);
    if (!read) return read.error();
    if (*read < part * element.bytes) {
      return stream.error_at(stream.offset(), fmt::format("the file ends {} bytes early; it is truncated",
                                                          (count - done) * element.bytes - *read));
    }
    element.convert(raw.data(), to, part);
    to += part * bytes_of(array.type);
    done += part;
  }
  return {};
}

}  // namespace

Result<Array> read_elements(ByteStream& stream, const StoredElement& element, std::vector<std::int64_t> sizes) {
  Array array = {element.type, std::move(sizes), {}};
  if (element.convert) {
    array = make_array(element.type, std::move(array.sizes));
    if (const auto read = read_converted(stream, element, array); !read) return read.error();
  } else {
    std::size_t bytes = element.bytes;
    for (const std::int64_t size : array.sizes) bytes *= static_cast<std::size_t>(size);
    auto taken = stream.take(bytes, element.bytes);
    if (!taken) return taken.error();
    array.bytes = *std::move(taken);
  }
  if (const auto ended = stream.expect_end(); !ended) return ended.error();
  return array;
}

}  // namespace netwright
