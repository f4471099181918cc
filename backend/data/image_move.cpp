#include "backend/data/image_move.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <type_traits>
#include <vector>

namespace netwright {

namespace {

/// The planes with a margin of zeros: one pixel before, two behind, so that what lies outside needs no test.
template <class T>
std::vector<T> padded(const T* from, const ImageSize& size) {
  const std::int64_t width = size.width + 3;
  std::vector<T> planes(static_cast<std::size_t>(size.channels * (size.height + 3) * width));
  T* to = planes.data();
  for (std::int64_t channel = 0; channel < size.channels; ++channel, to += 2 * width) {
    to += width;
    for (std::int64_t y = 0; y < size.height; ++y, from += size.width, to += width) {
      std::copy_n(from, size.width, to + 1);
    }
  }
  return planes;
}

/// Where the pixels of one row come from in a padded plane.
struct RowSource {
  std::vector<std::int32_t> first;  ///< the upper left of the four
  std::vector<float> right;         ///< the share of the two on the right
  std::vector<float> below;

  explicit RowSource(std::int64_t width)
      : first(static_cast<std::size_t>(width)),
        right(static_cast<std::size_t>(width)),
        below(static_cast<std::size_t>(width)) {}

  void find(const ImageSize& size, const AffineMove& move, std::int64_t y) {
    // One pixel outside and everything beyond are the same zeros.
    const auto most_x = static_cast<float>(size.width + 1);
    const auto most_y = static_cast<float>(size.height + 1);
    const auto stride = static_cast<std::int32_t>(size.width + 3);
    const auto begin_x = static_cast<float>(move.xy * static_cast<double>(y) + move.x0 + 1);
    const auto begin_y = static_cast<float>(move.yy * static_cast<double>(y) + move.y0 + 1);
    const auto step_x = static_cast<float>(move.xx);
    const auto step_y = static_cast<float>(move.yx);
    const auto count = static_cast<std::int32_t>(size.width);
    for (std::int32_t x = 0; x < count; ++x) {
      const float from_x = std::min(std::max(begin_x + step_x * static_cast<float>(x), 0.0F), most_x);
      const float from_y = std::min(std::max(begin_y + step_y * static_cast<float>(x), 0.0F), most_y);
      const auto column = static_cast<std::int32_t>(from_x);
      const auto row = static_cast<std::int32_t>(from_y);
      const auto i = static_cast<std::size_t>(x);
      first[i] = row * stride + column;
      right[i] = from_x - static_cast<float>(column);
      below[i] = from_y - static_cast<float>(row);
    }
  }
};

/// Of four neighbours from `above` on. What is mixed of bytes is never less than 0 or more than 255.
template <class T>
T mixed(const T* above, std::int64_t stride, float right, float below) {
  const T* under = above + stride;
  const float upper = static_cast<float>(above[0]) + right * static_cast<float>(above[1] - above[0]);
  const float lower = static_cast<float>(under[0]) + right * static_cast<float>(under[1] - under[0]);
  const float value = upper + below * (lower - upper);
  if constexpr (std::is_same_v<T, float>) return value;
  return static_cast<T>(static_cast<std::int32_t>(value + 0.5F));
}

}  // namespace

AffineMove affine_move(const ImageSize& size, double angle, double right, double down, const PixelMove& first) {
  const double middle_x = static_cast<double>(size.width - 1) / 2;
  const double middle_y = static_cast<double>(size.height - 1) / 2;
  const double cosine = std::cos(angle);
  const double sine = std::sin(angle);
  // Back from where a pixel comes to lie: unmoved, unturned, uncropped, unflipped.
  AffineMove move{.xx = cosine, .xy = sine, .yx = -sine, .yy = cosine};
  move.x0 = middle_x - cosine * (middle_x + right) - sine * (middle_y + down) + static_cast<double>(first.left);
  move.y0 = middle_y + sine * (middle_x + right) - cosine * (middle_y + down) + static_cast<double>(first.up);
  if (first.flips_across) {
    move.xx = -move.xx;
    move.xy = -move.xy;
    move.x0 = static_cast<double>(size.width - 1) - move.x0;
  }
  if (first.flips_down) {
    move.yx = -move.yx;
    move.yy = -move.yy;
    move.y0 = static_cast<double>(size.height - 1) - move.y0;
  }
  return move;
}

template <class T>
void move_pixels(const T* from, T* to, const ImageSize& size, const PixelMove& move) {
  const std::int64_t begin = std::clamp<std::int64_t>(-move.left, 0, size.width);
  const std::int64_t end = std::clamp<std::int64_t>(size.width - move.left, begin, size.width);
  for (std::int64_t channel = 0; channel < size.channels; ++channel) {
    const T* plane = from + channel * size.height * size.width;
    for (std::int64_t y = 0; y < size.height; ++y, to += size.width) {
      const std::int64_t unflipped = y + move.up;
      if (unflipped < 0 || unflipped >= size.height) {
        std::fill_n(to, size.width, T{});
        continue;
      }
      const T* row = plane + (move.flips_down ? size.height - 1 - unflipped : unflipped) * size.width;
      std::fill(to, to + begin, T{});
      if (move.flips_across) {
        const T* last = row + size.width - (begin + move.left);
        std::reverse_copy(last - (end - begin), last, to + begin);
      } else {
        std::copy(row + begin + move.left, row + end + move.left, to + begin);
      }
      std::fill(to + end, to + size.width, T{});
    }
  }
}

template <class T>
void move_affine(const T* from, T* to, const ImageSize& size, const AffineMove& move) {
  const std::vector<T> planes = padded(from, size);
  const std::int64_t stride = size.width + 3;
  RowSource source(size.width);
  for (std::int64_t y = 0; y < size.height; ++y) {
    source.find(size, move, y);
    for (std::int64_t channel = 0; channel < size.channels; ++channel) {
      const T* plane = planes.data() + channel * (size.height + 3) * stride;
      T* row = to + (channel * size.height + y) * size.width;
      for (std::int64_t x = 0; x < size.width; ++x) {
        const auto i = static_cast<std::size_t>(x);
        row[x] = mixed(plane + source.first[i], stride, source.right[i], source.below[i]);
      }
    }
  }
}

void move_nearest(const std::uint8_t* from, std::uint8_t* to, const ImageSize& size, const AffineMove& move) {
  for (std::int64_t y = 0; y < size.height; ++y) {
    for (std::int64_t x = 0; x < size.width; ++x, ++to) {
      const auto at_x = static_cast<double>(x);
      const auto at_y = static_cast<double>(y);
      const double from_x = std::floor(move.xx * at_x + move.xy * at_y + move.x0 + 0.5);
      const double from_y = std::floor(move.yx * at_x + move.yy * at_y + move.y0 + 0.5);
      const bool is_inside = from_x >= 0 && from_y >= 0 && from_x < static_cast<double>(size.width) &&
                             from_y < static_cast<double>(size.height);
      *to = is_inside ? from[static_cast<std::int64_t>(from_y) * size.width + static_cast<std::int64_t>(from_x)] : 0;
    }
  }
}

template void move_pixels(const std::uint8_t*, std::uint8_t*, const ImageSize&, const PixelMove&);
template void move_pixels(const float*, float*, const ImageSize&, const PixelMove&);
template void move_affine(const std::uint8_t*, std::uint8_t*, const ImageSize&, const AffineMove&);
template void move_affine(const float*, float*, const ImageSize&, const AffineMove&);

}  // namespace netwright
