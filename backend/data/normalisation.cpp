#include "backend/data/normalisation.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "backend/data/moments.h"

namespace netwright {

namespace {

float narrowed(double value) {
  constexpr double most = std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(value, -most, most));
}

/// A divisor: 1 where a float has no room for it, as where a value never changes.
float divisor(double value) {
  const float narrow = narrowed(value);
  return narrow >= std::numeric_limits<float>::min() ? narrow : 1;
}

Normalisation scaled_bytes(std::string_view kind) {
  const float middle = kind == "signed" ? 0.5F : 0;
  return {.scale = static_cast<float>(1 / byte_range), .mean = {middle}, .deviation = {1 - middle}};
}

}  // namespace

Normalisation normalisation_of(const Array& values, const Split& split, int axis, std::string_view kind) {
  const bool is_bytes = values.type == ElementType::UInt8;
  if (values.type == ElementType::Int64 || kind == "none") return {};
  if (is_bytes && kind != "standard") return scaled_bytes(kind);

  const std::vector<Moments> moments = moments_of(values, split, axis);
  const double scale = is_bytes ? 1 / byte_range : 1;
  Normalisation result{.scale = static_cast<float>(scale), .axis = axis};
  if (moments.empty()) return result;
  result.mean.clear();
  result.deviation.clear();
  for (const Moments& place : moments) {
    const double range = place.maximum - place.minimum;
    if (kind == "standard") {
      result.mean.push_back(narrowed(scale * place.mean));
      result.deviation.push_back(range > 0 ? divisor(scale * place.deviation) : 1);
    } else {
      const double half = kind == "signed" ? 0.5 : 0;
      result.mean.push_back(narrowed(place.minimum + half * range));
      result.deviation.push_back(divisor((1 - half) * range));
    }
  }
  return result;
}

std::optional<std::string> complaint(const Normalisation& by, const Shape& sample) {
  const std::size_t places = by.mean.size();
  if (places == 0 || by.deviation.size() != places) {
    return fmt::format("the normalisation has {} means and {} deviations", places, by.deviation.size());
  }
  const auto is_finite = [](float value) { return std::isfinite(value); };
  if (!is_finite(by.scale) || !std::all_of(by.mean.begin(), by.mean.end(), is_finite)) {
    return "the normalisation has a scale or a mean that isn't a number";
  }
  if (!std::all_of(by.deviation.begin(), by.deviation.end(), [](float d) { return std::isfinite(d) && d > 0; })) {
    return "the normalisation has a deviation that isn't above 0";
  }
  if (places == 1) return std::nullopt;
  const auto axis = static_cast<std::size_t>(by.axis);
  if (by.axis < 0 || axis >= sample.rank()) {
    return fmt::format("the normalisation goes along axis {}, but samples are {}", by.axis, sample.to_string());
  }
  if (sample[axis] && *sample[axis] != static_cast<std::int64_t>(places)) {
    return fmt::format("the normalisation has {} means for axis {} of samples that are {}", places, by.axis,
                       sample.to_string());
  }
  return std::nullopt;
}

}  // namespace netwright
