#include "backend/data/image_grid.h"

#include <algorithm>

namespace netwright {

Array image_grid(const std::vector<Array>& images, int columns) {
  if (images.empty()) return {ElementType::UInt8, {0, 0, 0}, {}};
  const std::int64_t channels = images.front().sizes[0];
  const std::int64_t height = images.front().sizes[1];
  const std::int64_t width = images.front().sizes[2];
  const auto count = static_cast<std::int64_t>(images.size());
  const std::int64_t across = std::clamp<std::int64_t>(columns, 1, count);
  const std::int64_t down = (count + across - 1) / across;
  Array grid = make_array(ElementType::UInt8, {channels, down * height, across * width});
  for (std::int64_t i = 0; i < count; ++i) {
    const auto* from = images[static_cast<std::size_t>(i)].as<std::uint8_t>();
    for (std::int64_t line = 0; line < channels * height; ++line) {
      const std::int64_t channel = line / height;
      const std::int64_t row = channel * down * height + i / across * height + line % height;
      std::copy_n(from + line * width, width, grid.as<std::uint8_t>() + (row * across + i % across) * width);
    }
  }
  return grid;
}

}  // namespace netwright
