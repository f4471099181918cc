// Netpbm's PGM and PPM (https://netpbm.sourceforge.net/doc/pnm.html), as text (P2, P3) and binary (P5, P6).

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "backend/data/image_formats.h"

namespace netwright {

namespace {

constexpr std::int64_t largest_number = 1'000'000'000;
constexpr std::int64_t largest_value = 65535;

struct PnmHeader {
  ImageSize size;
  bool is_text = false;
  std::int64_t maximum = 255;

  std::int64_t numbers() const { return size.channels * size.height * size.width; }
};

class PnmReader {
 public:
  PnmReader(const std::filesystem::path& path, std::FILE* file) : path_(path), file_(file) {}

  Result<PnmHeader> header() {
    std::fgetc(file_);  // the P
    const int kind = std::fgetc(file_) - '0';
    PnmHeader header;
    header.is_text = kind <= 3;
    header.size.channels = kind % 3 == 0 ? 3 : 1;
    for (std::int64_t* number : {&header.size.width, &header.size.height, &header.maximum}) {
      const auto read = read_number();
      if (!read || *read < 1) return refused("the header's three numbers (width, height, largest value) aren't there");
      *number = *read;
    }
    if (header.maximum > largest_value)
      return refused(fmt::format("a largest value of {} isn't allowed", header.maximum));
    return header;
  }

  /// Refuses sizes that the file can't hold before memory is taken for them. The header has been read.
  Result<std::vector<std::uint16_t>> numbers(const PnmHeader& header) {
    if (const auto checked = check_image_size(path_, header.size); !checked) return checked.error();
    const std::int64_t each = header.is_text || header.maximum > 255 ? 2 : 1;  // text: a digit and a space
    std::error_code error;
    const auto size = static_cast<std::int64_t>(std::filesystem::file_size(path_, error));
    // The last number of a text has no space after it.
    if (error || header.numbers() * each > size - std::ftell(file_) + 1) {
      return refused(fmt::format("{}×{} pixels are promised, and the file is too short for them; it is truncated",
                                 header.size.width, header.size.height));
    }
    std::vector<std::uint16_t> numbers(static_cast<std::size_t>(header.numbers()));
    const bool are_there = header.is_text ? read_text(numbers) : read_binary(numbers, each);
    if (!are_there) return refused("a pixel isn't there; the file is truncated or damaged");
    const auto most = *std::max_element(numbers.begin(), numbers.end());
    if (most > header.maximum) {
      return refused(fmt::format("a pixel has the value {}, where {} is the most", most, header.maximum));
    }
    return numbers;
  }

 private:
  Error refused(const std::string& reason) const {
    return image_refused(path_, fmt::format("at byte {}: {}", std::ftell(file_), reason));
  }
  void pass_comment() {
    for (int next = std::fgetc(file_); next != '\n' && next != EOF;) next = std::fgetc(file_);
  }
  /// A number and the one character after it; white space and comments before it are passed over.
  std::optional<std::int64_t> read_number() {
    int next = std::fgetc(file_);
    while (std::isspace(next) || next == '#') {
      if (next == '#') pass_comment();
      next = std::fgetc(file_);
    }
    if (!std::isdigit(next)) return std::nullopt;
    std::int64_t number = 0;
    for (; std::isdigit(next); next = std::fgetc(file_)) {
      number = number * 10 + (next - '0');
      if (number > largest_number) return std::nullopt;
    }
    if (next == '#') {
      pass_comment();
    } else if (next != EOF && !std::isspace(next)) {
      return std::nullopt;
    }
    return number;
  }
  bool read_text(std::vector<std::uint16_t>& numbers) {
    for (std::uint16_t& number : numbers) {
      const auto read = read_number();
      if (!read || *read > largest_value) return false;
      number = static_cast<std::uint16_t>(*read);
    }
    return true;
  }
  /// Two bytes have the high one first.
  bool read_binary(std::vector<std::uint16_t>& numbers, std::int64_t each) {
    std::vector<unsigned char> bytes(numbers.size() * static_cast<std::size_t>(each));
    if (std::fread(bytes.data(), 1, bytes.size(), file_) != bytes.size()) return false;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      numbers[i] = each == 1 ? bytes[i] : static_cast<std::uint16_t>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
    }
    return true;
  }

  const std::filesystem::path& path_;
  std::FILE* file_;
};

}  // namespace

Result<ImageSize> read_pnm_size(const std::filesystem::path& path, std::FILE* file) {
  const auto header = PnmReader(path, file).header();
  if (!header) return header.error();
  return header->size;
}

Result<Array> read_pnm(const std::filesystem::path& path, std::FILE* file) {
  PnmReader reader(path, file);
  const auto header = reader.header();
  if (!header) return header.error();
  const auto numbers = reader.numbers(*header);
  if (!numbers) return numbers.error();
  std::vector<unsigned char> pixels(numbers->size());
  std::transform(numbers->begin(), numbers->end(), pixels.begin(), [&](std::int64_t number) {
    return static_cast<unsigned char>((number * 255 + header->maximum / 2) / header->maximum);
  });
  return planar(pixels, header->size);
}

Result<Array> read_pnm_mask(const std::filesystem::path& path, std::FILE* file) {
  PnmReader reader(path, file);
  const auto header = reader.header();
  if (!header) return header.error();
  if (header->size.channels != 1) return image_refused(path, "a mask is gray, this file has colours");
  if (header->maximum > 255) return image_refused(path, "a mask has up to 8 bits a pixel, this file has 16");
  const auto numbers = reader.numbers(*header);
  if (!numbers) return numbers.error();
  Array mask = make_array(ElementType::UInt8, {header->size.height, header->size.width});
  std::copy(numbers->begin(), numbers->end(), mask.as<std::uint8_t>());
  return mask;
}

}  // namespace netwright
