#include "backend/data/array_targets.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "backend/core/numbers.h"

namespace netwright {

namespace {

using Sizes = std::vector<std::int64_t>;

/// Whether each sample is one number.
bool is_one_number(const Sizes& sizes) {
  return std::all_of(sizes.begin() + 1, sizes.end(), [](std::int64_t size) { return size == 1; });
}

/// Without the channel of N×1×H×W.
Sizes without_channel(Sizes sizes) {
  if (sizes.size() == 4 && sizes[1] == 1) sizes.erase(sizes.begin() + 1);
  return sizes;
}

bool is_mask_for(const Sizes& targets, const Sizes& inputs) {
  const Sizes mask = without_channel(targets);
  return mask.size() == 3 && inputs.size() == 4 && mask[1] == inputs[2] && mask[2] == inputs[3];
}

double number_at(const Array& array, std::size_t i) {
  switch (array.type) {
    case ElementType::UInt8:
      return array.as<std::uint8_t>()[i];
    case ElementType::Int64:
      return static_cast<double>(array.as<std::int64_t>()[i]);
    case ElementType::Float32:
      return array.as<float>()[i];
  }
  return 0;
}

/// How many classes the numbers need, each from 0 to `most` − 1.
Result<std::int64_t> counted_classes(const Array& array, std::int64_t most, const std::string& file) {
  const auto each = static_cast<std::size_t>(sample_elements(array));
  const std::size_t count = static_cast<std::size_t>(array.count()) * each;
  double greatest = -1;
  for (std::size_t i = 0; i < count; ++i) {
    const double number = number_at(array, i);
    if (!(number >= 0 && number < static_cast<double>(most)) || number != std::floor(number)) {
      return Error{fmt::format("{}: sample {} has the class {:g}, where the {} classes are numbered from 0 to {}.",
                               file, i / each, number, with_separators(most), with_separators(most - 1))};
    }
    greatest = std::max(greatest, number);
  }
  return static_cast<std::int64_t>(greatest) + 1;
}

Result<void> check_labels(const Array& array, const std::string& file) {
  const auto each = static_cast<std::size_t>(sample_elements(array));
  for (std::size_t i = 0; i < static_cast<std::size_t>(array.count()) * each; ++i) {
    const double number = number_at(array, i);
    if (number == 0 || number == 1) continue;
    return Error{fmt::format("{}: sample {} has {:g} for label {}; a label is there (1) or not (0).", file, i / each,
                             number, i % each)};
  }
  return {};
}

Result<Array> as_mask(const Array& array, const ArrayHeader& inputs, const std::string& file) {
  if (!is_mask_for(array.sizes, inputs.sizes)) {
    const auto sample = [](const Sizes& sizes) {
      return Shape::from_sizes({sizes.begin() + 1, sizes.end()}).to_string();
    };
    return Error{
        fmt::format("{}: masks of {} don't lie on samples of {}.", file, sample(array.sizes), sample(inputs.sizes))};
  }
  Array mask = array;
  mask.sizes = without_channel(array.sizes);
  return mask;
}

}  // namespace

std::optional<TargetKind> target_kind_of(const ArrayHeader& targets, const ArrayHeader& inputs) {
  if (targets.sizes.empty()) return std::nullopt;
  if (targets.type == ElementType::Float32) return TargetKind::Values;
  if (is_one_number(targets.sizes)) return TargetKind::Class;
  return is_mask_for(targets.sizes, inputs.sizes) ? TargetKind::Mask : TargetKind::Labels;
}

Shape target_shape_of(TargetKind kind, const ArrayHeader& targets) {
  const auto sample_of = [](const Sizes& sizes) { return Shape::from_sizes({sizes.begin() + 1, sizes.end()}); };
  switch (kind) {
    case TargetKind::None:
    case TargetKind::Class:
      return {};
    case TargetKind::Mask:
      return sample_of(without_channel(targets.sizes));
    case TargetKind::Labels:
    case TargetKind::Values:
      return targets.sizes.size() == 1 ? Shape{1} : sample_of(targets.sizes);
  }
  return {};
}

Result<ArrayTargets> as_targets(const Array& array, TargetKind kind, const ArrayHeader& inputs,
                                std::int64_t most_classes, const std::string& file) {
  const std::int64_t samples = inputs.sizes.front();
  if (array.count() != samples) {
    return Error{
        fmt::format("{}: {} targets for {} samples.", file, with_separators(array.count()), with_separators(samples))};
  }
  ArrayTargets targets{array, 0};
  if (kind == TargetKind::Values || kind == TargetKind::Labels) {
    if (array.sizes.size() == 1) targets.array.sizes.push_back(1);
    if (kind == TargetKind::Labels) {
      if (targets.array.sizes.size() != 2) {
        return Error{fmt::format("{}: labels have two dimensions, samples × labels; this array has {}.", file,
                                 array.sizes.size())};
      }
      if (const auto checked = check_labels(targets.array, file); !checked) return checked.error();
      targets.classes = targets.array.sizes[1];
    }
    targets.array = converted(targets.array, ElementType::Float32);
    return targets;
  }
  if (kind == TargetKind::Mask) {
    auto mask = as_mask(array, inputs, file);
    if (!mask) return mask.error();
    targets.array = *std::move(mask);
    most_classes = std::min<std::int64_t>(most_classes, 256);
  } else if (!is_one_number(array.sizes)) {
    return Error{fmt::format("{}: a class is one number for each sample; this array has {}.", file,
                             Shape::from_sizes({array.sizes.begin() + 1, array.sizes.end()}).to_string())};
  } else {
    targets.array.sizes = {samples};
  }
  const auto classes = counted_classes(targets.array, most_classes, file);
  if (!classes) return classes.error();
  targets.classes = *classes;
  targets.array = converted(targets.array, kind == TargetKind::Mask ? ElementType::UInt8 : ElementType::Int64);
  return targets;
}

}  // namespace netwright
