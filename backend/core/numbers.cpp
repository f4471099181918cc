#include "backend/core/numbers.h"

#include <fmt/format.h>

#include <array>

namespace netwright {

std::optional<std::int64_t> checked_multiply(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
  std::int64_t product = 0;
  if (!a || !b || __builtin_mul_overflow(*a, *b, &product)) return std::nullopt;
  return product;
}

std::optional<std::int64_t> checked_add(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
  std::int64_t sum = 0;
  if (!a || !b || __builtin_add_overflow(*a, *b, &sum)) return std::nullopt;
  return sum;
}

std::string with_separators(std::int64_t count) {
  std::string digits = std::to_string(count);
  const std::size_t first = count < 0 ? 1 : 0;
  for (std::size_t i = digits.size(); i > first + 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

namespace {

/// Three significant digits at least, never more decimals than the base unit has.
std::string scaled(double value, const char* unit) {
  const int decimals = value < 10 ? 2 : value < 100 ? 1 : 0;
  return fmt::format("{:.{}f} {}", value, decimals, unit);
}

}  // namespace

std::string with_unit(std::int64_t count) {
  static constexpr std::array units = {"K", "M", "G", "T", "P", "E"};
  if (count > -1000 && count < 1000) return std::to_string(count);
  double value = static_cast<double>(count) / 1000;
  std::size_t unit = 0;
  while ((value >= 999.5 || value <= -999.5) && unit + 1 < units.size()) {
    value /= 1000;
    ++unit;
  }
  return scaled(value, units[unit]);
}

std::string bytes_text(std::int64_t bytes) {
  static constexpr std::array units = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (value >= 1023.5 && unit + 1 < units.size()) {
    value /= 1024;
    ++unit;
  }
  return scaled(value, units[unit]);
}

}  // namespace netwright
