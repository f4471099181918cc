#include "backend/data/idx.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <array>

#include "backend/core/numbers.h"
#include "backend/data/byte_stream.h"

namespace netwright {

namespace {

constexpr std::int64_t most_bytes = std::int64_t{1} << 32;
constexpr int highest_rank = 4;
constexpr int unsigned_byte = 0x08;

const char* element_name(int type) {
  switch (type) {
    case 0x09:
      return "signed bytes";
    case 0x0B:
      return "16-bit integers";
    case 0x0C:
      return "32-bit integers";
    case 0x0D:
      return "32-bit floats";
    case 0x0E:
      return "64-bit floats";
    default:
      return nullptr;
  }
}

Result<std::vector<std::int64_t>> read_header(ByteStream& stream) {
  std::array<std::byte, 4> bytes = {};
  const auto at = [&](std::size_t i) { return std::to_integer<std::uint32_t>(bytes[i]); };
  auto count = stream.read(bytes.data(), bytes.size());
  if (!count) return count.error();
  if (*count < bytes.size()) return stream.error_at(*count, "the file ends within the IDX header");
  if (at(0) != 0 || at(1) != 0) {
    return stream.error_at(
        0, fmt::format("not an IDX file: it must begin with two zero bytes, not {:02x} {:02x}", at(0), at(1)));
  }
  if (at(2) != unsigned_byte) {
    const char* name = element_name(static_cast<int>(at(2)));
    return stream.error_at(2, name ? fmt::format("the elements are {}; only unsigned bytes (type 08) are read", name)
                                   : fmt::format("not an IDX file: there is no element type {:02x}", at(2)));
  }
  const auto rank = static_cast<int>(at(3));
  if (rank < 1 || rank > highest_rank) {
    return stream.error_at(3, fmt::format("{} dimensions, where 1 to {} are allowed", rank, highest_rank));
  }

  std::vector<std::int64_t> sizes;
  std::optional<std::int64_t> elements = 1;
  for (int axis = 0; axis < rank; ++axis) {
    const std::uint64_t offset = stream.offset();
    count = stream.read(bytes.data(), bytes.size());
    if (!count) return count.error();
    if (*count < bytes.size()) return stream.error_at(offset + *count, "the file ends within the IDX header");
    const std::int64_t size = at(0) << 24 | at(1) << 16 | at(2) << 8 | at(3);
    if (size == 0) return stream.error_at(offset, fmt::format("dimension {} is 0", axis + 1));
    sizes.push_back(size);
    elements = checked_multiply(elements, size);
    if (!elements || *elements > most_bytes) {
      return stream.error_at(offset, fmt::format("{} elements are more than the {} that are read",
                                                 fmt::join(sizes, "×"), bytes_text(most_bytes)));
    }
  }
  if (static_cast<std::uint64_t>(*elements) > stream.bound()) {
    return stream.error_at(
        4, fmt::format("the header promises {} elements, and the file is too short for them", fmt::join(sizes, "×")));
  }
  return sizes;
}

}  // namespace

Result<std::vector<std::int64_t>> read_idx_sizes(const std::filesystem::path& path) {
  auto stream = ByteStream::open(path);
  if (!stream) return stream.error();
  return read_header(*stream);
}

Result<Array> read_idx(const std::filesystem::path& path) {
  auto stream = ByteStream::open(path);
  if (!stream) return stream.error();
  auto sizes = read_header(*stream);
  if (!sizes) return sizes.error();
  Array array = make_array(ElementType::UInt8, std::move(*sizes));
  auto count = stream->read(array.bytes.data(), array.bytes.size());
  if (!count) return count.error();
  if (*count < array.bytes.size()) {
    return stream->error_at(stream->offset(),
                            fmt::format("the file ends {} bytes early; it is truncated", array.bytes.size() - *count));
  }
  // Also makes gzip verify its checksum.
  std::byte beyond = {};
  auto rest = stream->read(&beyond, 1);
  if (!rest) return rest.error();
  if (*rest != 0) return stream->error_at(stream->offset() - 1, "more bytes follow than the header promises");
  return array;
}

}  // namespace netwright
