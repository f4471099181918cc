#include "backend/data/normalisation.h"

#include <cmath>

namespace netwright {

namespace {

struct Moments {
  double mean = 0;
  double deviation = 1;
};

/// `plane` values of each sample belong to the channel; they begin at `first` and repeat every `step`.
template <class T, class Sum>
Moments channel_moments(const T* values, std::size_t samples, std::size_t first, std::size_t plane, std::size_t step,
                        double scale) {
  Sum sum = 0;
  Sum squares = 0;
  for (std::size_t sample = 0; sample < samples; ++sample) {
    const T* value = values + sample * step + first;
    for (std::size_t i = 0; i < plane; ++i) {
      const Sum x = value[i];
      sum += x;
      squares += x * x;
    }
  }
  const auto count = static_cast<double>(samples * plane);
  const double mean = scale * static_cast<double>(sum) / count;
  const double variance = scale * scale * static_cast<double>(squares) / count - mean * mean;
  return {mean, variance > 1e-12 ? std::sqrt(variance) : 1};
}

}  // namespace

Normalisation normalisation_of(const Array& inputs) {
  Normalisation result;
  const bool is_image = inputs.type == ElementType::UInt8;
  result.scale = is_image ? 1.0F / 255 : 1.0F;
  if (inputs.count() == 0 || inputs.type == ElementType::Int64) return result;
  const auto channels = static_cast<std::size_t>(inputs.sizes.size() > 1 ? inputs.sizes[1] : 1);
  std::size_t plane = 1;
  for (std::size_t axis = 2; axis < inputs.sizes.size(); ++axis) plane *= static_cast<std::size_t>(inputs.sizes[axis]);
  const auto samples = static_cast<std::size_t>(inputs.count());

  result.mean.clear();
  result.deviation.clear();
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const std::size_t first = channel * plane;
    const std::size_t step = channels * plane;
    const Moments moments = is_image
                                ? channel_moments<std::uint8_t, std::uint64_t>(inputs.as<std::uint8_t>(), samples,
                                                                               first, plane, step, 1.0 / 255)
                                : channel_moments<float, double>(inputs.as<float>(), samples, first, plane, step, 1);
    result.mean.push_back(static_cast<float>(moments.mean));
    result.deviation.push_back(static_cast<float>(moments.deviation));
  }
  return result;
}

}  // namespace netwright
