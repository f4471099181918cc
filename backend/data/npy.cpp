#include "backend/data/npy.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <array>
#include <bit>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>

#include "backend/core/numbers.h"
#include "backend/core/safe_file.h"

namespace netwright {

static_assert(std::endian::native == std::endian::little, "array data is little-endian and copied as it is");

namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::uint64_t longest_header = std::uint64_t{1} << 16;
constexpr std::size_t most_axes = 32;
constexpr std::size_t alignment = 64;

/// The three members of the header, which is a Python dict.
struct Header {
  std::string descr;
  bool is_fortran_order = false;
  std::vector<std::int64_t> sizes;
};

/// Reads the part of Python's literals that NumPy writes.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : rest_(text) {}

  /// Nothing where the text isn't such a dict; a descr that is a list (a structured type) is given as `structured`.
  std::optional<Header> parse() {
    Header header;
    int found = 0;
    if (!take('{')) return std::nullopt;
    while (!take('}')) {
      const auto key = text();
      if (!key || !take(':')) return std::nullopt;
      bool is_read = false;
      if (*key == "descr") {
        is_read = read_descr(header.descr);
      } else if (*key == "fortran_order") {
        is_read = read_flag(header.is_fortran_order);
      } else if (*key == "shape") {
        is_read = read_sizes(header.sizes);
      }
      if (!is_read) return std::nullopt;
      ++found;
      if (!take(',') && peek() != '}') return std::nullopt;
      if (header.descr == "structured") return header;
    }
    peek();
    if (found != 3 || !rest_.empty() || header.descr.empty()) return std::nullopt;
    return header;
  }

 private:
  /// The next character that isn't white space; 0 at the end.
  char peek() {
    while (!rest_.empty() && std::isspace(static_cast<unsigned char>(rest_.front()))) rest_.remove_prefix(1);
    return rest_.empty() ? '\0' : rest_.front();
  }
  bool take(char expected) {
    if (rest_.empty() || peek() != expected) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take(std::string_view word) {
    peek();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  std::optional<std::string> text() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') return std::nullopt;
    const std::size_t end = rest_.find(quote, 1);
    if (end == std::string_view::npos) return std::nullopt;
    std::string content(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return content;
  }
  bool read_descr(std::string& descr) {
    if (peek() == '[') {
      descr = "structured";
      rest_ = "}";
      return true;
    }
    auto content = text();
    if (content) descr = std::move(*content);
    return content.has_value();
  }
  bool read_flag(bool& flag) {
    flag = take("True");
    return flag || take("False");
  }
  bool read_sizes(std::vector<std::int64_t>& sizes) {
    if (!take('(')) return false;
    while (!take(')')) {
      std::optional<std::int64_t> size;
      while (std::isdigit(static_cast<unsigned char>(peek()))) {
        size = checked_add(checked_multiply(size.value_or(0), 10), rest_.front() - '0');
        if (!size) return false;
        rest_.remove_prefix(1);
      }
      if (!size || sizes.size() == most_axes) return false;
      sizes.push_back(*size);
      if (!take(',') && peek() != ')') return false;
    }
    return true;
  }

  std::string_view rest_;
};

/// An element type of NumPy that is read, and what it becomes.
struct Conversion {
  const char* descr;
  std::size_t bytes;
  ElementType type;
  void (*convert)(const std::byte* from, std::byte* to, std::size_t count);
};

template <class From, class To>
void convert_elements(const std::byte* from, std::byte* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    From value;
    std::memcpy(&value, from + i * sizeof(From), sizeof(From));
    const auto converted = static_cast<To>(value);
    std::memcpy(to + i * sizeof(To), &converted, sizeof(To));
  }
}

constexpr std::array<Conversion, 6> conversions = {{
    {"|u1", 1, ElementType::UInt8, nullptr},
    {"<i8", 8, ElementType::Int64, nullptr},
    {"<f4", 4, ElementType::Float32, nullptr},
    {"<f8", 8, ElementType::Float32, convert_elements<double, float>},
    {"<i4", 4, ElementType::Int64, convert_elements<std::int32_t, std::int64_t>},
    {"|b1", 1, ElementType::Int64, convert_elements<std::uint8_t, std::int64_t>},
}};

const Conversion* find_conversion(const std::string& descr) {
  for (const Conversion& conversion : conversions) {
    if (descr == conversion.descr) return &conversion;
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

Error refused(const std::filesystem::path& path, std::uint64_t offset, const std::string& reason) {
  return {fmt::format("{}: at byte {}: {}.", path.string(), offset, reason)};
}

Error early_end(const std::filesystem::path& path, std::uint64_t size) {
  return refused(path, size, "the file ends within the header of a .npy file");
}

}  // namespace

Result<Array> read_npy(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return Error{fmt::format("There is no file {}.", path.string())};
  const std::uint64_t size = std::filesystem::file_size(path, error);
  std::ifstream file(path, std::ios::binary);
  if (error || !file) return Error{fmt::format("Can't read {}: {}.", path.string(), std::strerror(errno))};
  const auto read = [&file](void* to, std::size_t count) {
    file.read(static_cast<char*>(to), static_cast<std::streamsize>(count));
    return static_cast<std::size_t>(file.gcount()) == count;
  };

  std::array<char, 8> start = {};
  if (!read(start.data(), start.size())) return early_end(path, size);
  if (std::string_view(start.data(), magic.size()) != magic) {
    return refused(path, 0, "not a .npy file: it doesn't begin with \\x93NUMPY");
  }
  const int version = static_cast<unsigned char>(start[6]);
  if (version < 1 || version > 3) return refused(path, 6, fmt::format("version {} isn't known; 1 to 3 are", version));
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  std::uint32_t length = 0;
  if (!read(&length, length_bytes)) return early_end(path, size);
  const std::uint64_t header_begin = start.size() + length_bytes;
  if (length > longest_header || length > size - header_begin) {
    return refused(path, start.size(), fmt::format("the header of {} bytes doesn't fit", length));
  }
  std::string text(length, '\0');
  if (!read(text.data(), text.size())) return early_end(path, size);

  const auto header = HeaderParser(text).parse();
  if (!header) return refused(path, header_begin, "the header isn't one that NumPy writes");
  const Conversion* conversion = find_conversion(header->descr);
  if (!conversion) {
    return refused(path, header_begin,
                   fmt::format("elements of type {} can't be read; save them as float32, uint8 or "
                               "int64",
                               header->descr));
  }
  if (header->is_fortran_order) {
    return refused(path, header_begin, "the array is in Fortran order; save numpy.ascontiguousarray of it");
  }

  std::optional<std::int64_t> elements = 1;
  for (const std::int64_t axis : header->sizes) elements = checked_multiply(elements, axis);
  const auto needed = checked_multiply(elements, static_cast<std::int64_t>(conversion->bytes));
  const std::uint64_t present = size - header_begin - length;
  if (!needed || static_cast<std::uint64_t>(*needed) != present) {
    return refused(path, header_begin + length,
                   fmt::format("an array of ({}) needs {} bytes, and {} are there", fmt::join(header->sizes, ", "),
                               needed ? std::to_string(*needed) : "far more", present));
  }
  Array array = make_array(conversion->type, header->sizes);
  if (!conversion->convert) {
    if (!read(array.bytes.data(), array.bytes.size())) return refused(path, header_begin + length, "reading failed");
    return array;
  }
  std::vector<std::byte> raw(static_cast<std::size_t>(*needed));
  if (!read(raw.data(), raw.size())) return refused(path, header_begin + length, "reading failed");
  conversion->convert(raw.data(), array.bytes.data(), static_cast<std::size_t>(*elements));
  return array;
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
