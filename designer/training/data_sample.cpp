#include "designer/training/data_sample.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "backend/data/data_statistics.h"
#include "designer/training/data_augmentation.h"
#include "designer/training/data_columns.h"
#include "designer/training/data_picture.h"
#include "designer/training/data_words.h"

namespace netwright {
namespace {

bool are_texts(const Dataset& data) {
  return data.train.inputs.type == ElementType::Int64 && data.train.inputs.sizes.size() == 2 &&
         !data.vocabulary.tokens.empty();
}

bool are_points(const Dataset& data) {
  const Array& inputs = data.train.inputs;
  return inputs.sizes.size() == 2 && inputs.sizes[1] == 2 && inputs.type == ElementType::Float32 &&
         (data.target == TargetKind::Class || data.target == TargetKind::None);
}

/// Rows of the training split, spread over the whole: sources are often sorted by class.
std::vector<std::int64_t> spread_rows(const Split& split, int most) {
  const std::int64_t count = std::min<std::int64_t>(split.count(), most);
  std::vector<std::int64_t> rows;
  for (std::int64_t i = 0; i < count; ++i) rows.push_back(split.row(i * split.count() / count));
  return rows;
}

/// In another order, in which neighbours stem from far apart and the first few from everywhere.
std::vector<std::int64_t> mixed(const std::vector<std::int64_t>& rows) {
  const std::size_t count = rows.size();
  auto step = static_cast<std::size_t>(std::lround(0.618 * static_cast<double>(count)));
  while (std::gcd(step, count) > 1) ++step;
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(rows[i * step % count]);
  return out;
}

void add_target(DataSample& sample, const Dataset& data, std::int64_t row) {
  const bool is_class = data.target == TargetKind::Class && has_targets(data);
  sample.labels.push_back(is_class ? static_cast<int>(data.train.targets.as<std::int64_t>()[row]) : -1);
  sample.words << words_of_target(data, row);
}

std::vector<std::int64_t> shown_rows(const Split& split, int most, const SampleLimits& limits) {
  const std::vector<std::int64_t> rows = spread_rows(split, most);
  return limits.keeps_order ? rows : mixed(rows);
}

/// The rows' samples, one after the other.
Array gathered(const Array& from, const std::vector<std::int64_t>& rows, std::size_t most) {
  std::vector<std::int64_t> sizes = from.sizes;
  sizes.front() = static_cast<std::int64_t>(std::min(rows.size(), most));
  Array out = make_array(from.type, std::move(sizes));
  const auto bytes = static_cast<std::size_t>(sample_elements(from)) * bytes_of(from.type);
  for (std::size_t i = 0; i < static_cast<std::size_t>(out.count()); ++i) {
    std::copy_n(from.bytes.data() + static_cast<std::size_t>(rows[i]) * bytes, bytes, out.bytes.data() + i * bytes);
  }
  return out;
}

void add_pictures(DataSample& sample, const Dataset& data, const Settings& preparation, const SampleLimits& limits) {
  const Array& inputs = data.train.inputs;
  const Array& targets = data.train.targets;
  const bool has_masks = data.target == TargetKind::Mask && targets.type == ElementType::UInt8 &&
                         targets.sizes.size() == 3 && targets.sizes[1] == inputs.sizes[2] &&
                         targets.sizes[2] == inputs.sizes[3];
  const std::vector<std::int64_t> rows = shown_rows(data.train, limits.images, limits);
  for (const std::int64_t row : rows) {
    sample.images.push_back(brought_down(image_of(inputs, row)));
    if (has_masks) sample.masks.push_back(mask_brought_down(mask_of(targets, row)));
    add_target(sample, data, row);
  }
  const auto most = static_cast<std::size_t>(limits.augmented_images);
  sample.raw_images = gathered(inputs, rows, most);
  if (has_masks) sample.raw_masks = gathered(targets, rows, most);
  augment(sample, preparation, limits);
}

void add_points(DataSample& sample, const Dataset& data, const SampleLimits& limits) {
  for (const std::int64_t row : spread_rows(data.train, limits.points)) {
    const float* point = data.train.inputs.as<float>() + 2 * row;
    sample.points.emplace_back(point[0], point[1]);
    add_target(sample, data, row);
  }
}

void add_texts(DataSample& sample, const Dataset& data, const SampleLimits& limits) {
  const Array& inputs = data.train.inputs;
  const std::int64_t length = inputs.sizes[1];
  for (const std::int64_t row : shown_rows(data.train, limits.texts, limits)) {
    SampleText text;
    text.own = static_cast<int>(data.train.lengths.count() > 0 ? data.train.lengths.as<std::int64_t>()[row] : length);
    for (std::int64_t i = 0; i < std::min<std::int64_t>(length, limits.tokens); ++i) {
      const auto token = static_cast<std::size_t>(inputs.as<std::int64_t>()[row * length + i]);
      text.tokens << (token < data.vocabulary.tokens.size() ? QString::fromStdString(data.vocabulary.tokens[token])
                                                            : QString::number(token));
    }
    text.hidden = std::max(0, text.own - static_cast<int>(text.tokens.size()));
    sample.texts.push_back(std::move(text));
    add_target(sample, data, row);
  }
}

/// For each channel which column of the targets continues it, −1 for none; empty where none does.
std::vector<std::int64_t> continued_channels(const Dataset& data) {
  const Array& targets = data.train.targets;
  if (data.target != TargetKind::Values || targets.sizes.size() < 2) return {};
  const std::int64_t channels = data.train.inputs.sizes[2];
  const std::int64_t columns = targets.sizes.back();
  std::vector<std::int64_t> out(static_cast<std::size_t>(channels), -1);
  if (data.feature_names.size() != out.size() || data.target_names.size() != static_cast<std::size_t>(columns)) {
    return {};
  }
  bool is_any = false;
  for (std::size_t channel = 0; channel < out.size(); ++channel) {
    const auto found = std::find(data.target_names.begin(), data.target_names.end(), data.feature_names[channel]);
    if (found == data.target_names.end()) continue;
    out[channel] = found - data.target_names.begin();
    is_any = true;
  }
  return is_any ? out : std::vector<std::int64_t>();
}

void add_windows(DataSample& sample, const Dataset& data, const SampleLimits& limits) {
  const Split& split = data.train;
  const std::int64_t steps = split.inputs.sizes[1];
  const std::int64_t channels = split.inputs.sizes[2];
  for (const std::string& name : data.feature_names) sample.channels << QString::fromStdString(name);
  const std::vector<std::int64_t> continued = continued_channels(data);
  const std::int64_t target_steps = split.targets.sizes.size() == 3 ? split.targets.sizes[1] : 1;
  for (const std::int64_t row : spread_rows(split, limits.windows)) {
    const std::int64_t own = split.lengths.count() > 0 ? split.lengths.as<std::int64_t>()[row] : steps;
    SampleWindow window;
    window.channels.resize(static_cast<std::size_t>(channels));
    window.targets.resize(static_cast<std::size_t>(channels));
    window.target_from = static_cast<int>(own);
    bool is_every_step = target_steps == steps && steps > 1;
    for (std::int64_t channel = 0; channel < channels; ++channel) {
      auto& values = window.channels[static_cast<std::size_t>(channel)];
      for (std::int64_t step = 0; step < own; ++step) {
        values.push_back(number_at(split.inputs, (row * steps + step) * channels + channel));
      }
      if (continued.empty() || continued[static_cast<std::size_t>(channel)] < 0) continue;
      const std::int64_t columns = split.targets.sizes.back();
      auto& following = window.targets[static_cast<std::size_t>(channel)];
      for (std::int64_t step = 0; step < target_steps; ++step) {
        following.push_back(number_at(
            split.targets, (row * target_steps + step) * columns + continued[static_cast<std::size_t>(channel)]));
      }
      // The window one step later, where every step predicts the next one.
      is_every_step = is_every_step && std::equal(values.begin() + 1, values.end(), following.begin());
    }
    if (is_every_step) window.target_from = 1;
    sample.windows.push_back(std::move(window));
    add_target(sample, data, row);
    if (!continued.empty()) sample.words.back().clear();
  }
}

}  // namespace

DataSample sample_of(const Dataset& data, const Settings& preparation, const SampleLimits& limits) {
  DataSample out;
  out.name = QString::fromStdString(data.name);
  out.shape = QString::fromStdString(data.sample_shape.to_string());
  out.train_samples = data.train.count();
  out.validation_samples = data.validation.count();
  out.test_samples = data.test.count();
  for (const std::string& name : data.classes) out.classes << QString::fromStdString(name);
  if (has_targets(data)) {
    for (const std::int64_t count : class_counts_of(data, data.train)) out.class_counts.push_back(count);
    out.are_pixels_counted = data.target == TargetKind::Mask;
  }
  const Array& inputs = data.train.inputs;
  if (out.train_samples == 0) return out;
  if (are_pictures(inputs)) {
    add_pictures(out, data, preparation, limits);
  } else if (are_texts(data)) {
    add_texts(out, data, limits);
  } else if (are_points(data)) {
    for (const std::string& name : data.feature_names) out.channels << QString::fromStdString(name);
    add_points(out, data, limits);
  } else if (inputs.sizes.size() == 3) {
    add_windows(out, data, limits);
  } else if (inputs.sizes.size() <= 2) {
    add_columns(out, data, limits);
  }
  return out;
}

DataSample sample_of_rows(const Dataset& data, const Split& split, const std::vector<std::int64_t>& rows) {
  Dataset few;
  static_cast<Legend&>(few) = data;
  const auto of_rows = [&](const Array& array) {
    return array.count() > 0 ? gathered(array, rows, rows.size()) : array;
  };
  few.train = {.inputs = of_rows(split.inputs), .targets = of_rows(split.targets), .lengths = of_rows(split.lengths)};
  SampleLimits limits;
  limits.keeps_order = true;
  return sample_of(few, {}, limits);
}

}  // namespace netwright
