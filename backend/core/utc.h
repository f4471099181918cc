#pragma once

#include <string>

namespace netwright {

/// Now in UTC, by a format of strftime: `%Y-%m-%dT%H:%M:%SZ` is ISO 8601.
std::string utc_text(const char* format = "%Y-%m-%dT%H:%M:%SZ");

}  // namespace netwright
