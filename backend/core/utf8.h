#pragma once
// UTF-8, one character after the other, the same under every locale.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace netwright {

/// Stands for what is no UTF-8.
inline constexpr char32_t replacement_character = 0xFFFD;

/// Takes the first character off `text`, which isn't empty. A byte that begins none is taken alone and gives U+FFFD.
char32_t take_character(std::string_view& text);
void append_character(std::string& text, char32_t character);

/// Where the first byte stands that is no UTF-8 (overlong forms, surrogates and what is above U+10FFFF aren't).
std::optional<std::size_t> first_invalid_byte(std::string_view text);
/// With U+FFFD for every byte that is no UTF-8.
std::string valid_utf8(std::string_view text);

/// The last part of a path, made valid.
std::string file_name(const std::filesystem::path& path);

/// Unicode's simple lower case of the Latin, Greek, Cyrillic and Armenian letters in use; others stay as they are.
char32_t lower_case(char32_t character);
/// Control characters too.
bool is_white_space(char32_t character);
/// Letters, digits and marks of any script: what is neither white space nor punctuation.
bool is_word_character(char32_t character);

}  // namespace netwright
