#include "designer/training/data_sample.h"

#include <algorithm>
#include <cmath>

namespace netwright {
namespace {

/// One sample's numbers as bytes of light.
std::vector<uchar> light_of(const Array& samples, std::int64_t index, std::int64_t count) {
  std::vector<uchar> light(static_cast<std::size_t>(count));
  const std::int64_t from = index * count;
  if (samples.type == ElementType::UInt8) {
    std::copy_n(samples.as<std::uint8_t>() + from, count, light.begin());
  } else if (samples.type == ElementType::Float32) {
    const float* values = samples.as<float>() + from;
    const auto [least, greatest] = std::minmax_element(values, values + count);
    const float width = *greatest - *least;
    std::transform(values, values + count, light.begin(), [&, low = *least](float value) {
      const float share = width > 0 ? (value - low) / width : 0;
      return static_cast<uchar>(std::isfinite(share) ? std::lround(255 * std::clamp(share, 0.0F, 1.0F)) : 0);
    });
  }
  return light;
}

}  // namespace

QImage image_of(const Array& samples, std::int64_t index) {
  if (samples.sizes.size() != 4 || index < 0 || index >= samples.count()) return {};
  const std::int64_t channels = samples.sizes[1];
  const std::int64_t height = samples.sizes[2];
  const std::int64_t width = samples.sizes[3];
  if ((channels != 1 && channels != 3) || height < 1 || width < 1 || height > 4096 || width > 4096) return {};
  const std::vector<uchar> light = light_of(samples, index, channels * height * width);
  QImage image(static_cast<int>(width), static_cast<int>(height), QImage::Format_RGB32);
  for (std::int64_t y = 0; y < height; ++y) {
    auto* line = reinterpret_cast<QRgb*>(image.scanLine(static_cast<int>(y)));
    for (std::int64_t x = 0; x < width; ++x) {
      const auto at = [&](std::int64_t channel) {
        return light[static_cast<std::size_t>((std::min(channel, channels - 1) * height + y) * width + x)];
      };
      line[x] = qRgb(at(0), at(1), at(2));
    }
  }
  return image;
}

DataSample sample_of(const Dataset& data, int most_images, int most_points) {
  DataSample out;
  out.name = QString::fromStdString(data.name);
  out.shape = QString::fromStdString(data.sample_shape.to_string());
  out.train_samples = data.train.inputs.count();
  out.test_samples = data.test.inputs.count();
  for (const std::string& name : data.classes) out.classes << QString::fromStdString(name);
  out.class_counts.assign(data.classes.size(), 0);
  const auto* targets = data.train.targets.as<std::int64_t>();
  const std::int64_t count = std::min(out.train_samples, static_cast<qint64>(data.train.targets.count()));
  for (std::int64_t i = 0; i < count; ++i) {
    if (targets[i] >= 0 && targets[i] < static_cast<std::int64_t>(out.class_counts.size())) {
      ++out.class_counts[static_cast<std::size_t>(targets[i])];
    }
  }
  const Array& inputs = data.train.inputs;
  const bool is_points = inputs.sizes.size() == 2 && inputs.sizes[1] == 2 && inputs.type == ElementType::Float32;
  for (std::int64_t i = 0; i < std::min<std::int64_t>(count, is_points ? most_points : most_images); ++i) {
    if (is_points) {
      const float* point = inputs.as<float>() + 2 * i;
      out.points.emplace_back(point[0], point[1]);
    } else if (QImage image = image_of(inputs, i); !image.isNull()) {
      out.images.push_back(std::move(image));
    } else {
      break;
    }
    out.labels.push_back(static_cast<int>(targets[i]));
  }
  return out;
}

}  // namespace netwright
