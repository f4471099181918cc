#include "designer/training/data_picture.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace netwright {
namespace {

constexpr std::int64_t largest_side = 4096;
constexpr int largest_kept = 256;  // pixels of a picture's side

QImage no_larger(const QImage& image, Qt::TransformationMode mode) {
  if (std::max(image.width(), image.height()) <= largest_kept) return image;
  return image.scaled(largest_kept, largest_kept, Qt::KeepAspectRatio, mode);
}

}  // namespace

bool are_pictures(const Array& inputs) {
  return inputs.sizes.size() == 4 && (inputs.sizes[1] == 1 || inputs.sizes[1] == 3) && inputs.sizes[2] >= 1 &&
         inputs.sizes[3] >= 1 && inputs.sizes[2] <= largest_side && inputs.sizes[3] <= largest_side &&
         inputs.type != ElementType::Int64;
}

LightRange light_of(const Array& samples, std::int64_t index) {
  if (samples.type != ElementType::Float32) return {};
  const std::int64_t count = sample_elements(samples);
  LightRange range{std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()};
  for (std::int64_t i = 0; i < count; ++i) {
    const float value = samples.as<float>()[index * count + i];
    if (!std::isfinite(value)) continue;
    range = {std::min(range.black, value), std::max(range.white, value)};
  }
  return range;
}

QImage image_of(const Array& samples, std::int64_t index, const LightRange& light) {
  if (!are_pictures(samples) || index < 0 || index >= samples.count()) return {};
  const std::int64_t channels = samples.sizes[1];
  const std::int64_t height = samples.sizes[2];
  const std::int64_t width = samples.sizes[3];
  const std::int64_t first = index * sample_elements(samples);
  const float span = light.white - light.black;
  const auto byte_at = [&](std::int64_t offset) {
    if (samples.type == ElementType::UInt8) return static_cast<int>(samples.as<std::uint8_t>()[first + offset]);
    const float value = samples.as<float>()[first + offset];
    const float share = span > 0 && std::isfinite(value) ? (value - light.black) / span : 0;
    return static_cast<int>(std::lround(255 * std::clamp(share, 0.0F, 1.0F)));
  };
  QImage image(static_cast<int>(width), static_cast<int>(height), QImage::Format_RGB32);
  for (std::int64_t y = 0; y < height; ++y) {
    auto* line = reinterpret_cast<QRgb*>(image.scanLine(static_cast<int>(y)));
    for (std::int64_t x = 0; x < width; ++x) {
      const auto at = [&](std::int64_t channel) {
        return byte_at((std::min(channel, channels - 1) * height + y) * width + x);
      };
      line[x] = qRgb(at(0), at(1), at(2));
    }
  }
  return image;
}

QImage image_of(const Array& samples, std::int64_t index) {
  if (!are_pictures(samples) || index < 0 || index >= samples.count()) return {};
  return image_of(samples, index, light_of(samples, index));
}

QImage mask_of(const Array& masks, std::int64_t index) {
  if (masks.type != ElementType::UInt8 || masks.sizes.size() != 3) return {};
  const auto height = static_cast<int>(masks.sizes[1]);
  const auto width = static_cast<int>(masks.sizes[2]);
  QImage image(width, height, QImage::Format_Grayscale8);
  const std::uint8_t* from = masks.as<std::uint8_t>() + index * height * width;
  for (int y = 0; y < height; ++y, from += width) std::copy_n(from, width, image.scanLine(y));
  return image;
}

QImage brought_down(const QImage& image) {
  return no_larger(image, Qt::SmoothTransformation);
}

QImage mask_brought_down(const QImage& mask) {
  return no_larger(mask, Qt::FastTransformation);  // classes don't mix
}

}  // namespace netwright
