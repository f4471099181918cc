#include "backend/data/fields.h"

#include <fmt/core.h>

#include <algorithm>
#include <cfloat>
#include <charconv>
#include <cmath>
#include <system_error>

namespace netwright {

namespace {

constexpr std::string_view white = " \t\r\n\v\f";

bool equals_in_any_case(std::string_view text, std::string_view small) {
  return std::equal(text.begin(), text.end(), small.begin(), small.end(), [](char one, char other) {
    return (one >= 'A' && one <= 'Z' ? static_cast<char>(one - 'A' + 'a') : one) == other;
  });
}

std::optional<double> parsed(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.starts_with('+')) return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    // Too small for a double is zero; too large is no number.
    return text.find("e-") != text.npos || text.find("E-") != text.npos ? std::optional(0.0) : std::nullopt;
  }
  if (error != std::errc() || !(std::abs(number) <= FLT_MAX)) return std::nullopt;
  return number;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(white);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(white) + 1 - first);
}

bool is_missing(std::string_view field) {
  const std::string_view text = trimmed(field);
  if (text.empty() || text == "?") return true;
  if (text.size() > 4) return false;
  for (const std::string_view word : {"na", "n/a", "nan", "null"}) {
    if (equals_in_any_case(text, word)) return true;
  }
  return false;
}

std::optional<double> number_in(std::string_view field, char decimal) {
  const std::string_view text = trimmed(field);
  if (decimal == '.') return parsed(text);
  if (text.find('.') != text.npos) return std::nullopt;
  std::string pointed(text);
  std::replace(pointed.begin(), pointed.end(), decimal, '.');
  return parsed(pointed);
}

std::vector<std::string> listed(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    if (const std::string_view part = trimmed(text.substr(0, end)); !part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::vector<std::string> sorted_values(std::vector<std::string> values) {
  const auto is_number = [](const std::string& value) { return number_in(value).has_value(); };
  std::sort(values.begin(), values.end());
  if (std::all_of(values.begin(), values.end(), is_number)) {
    std::stable_sort(values.begin(), values.end(),
                     [](const auto& one, const auto& other) { return *number_in(one) < *number_in(other); });
  }
  return values;
}

std::string value_name(std::string_view field, char decimal) {
  const auto number = number_in(field, decimal);
  // Adding zero turns −0 into 0.
  return number ? fmt::format("{:.15g}", *number + 0.0) : std::string(trimmed(field));
}

}  // namespace netwright
