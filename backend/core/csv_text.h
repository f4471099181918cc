#pragma once
// Comma-separated values as RFC 4180 has them, but for the line's end, which is a newline alone.

#include <string>
#include <string_view>
#include <vector>

namespace netwright {

/// In quotes where it holds a comma, a quote or a line's end.
std::string csv_field(std::string_view text);
/// As few digits as give the same number back; `nan`, `inf`, `-inf`.
std::string csv_number(double value);
/// The fields with commas between them and a newline.
std::string csv_row(const std::vector<std::string>& fields);

}  // namespace netwright
