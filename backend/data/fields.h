#pragma once
// What one field of a table says.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace netwright {

/// Without the white space around it.
std::string_view trimmed(std::string_view text);
/// Empty, NA, N/A, NaN, null or ?, in capitals or not.
bool is_missing(std::string_view field);
/// The number that the whole field is; nothing where it is none, or none that float32 holds. `decimal`: '.' or ','.
std::optional<double> number_in(std::string_view field, char decimal = '.');
/// The parts of a list with commas between them, trimmed; empty ones are left out.
std::vector<std::string> listed(std::string_view text);
/// By number where all are numbers, else in the order of their bytes.
std::vector<std::string> sorted_values(std::vector<std::string> values);
/// Numbers as they are written shortest ("1.0" is "1"), anything else trimmed.
std::string value_name(std::string_view field, char decimal = '.');

}  // namespace netwright
