#include "backend/data/idx.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "backend/core/numbers.h"
#include "backend/data/stored_elements.h"

namespace netwright {

static_assert(std::endian::native == std::endian::little, "elements are turned around");

namespace {

constexpr int highest_rank = 4;

/// An element type of the format.
struct IdxElement : StoredElement {
  std::uint32_t code;
};

template <class From, class To>
void convert_reversed(const std::byte* from, std::byte* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    std::array<std::byte, sizeof(From)> bytes;
    std::reverse_copy(from + i * sizeof(From), from + (i + 1) * sizeof(From), bytes.begin());
    const auto value = static_cast<To>(+std::bit_cast<From>(bytes));
    std::memcpy(to + i * sizeof(To), &value, sizeof(To));
  }
}

constexpr std::array<IdxElement, 6> idx_elements = {{
    {{1, ElementType::UInt8, nullptr}, 0x08},
    {{1, ElementType::Int64, convert_reversed<std::int8_t, std::int64_t>}, 0x09},
    {{2, ElementType::Int64, convert_reversed<std::int16_t, std::int64_t>}, 0x0B},
    {{4, ElementType::Int64, convert_reversed<std::int32_t, std::int64_t>}, 0x0C},
    {{4, ElementType::Float32, convert_reversed<float, float>}, 0x0D},
    {{8, ElementType::Float32, convert_reversed<double, float>}, 0x0E},
}};

struct IdxHeader {
  const IdxElement* element = nullptr;
  std::vector<std::int64_t> sizes;
};

Result<IdxHeader> read_idx_start(ByteStream& stream) {
  std::array<std::byte, 4> bytes = {};
  const auto at = [&](std::size_t i) { return std::to_integer<std::uint32_t>(bytes[i]); };
  auto read = stream.read(bytes.data(), bytes.size());
  if (!read) return read.error();
  if (*read < bytes.size()) return stream.error_at(*read, "the file ends within the IDX header");
  if (at(0) != 0 || at(1) != 0) {
    return stream.error_at(
        0, fmt::format("not an IDX file: it must begin with two zero bytes, not {:02x} {:02x}", at(0), at(1)));
  }
  IdxHeader header;
  for (const IdxElement& element : idx_elements) {
    if (at(2) == element.code) header.element = &element;
  }
  if (!header.element) {
    return stream.error_at(2, fmt::format("not an IDX file: there is no element type {:02x}", at(2)));
  }
  const auto rank = static_cast<int>(at(3));
  if (rank < 1 || rank > highest_rank) {
    return stream.error_at(3, fmt::format("{} dimensions, where 1 to {} are allowed", rank, highest_rank));
  }

  std::optional<std::int64_t> needed = static_cast<std::int64_t>(header.element->bytes);
  for (int axis = 0; axis < rank; ++axis) {
    const std::uint64_t offset = stream.offset();
    read = stream.read(bytes.data(), bytes.size());
    if (!read) return read.error();
    if (*read < bytes.size()) return stream.error_at(offset + *read, "the file ends within the IDX header");
    const std::int64_t size = at(0) << 24 | at(1) << 16 | at(2) << 8 | at(3);
    if (size == 0) return stream.error_at(offset, fmt::format("dimension {} is 0", axis + 1));
    header.sizes.push_back(size);
    needed = checked_multiply(needed, size);
  }
  if (!needed || static_cast<std::uint64_t>(*needed) > stream.bound()) {
    return stream.error_at(4, fmt::format("the header promises {} elements, and the file is too short for them",
                                          fmt::join(header.sizes, "×")));
  }
  return header;
}

}  // namespace

Result<ArrayHeader> read_idx_header(const std::filesystem::path& path) {
  auto stream = ByteStream::open(path);
  if (!stream) return stream.error();
  const auto header = read_idx_start(*stream);
  if (!header) return header.error();
  return ArrayHeader{header->element->type, header->sizes};
}

Result<Array> read_idx(const std::filesystem::path& path) {
  auto stream = ByteStream::open(path);
  if (!stream) return stream.error();
  const auto header = read_idx_start(*stream);
  if (!header) return header.error();
  return read_elements(*stream, *header->element, header->sizes);
}

}  // namespace netwright
