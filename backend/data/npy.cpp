#include "backend/data/npy.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>

#include "backend/core/numbers.h"
#include "backend/core/safe_file.h"
#include "backend/data/byte_stream.h"
#include "backend/data/npy_dict.h"
#include "backend/data/stored_elements.h"
#include "backend/data/zip_archive.h"

namespace netwright {

static_assert(std::endian::native == std::endian::little, "array data is little-endian and copied as it is");

namespace {

constexpr std::string_view magic = "\x93NUMPY";
const std::string npy_ending = ".npy";
constexpr std::uint64_t longest_header = std::uint64_t{1} << 16;
constexpr std::size_t alignment = 64;

/// An element type of NumPy that is read.
struct NpyElement : StoredElement {
  const char* descr;
};

template <class From, class To>
void convert_numbers(const std::byte* from, std::byte* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    From value;
    std::memcpy(&value, from + i * sizeof(From), sizeof(From));
    const auto converted = static_cast<To>(+value);
    std::memcpy(to + i * sizeof(To), &converted, sizeof(To));
  }
}

/// IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction.
float from_half(std::uint16_t bits) {
  const int exponent = bits >> 10 & 0x1F;
  const int fraction = bits & 0x3FF;
  float value = 0;
  if (exponent == 0x1F) {
    value = fraction == 0 ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
  } else {
    value = exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                          : std::ldexp(static_cast<float>(fraction + 0x400), exponent - 25);
  }
  return (bits & 0x8000) != 0 ? -value : value;
}

void convert_halves(const std::byte* from, std::byte* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, from + i * sizeof(bits), sizeof(bits));
    const float value = from_half(bits);
    std::memcpy(to + i * sizeof(value), &value, sizeof(value));
  }
}

constexpr std::array<NpyElement, 11> npy_elements = {{
    {{1, ElementType::UInt8, nullptr}, "|u1"},
    {{8, ElementType::Int64, nullptr}, "<i8"},
    {{4, ElementType::Float32, nullptr}, "<f4"},
    {{8, ElementType::Float32, convert_numbers<double, float>}, "<f8"},
    {{2, ElementType::Float32, convert_halves}, "<f2"},
    {{4, ElementType::Int64, convert_numbers<std::int32_t, std::int64_t>}, "<i4"},
    {{2, ElementType::Int64, convert_numbers<std::int16_t, std::int64_t>}, "<i2"},
    {{1, ElementType::Int64, convert_numbers<std::int8_t, std::int64_t>}, "|i1"},
    {{4, ElementType::Int64, convert_numbers<std::uint32_t, std::int64_t>}, "<u4"},
    {{2, ElementType::Int64, convert_numbers<std::uint16_t, std::int64_t>}, "<u2"},
    {{1, ElementType::Int64, convert_numbers<std::uint8_t, std::int64_t>}, "|b1"},
}};

const NpyElement* find_element(const std::string& descr) {
  for (const NpyElement& element : npy_elements) {
    if (descr == element.descr) return &element;
  }
  return nullptr;
}

const char* descr_of(ElementType type) {
  switch (type) {
    case ElementType::UInt8:
      return "|u1";
    case ElementType::Int64:
      return "<i8";
    case ElementType::Float32:
      return "<f4";
  }
  return "";
}

std::string array_name(const FileSection& member) {
  const bool is_npy = member.name.ends_with(npy_ending);
  return member.name.substr(0, member.name.size() - (is_npy ? npy_ending.size() : 0));
}

/// What was read of a .npy's header.
struct NpyHeader {
  const NpyElement* element = nullptr;
  std::vector<std::int64_t> sizes;

  ArrayHeader what_it_becomes() const { return {element->type, sizes}; }
};

Result<void> read_whole(ByteStream& stream, void* to, std::size_t size, const char* what) {
  const auto count = stream.read(static_cast<std::byte*>(to), size);
  if (!count) return count.error();
  if (*count == size) return {};
  return stream.error_at(stream.offset(), fmt::format("the file ends within the {} of a .npy file", what));
}

/// Refuses sizes that the file can't hold.
Result<void> check_sizes(const ByteStream& stream, const NpyDict& dict, const NpyElement& element) {
  std::optional<std::int64_t> elements = 1;
  for (const std::int64_t size : dict.sizes) elements = checked_multiply(elements, size);
  const auto needed = checked_multiply(elements, static_cast<std::int64_t>(element.bytes));
  const std::uint64_t present = stream.bound();
  const bool fits = needed && (stream.is_packed() ? static_cast<std::uint64_t>(*needed) <= present
                                                  : static_cast<std::uint64_t>(*needed) == present);
  // A conversion may make eight bytes of one.
  if (fits && checked_multiply(elements, 8)) return {};
  return stream.error_at(
      stream.offset(),
      fmt::format("an array of ({}) needs {} bytes, and {}{} are there", fmt::join(dict.sizes, ", "),
                  needed ? std::to_string(*needed) : "far more", stream.is_packed() ? "at most " : "", present));
}

Result<NpyHeader> read_npy_start(ByteStream& stream) {
  std::array<char, 8> start = {};
  if (const auto read = read_whole(stream, start.data(), start.size(), "header"); !read) return read.error();
  if (std::string_view(start.data(), magic.size()) != magic) {
    return stream.error_at(0, "not a .npy file: it doesn't begin with \\x93NUMPY");
  }
  const int version = static_cast<unsigned char>(start[6]);
  if (version < 1 || version > 3) {
    return stream.error_at(6, fmt::format("version {} isn't known; 1 to 3 are", version));
  }
  std::uint32_t length = 0;
  if (const auto read = read_whole(stream, &length, version == 1 ? 2 : 4, "header"); !read) return read.error();
  if (length > longest_header || length > stream.bound()) {
    return stream.error_at(start.size(), fmt::format("the header of {} bytes doesn't fit", length));
  }
  const std::uint64_t begin = stream.offset();
  std::string text(length, '\0');
  if (const auto read = read_whole(stream, text.data(), text.size(), "header"); !read) return read.error();

  const auto dict = parse_npy_dict(text);
  if (!dict) return stream.error_at(begin, "the header isn't one that NumPy writes");
  const NpyElement* element = find_element(dict->descr);
  if (!element) {
    return stream.error_at(
        begin, fmt::format("elements of type {} can't be read; save them as float32, uint8 or int64", dict->descr));
  }
  if (dict->is_fortran_order) {
    return stream.error_at(begin, "the array is in Fortran order; save numpy.ascontiguousarray of it");
  }
  if (const auto checked = check_sizes(stream, *dict, *element); !checked) return checked.error();
  return NpyHeader{element, dict->sizes};
}

Result<ArrayHeader> header_in(Result<ByteStream> stream) {
  if (!stream) return stream.error();
  const auto header = read_npy_start(*stream);
  if (!header) return header.error();
  return header->what_it_becomes();
}

Result<Array> array_in(Result<ByteStream> stream) {
  if (!stream) return stream.error();
  const auto header = read_npy_start(*stream);
  if (!header) return header.error();
  return read_elements(*stream, *header->element, header->sizes);
}

Result<ByteStream> open_member(const std::filesystem::path& path, const std::string& name) {
  const auto members = read_zip_directory(path);
  if (!members) return members.error();
  std::string names;
  for (const FileSection& member : *members) {
    if (member.name == name || member.name == name + npy_ending) return ByteStream::open(path, member);
    names += (names.empty() ? "" : ", ") + array_name(member);
  }
  return Error{fmt::format("{}: there is no array “{}”. There {}.", path.string(), name,
                           names.empty() ? "is none" : "are: " + names)};
}

}  // namespace

Result<ArrayHeader> read_npy_header(const std::filesystem::path& path) {
  return header_in(ByteStream::open(path));
}

Result<Array> read_npy(const std::filesystem::path& path) {
  return array_in(ByteStream::open(path));
}

Result<std::vector<std::string>> npz_names(const std::filesystem::path& path) {
  const auto members = read_zip_directory(path);
  if (!members) return members.error();
  std::vector<std::string> names;
  for (const FileSection& member : *members) names.push_back(array_name(member));
  return names;
}

Result<ArrayHeader> read_npz_header(const std::filesystem::path& path, const std::string& name) {
  return header_in(open_member(path, name));
}

Result<Array> read_npz(const std::filesystem::path& path, const std::string& name) {
  return array_in(open_member(path, name));
}

Result<void> write_npy(const std::filesystem::path& path, const Array& array) {
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}", descr_of(array.type),
                                   fmt::join(array.sizes, ", "), array.sizes.size() == 1 ? "," : "");
  const std::size_t unpadded = magic.size() + 4 + header.size() + 1;
  header.append((alignment - unpadded % alignment) % alignment, ' ');
  header += '\n';
  std::string start(magic);
  start += '\x01';
  start += '\x00';
  start += static_cast<char>(header.size() & 0xFF);
  start += static_cast<char>(header.size() >> 8);

  auto file = SafeFile::create(path);
  if (!file) return file.error();
  if (auto written = file->write(start + header); !written) return written;
  if (auto written = file->write(array.bytes.data(), array.bytes.size()); !written) return written;
  return file->commit();
}

}  // namespace netwright
