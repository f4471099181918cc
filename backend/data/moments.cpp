#include "backend/data/moments.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace netwright {

namespace {

/// Whole numbers add up exactly.
struct ByteSums {
  std::uint64_t count = 0;
  std::uint64_t sum = 0;
  std::uint64_t squares = 0;
  std::uint8_t minimum = 255;
  std::uint8_t maximum = 0;

  void add(const std::uint8_t* values, std::size_t many) {
    // The squares of so many bytes fit 32 bits, in which compilers add several at once.
    constexpr std::size_t block = 65536;
    for (std::size_t begin = 0; begin < many; begin += block) {
      std::uint32_t block_sum = 0;
      std::uint32_t block_squares = 0;
      const std::size_t end = std::min(many, begin + block);
      for (std::size_t i = begin; i < end; ++i) {
        const std::uint32_t value = values[i];
        block_sum += value;
        block_squares += value * value;
        minimum = std::min(minimum, values[i]);
        maximum = std::max(maximum, values[i]);
      }
      sum += block_sum;
      squares += block_squares;
    }
    count += many;
  }

  Moments moments() const {
    const auto n = static_cast<double>(count);
    const double mean = static_cast<double>(sum) / n;
    const double variance = static_cast<double>(squares) / n - mean * mean;
    return {static_cast<double>(minimum), static_cast<double>(maximum), mean, std::sqrt(std::max(variance, 0.0))};
  }
};

/// Sums of the distances from the first value, which stay small where the values are large and near each other.
struct FloatSums {
  std::uint64_t count = 0;
  double origin = 0;
  double sum = 0;
  double squares = 0;
  float minimum = std::numeric_limits<float>::infinity();
  float maximum = -std::numeric_limits<float>::infinity();

  void add(const float* values, std::size_t many) {
    if (count == 0) origin = values[0];
    for (std::size_t i = 0; i < many; ++i) {
      const double distance = values[i] - origin;
      sum += distance;
      squares += distance * distance;
      minimum = std::min(minimum, values[i]);
      maximum = std::max(maximum, values[i]);
    }
    count += many;
  }

  Moments moments() const {
    const auto n = static_cast<double>(count);
    const double mean = sum / n;
    const double variance = squares / n - mean * mean;
    return {minimum, maximum, origin + mean, std::sqrt(std::max(variance, 0.0))};
  }
};

template <class Sums, class T>
std::vector<Moments> add_up(const Array& values, const Split& split, int axis) {
  const AxisLayout layout = layout_around(values, axis);
  const std::size_t elements = layout.outer * layout.places * layout.inner;
  std::vector<Sums> sums(layout.places);
  for (std::int64_t i = 0; i < split.count(); ++i) {
    const std::int64_t row = split.row(i);
    const T* sample = values.as<T>() + static_cast<std::size_t>(row) * elements;
    const auto steps = own_steps(values, split, row);
    const std::size_t outer = steps ? static_cast<std::size_t>(*steps) : layout.outer;
    for (std::size_t o = 0; o < outer; ++o) {
      for (Sums& place : sums) {
        place.add(sample, layout.inner);
        sample += layout.inner;
      }
    }
  }
  std::vector<Moments> moments;
  for (const Sums& place : sums) moments.push_back(place.count > 0 ? place.moments() : Moments());
  return moments;
}

}  // namespace

int meaningful_axis(const Array& values) {
  return values.sizes.size() == 3 ? 1 : 0;
}

int last_axis(const Array& values) {
  return std::max(0, static_cast<int>(values.sizes.size()) - 2);
}

std::optional<std::int64_t> own_steps(const Array& values, const Split& split, std::int64_t row) {
  const bool is_sequence = values.sizes.size() == 3 && values.sizes[1] == split.inputs.sizes[1];
  if (split.lengths.count() == 0 || !is_sequence) return std::nullopt;
  return std::clamp<std::int64_t>(split.lengths.as<std::int64_t>()[row], 0, values.sizes[1]);
}

std::vector<Moments> moments_of(const Array& values, const Split& split, int axis) {
  if (split.count() == 0 || sample_elements(values) == 0) return {};
  switch (values.type) {
    case ElementType::UInt8:
      return add_up<ByteSums, std::uint8_t>(values, split, axis);
    case ElementType::Float32:
      return add_up<FloatSums, float>(values, split, axis);
    case ElementType::Int64:
      return {};
  }
  return {};
}

}  // namespace netwright
