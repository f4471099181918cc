#pragma once
// Arithmetic that can't overflow silently, and counts as people read them.

#include <cstdint>
#include <optional>
#include <string>

namespace netwright {

/// a·b and a+b for non-negative numbers; nothing where the result doesn't fit 63 bits.
std::optional<std::int64_t> checked_multiply(std::optional<std::int64_t> a, std::optional<std::int64_t> b);
std::optional<std::int64_t> checked_add(std::optional<std::int64_t> a, std::optional<std::int64_t> b);

/// 62006 -> `62,006`.
std::string with_separators(std::int64_t count);
/// 651720 -> `651.7 K`, 1814073344 -> `1.81 G` (powers of 1000, three significant digits or four).
std::string with_unit(std::int64_t count);
/// 2.4 KiB, 17.1 MiB (powers of 1024).
std::string bytes_text(std::int64_t bytes);

}  // namespace netwright
