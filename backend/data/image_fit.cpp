#include "backend/data/image_fit.h"

#include <algorithm>
#include <cmath>

namespace netwright {

namespace {

/// Along one axis: new pixels from `begin` on, `count` of them, take the old ones from `from` to `from + length`.
struct FitSpan {
  std::int64_t begin = 0;
  std::int64_t count = 0;
  double from = 0;
  double length = 0;

  double scale() const { return length / static_cast<double>(count); }
};

struct FitSpans {
  FitSpan rows;
  FitSpan columns;
};

FitSpans spans(std::int64_t old_height, std::int64_t old_width, std::int64_t height, std::int64_t width, Fit fit) {
  const auto h = static_cast<double>(old_height);
  const auto w = static_cast<double>(old_width);
  FitSpans spans = {{0, height, 0, h}, {0, width, 0, w}};
  const double down = static_cast<double>(height) / h;
  const double across = static_cast<double>(width) / w;
  if (fit == Fit::Crop) {
    const double scale = std::max(down, across);
    spans.rows.length = static_cast<double>(height) / scale;
    spans.columns.length = static_cast<double>(width) / scale;
    spans.rows.from = (h - spans.rows.length) / 2;
    spans.columns.from = (w - spans.columns.length) / 2;
  } else if (fit == Fit::Pad) {
    const double scale = std::min(down, across);
    spans.rows.count = std::clamp<std::int64_t>(std::llround(h * scale), 1, height);
    spans.columns.count = std::clamp<std::int64_t>(std::llround(w * scale), 1, width);
    spans.rows.begin = (height - spans.rows.count) / 2;
    spans.columns.begin = (width - spans.columns.count) / 2;
  }
  return spans;
}

/// What a new pixel takes of old ones: `weights` from the old pixel `first` on, their sum 1.
struct Taps {
  std::int64_t first = 0;
  std::vector<float> weights;
};

std::vector<Taps> triangle(const FitSpan& span, std::int64_t old_size) {
  std::vector<Taps> all;
  const double reach = std::max(span.scale(), 1.0);
  for (std::int64_t i = 0; i < span.count; ++i) {
    const double centre = span.from + (static_cast<double>(i) + 0.5) * span.scale();
    Taps taps;
    taps.first = std::max<std::int64_t>(static_cast<std::int64_t>(std::floor(centre - reach + 0.5)), 0);
    const auto end = std::min<std::int64_t>(static_cast<std::int64_t>(std::floor(centre + reach + 0.5)), old_size);
    double sum = 0;
    for (std::int64_t old = taps.first; old < end; ++old) {
      const double weight = std::max(1 - std::abs(static_cast<double>(old) + 0.5 - centre) / reach, 0.0);
      taps.weights.push_back(static_cast<float>(weight));
      sum += weight;
    }
    for (float& weight : taps.weights) weight = static_cast<float>(weight / sum);
    all.push_back(std::move(taps));
  }
  return all;
}

std::vector<std::int64_t> nearest(const FitSpan& span, std::int64_t old_size) {
  std::vector<std::int64_t> all;
  for (std::int64_t i = 0; i < span.count; ++i) {
    const double at = span.from + (static_cast<double>(i) + 0.5) * span.scale();
    all.push_back(std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(at)), 0, old_size - 1));
  }
  return all;
}

}  // namespace

Array fitted(const Array& image, std::int64_t height, std::int64_t width, Fit fit) {
  const std::int64_t channels = image.sizes[0];
  const std::int64_t old_height = image.sizes[1];
  const std::int64_t old_width = image.sizes[2];
  if (old_height == height && old_width == width) return image;
  const FitSpans to = spans(old_height, old_width, height, width, fit);
  const std::vector<Taps> columns = triangle(to.columns, old_width);
  const std::vector<Taps> rows = triangle(to.rows, old_height);
  Array result = make_array(ElementType::UInt8, {channels, height, width});
  const auto new_width = static_cast<std::size_t>(to.columns.count);
  // Across first, for the rows that are needed; then down.
  const std::int64_t first_row = rows.front().first;
  const std::int64_t last_row = rows.back().first + static_cast<std::int64_t>(rows.back().weights.size());
  std::vector<float> narrow(static_cast<std::size_t>(last_row - first_row) * new_width);
  std::vector<float> line(new_width);
  for (std::int64_t channel = 0; channel < channels; ++channel) {
    const auto* plane = image.as<std::uint8_t>() + channel * old_height * old_width;
    float* out = narrow.data();
    for (std::int64_t row = first_row; row < last_row; ++row) {
      const auto* old = plane + row * old_width;
      for (const Taps& taps : columns) {
        float sum = 0;
        for (std::size_t i = 0; i < taps.weights.size(); ++i) {
          sum += taps.weights[i] * static_cast<float>(old[taps.first + static_cast<std::int64_t>(i)]);
        }
        *out++ = sum;
      }
    }
    auto* target = result.as<std::uint8_t>() + (channel * height + to.rows.begin) * width + to.columns.begin;
    for (const Taps& taps : rows) {
      std::fill(line.begin(), line.end(), 0.5F);  // rounds
      for (std::size_t i = 0; i < taps.weights.size(); ++i) {
        const float* from = narrow.data() + (static_cast<std::size_t>(taps.first - first_row) + i) * new_width;
        for (std::size_t x = 0; x < new_width; ++x) line[x] += taps.weights[i] * from[x];
      }
      std::transform(line.begin(), line.end(), target,
                     [](float value) { return static_cast<std::uint8_t>(std::clamp(value, 0.0F, 255.0F)); });
      target += width;
    }
  }
  return result;
}

Array fitted_mask(const Array& mask, std::int64_t height, std::int64_t width, Fit fit) {
  const std::int64_t old_height = mask.sizes[0];
  const std::int64_t old_width = mask.sizes[1];
  if (old_height == height && old_width == width) return mask;
  const FitSpans to = spans(old_height, old_width, height, width, fit);
  const std::vector<std::int64_t> columns = nearest(to.columns, old_width);
  Array result = make_array(ElementType::UInt8, {height, width});
  auto* target = result.as<std::uint8_t>() + to.rows.begin * width + to.columns.begin;
  for (const std::int64_t row : nearest(to.rows, old_height)) {
    const auto* old = mask.as<std::uint8_t>() + row * old_width;
    std::transform(columns.begin(), columns.end(), target, [old](std::int64_t column) { return old[column]; });
    target += width;
  }
  return result;
}

Array with_channels(const Array& image, std::int64_t channels) {
  if (image.sizes[0] == channels) return image;
  const std::int64_t pixels = image.sizes[1] * image.sizes[2];
  Array converted = make_array(ElementType::UInt8, {channels, image.sizes[1], image.sizes[2]});
  const auto* from = image.as<std::uint8_t>();
  auto* to = converted.as<std::uint8_t>();
  for (std::int64_t i = 0; i < pixels; ++i) {
    if (channels == 1) {
      const int red = from[i];
      const int green = from[pixels + i];
      const int blue = from[2 * pixels + i];
      to[i] = static_cast<std::uint8_t>((299 * red + 587 * green + 114 * blue + 500) / 1000);
    } else {
      for (std::int64_t channel = 0; channel < channels; ++channel) to[channel * pixels + i] = from[i];
    }
  }
  return converted;
}

}  // namespace netwright
