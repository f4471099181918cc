#include "backend/core/utf8.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace netwright {

namespace {

struct Decoded {
  char32_t character = replacement_character;
  std::size_t bytes = 0;  ///< 0: no UTF-8
};

Decoded decoded(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < bytes) return {};
  char32_t character = first & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    character = character << 6 | (byte(i) & 0x3F);
  }
  constexpr std::array<char32_t, 5> least = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = character >= 0xD800 && character <= 0xDFFF;
  if (character < least[bytes] || character > 0x10FFFF || is_surrogate) return {};
  return {character, bytes};
}

/// Every `step`th character from first to last has its small letter `distance` further.
struct Capitals {
  char32_t first;
  char32_t last;
  char32_t step;
  int distance;
};

/// From UnicodeData.txt, sorted.
constexpr Capitals capitals[] = {
    {0x0041, 0x005A, 1, 32},   {0x00C0, 0x00D6, 1, 32},    {0x00D8, 0x00DE, 1, 32}, {0x0100, 0x012E, 2, 1},
    {0x0130, 0x0130, 1, -199}, {0x0132, 0x0136, 2, 1},     {0x0139, 0x0147, 2, 1},  {0x014A, 0x0176, 2, 1},
    {0x0178, 0x0178, 1, -121}, {0x0179, 0x017D, 2, 1},     {0x01CD, 0x01DB, 2, 1},  {0x01DE, 0x01EE, 2, 1},
    {0x01F8, 0x021E, 2, 1},    {0x0222, 0x0232, 2, 1},     {0x0386, 0x0386, 1, 38}, {0x0388, 0x038A, 1, 37},
    {0x038C, 0x038C, 1, 64},   {0x038E, 0x038F, 1, 63},    {0x0391, 0x03A1, 1, 32}, {0x03A3, 0x03AB, 1, 32},
    {0x0400, 0x040F, 1, 80},   {0x0410, 0x042F, 1, 32},    {0x0460, 0x0480, 2, 1},  {0x048A, 0x04BE, 2, 1},
    {0x04C0, 0x04C0, 1, 15},   {0x04C1, 0x04CD, 2, 1},     {0x04D0, 0x052E, 2, 1},  {0x0531, 0x0556, 1, 48},
    {0x1E00, 0x1E94, 2, 1},    {0x1E9E, 0x1E9E, 1, -7615}, {0x1EA0, 0x1EFE, 2, 1},  {0xFF21, 0xFF3A, 1, 32},
};

struct Range {
  char32_t first;
  char32_t last;
};

/// Punctuation and symbols beyond ASCII, sorted.
constexpr Range punctuation[] = {
    {0x00A1, 0x00A9}, {0x00AB, 0x00B1}, {0x00B4, 0x00B4}, {0x00B6, 0x00B8}, {0x00BB, 0x00BF}, {0x00D7, 0x00D7},
    {0x00F7, 0x00F7}, {0x02C2, 0x02C5}, {0x037E, 0x037E}, {0x0387, 0x0387}, {0x055A, 0x055F}, {0x0589, 0x058A},
    {0x05BE, 0x05BE}, {0x060C, 0x060C}, {0x061B, 0x061F}, {0x066A, 0x066D}, {0x06D4, 0x06D4}, {0x0964, 0x0965},
    {0x2010, 0x206F}, {0x207A, 0x207E}, {0x208A, 0x208E}, {0x20A0, 0x20CF}, {0x2190, 0x2BFF}, {0x2E00, 0x2E7F},
    {0x3001, 0x3004}, {0x3008, 0x3020}, {0x3030, 0x3030}, {0x30FB, 0x30FB}, {0xFE10, 0xFE1F}, {0xFE30, 0xFE6F},
    {0xFF01, 0xFF0F}, {0xFF1A, 0xFF20}, {0xFF3B, 0xFF40}, {0xFF5B, 0xFF65}, {0xFFE0, 0xFFFD}, {0x1F000, 0x1FAFF},
};

/// The row that holds the character, where `rows` are sorted.
template <class Row, std::size_t count>
const Row* row_with(const Row (&rows)[count], char32_t character) {
  const Row* row = std::lower_bound(std::begin(rows), std::end(rows), character,
                                    [](const Row& one, char32_t value) { return one.last < value; });
  return row != std::end(rows) && row->first <= character ? row : nullptr;
}

}  // namespace

char32_t take_character(std::string_view& text) {
  const Decoded next = decoded(text);
  text.remove_prefix(std::max<std::size_t>(next.bytes, 1));
  return next.character;
}

void append_character(std::string& text, char32_t character) {
  const auto put = [&](char32_t byte) { text += static_cast<char>(byte); };
  if (character < 0x80) {
    put(character);
  } else if (character < 0x800) {
    put(0xC0 | character >> 6);
    put(0x80 | (character & 0x3F));
  } else if (character < 0x10000) {
    put(0xE0 | character >> 12);
    put(0x80 | (character >> 6 & 0x3F));
    put(0x80 | (character & 0x3F));
  } else {
    put(0xF0 | character >> 18);
    put(0x80 | (character >> 12 & 0x3F));
    put(0x80 | (character >> 6 & 0x3F));
    put(0x80 | (character & 0x3F));
  }
}

std::optional<std::size_t> first_invalid_byte(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    const Decoded next = decoded(text.substr(at));
    if (next.bytes == 0) return at;
    at += next.bytes;
  }
  return std::nullopt;
}

std::string valid_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) append_character(valid, take_character(text));
  return valid;
}

std::string file_name(const std::filesystem::path& path) {
  return valid_utf8((path.has_filename() ? path : path.parent_path()).filename().string());
}

char32_t lower_case(char32_t character) {
  const Capitals* row = row_with(capitals, character);
  if (!row || (character - row->first) % row->step != 0) return character;
  return static_cast<char32_t>(static_cast<int>(character) + row->distance);
}

bool is_white_space(char32_t character) {
  return character <= 0x20 || (character >= 0x7F && character <= 0xA0) || character == 0x1680 ||
         (character >= 0x2000 && character <= 0x200B) || character == 0x2028 || character == 0x2029 ||
         character == 0x202F || character == 0x205F || character == 0x3000 || character == 0xFEFF;
}

bool is_word_character(char32_t character) {
  if (character < 0x80) {
    return (character >= '0' && character <= '9') || (character >= 'a' && character <= 'z') ||
           (character >= 'A' && character <= 'Z');
  }
  return !is_white_space(character) && !row_with(punctuation, character);
}

}  // namespace netwright
