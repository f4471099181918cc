#pragma once

#include <cstdint>

namespace netwright {

struct ImageSize {
  std::int64_t channels = 1;
  std::int64_t height = 0;
  std::int64_t width = 0;
};

}  // namespace netwright
