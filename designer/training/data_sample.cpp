#include "designer/training/data_sample.h"

#include <QLocale>
#include <algorithm>
#include <cmath>
#include <limits>

#include "backend/data/augmentation.h"
#include "backend/data/data_statistics.h"
#include "backend/data/preparation.h"
#include "designer/training/axis_scale.h"

namespace netwright {
namespace {

constexpr std::int64_t largest_side = 4096;
constexpr int largest_kept = 256;                 // pixels of a picture's side
constexpr std::int64_t most_rows_read = 200'000;  // for a column's range and histogram
constexpr std::size_t bins = 16;
constexpr std::size_t most_words = 4;
constexpr std::uint64_t augmentation_seed = 7;

QString tr(const char* text) {
  return QObject::tr(text);
}

QString text_of(double value) {
  if (value == std::round(value) && std::abs(value) < 1e6) return QLocale().toString(value, 'f', 0);
  return QString::fromStdString(figure_text(value));
}

/// One number of an array, whatever its type.
double number_at(const Array& array, std::int64_t index) {
  switch (array.type) {
    case ElementType::UInt8:
      return array.as<std::uint8_t>()[index];
    case ElementType::Int64:
      return static_cast<double>(array.as<std::int64_t>()[index]);
    case ElementType::Float32:
      break;
  }
  return array.as<float>()[index];
}

bool are_pictures(const Array& inputs) {
  return inputs.sizes.size() == 4 && (inputs.sizes[1] == 1 || inputs.sizes[1] == 3) && inputs.sizes[2] >= 1 &&
         inputs.sizes[3] >= 1 && inputs.sizes[2] <= largest_side && inputs.sizes[3] <= largest_side &&
         inputs.type != ElementType::Int64;
}

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

QString class_name(const DataSample& sample, std::int64_t label) {
  return label >= 0 && label < sample.classes.size() ? sample.classes[static_cast<qsizetype>(label)]
                                                     : QString::number(label);
}

bool has_targets(const Dataset& data) {
  return data.train.targets.count() > 0 && data.target != TargetKind::None;
}

QString words_of_target(const Dataset& data, const DataSample& sample, std::int64_t row) {
  const Array& targets = data.train.targets;
  const std::int64_t elements = sample_elements(targets);
  if (data.target == TargetKind::Class) return class_name(sample, targets.as<std::int64_t>()[row]);
  if (data.target == TargetKind::Labels) {
    QStringList labels;
    for (std::int64_t i = 0; i < elements; ++i) {
      if (targets.as<float>()[row * elements + i] > 0.5F) labels << class_name(sample, i);
    }
    return labels.isEmpty() ? tr("none") : labels.join(QStringLiteral(", "));
  }
  if (data.target != TargetKind::Values) return {};
  QStringList values;
  for (std::int64_t i = 0; i < elements && i < static_cast<std::int64_t>(most_words); ++i) {
    const QString value = text_of(number_at(targets, row * elements + i));
    const bool is_named = data.target_names.size() == static_cast<std::size_t>(elements);
    values << (is_named ? QStringLiteral("%1 %2").arg(
                              QString::fromStdString(data.target_names[static_cast<std::size_t>(i)]), value)
                        : value);
  }
  if (elements > static_cast<std::int64_t>(most_words)) values << QStringLiteral("…");
  return values.join(QStringLiteral(", "));
}

void add_target(DataSample& sample, const Dataset& data, std::int64_t row) {
  const bool is_class = data.target == TargetKind::Class && has_targets(data);
  sample.labels.push_back(is_class ? static_cast<int>(data.train.targets.as<std::int64_t>()[row]) : -1);
  sample.words << (has_targets(data) ? words_of_target(data, sample, row) : QString());
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

QImage kept(const QImage& image, Qt::TransformationMode mode) {
  if (std::max(image.width(), image.height()) <= largest_kept) return image;
  return image.scaled(largest_kept, largest_kept, Qt::KeepAspectRatio, mode);
}

QImage kept_image(const QImage& image) {
  return kept(image, Qt::SmoothTransformation);
}

/// Classes don't mix.
QImage kept_mask(const QImage& mask) {
  return kept(mask, Qt::FastTransformation);
}

void add_augmented(DataSample& sample, const Dataset& data, const Settings& preparation,
                   const std::vector<std::int64_t>& rows, int versions) {
  const Array& inputs = data.train.inputs;
  const std::vector<std::int64_t> sizes(inputs.sizes.begin() + 1, inputs.sizes.end());
  const Augmentation augmentation(preparation, sizes, inputs.type);
  if (augmentation.is_idle()) return;
  const bool has_masks = !sample.masks.empty();
  const std::int64_t bytes = sample_elements(inputs) * static_cast<std::int64_t>(bytes_of(inputs.type));
  std::vector<std::int64_t> all_sizes = sizes;
  all_sizes.insert(all_sizes.begin(), 1);
  for (const std::int64_t row : rows) {
    Random random(augmentation_seed, static_cast<std::uint32_t>(row));
    const LightRange light = light_of(inputs, row);
    std::vector<QImage> images;
    std::vector<QImage> masks;
    for (int i = 0; i < versions; ++i) {
      Array changed = make_array(inputs.type, all_sizes);
      Array changed_mask = make_array(ElementType::UInt8, {1, sizes[1], sizes[2]});
      const std::uint8_t* mask =
          has_masks ? data.train.targets.as<std::uint8_t>() + row * sample_elements(data.train.targets) : nullptr;
      augmentation.apply(inputs.bytes.data() + row * bytes, changed.bytes.data(), random, mask,
                         has_masks ? changed_mask.as<std::uint8_t>() : nullptr);
      images.push_back(kept_image(image_of(changed, 0, light)));
      if (has_masks) masks.push_back(kept_mask(mask_of(changed_mask, 0)));
    }
    sample.augmented.push_back(std::move(images));
    if (has_masks) sample.augmented_masks.push_back(std::move(masks));
  }
}

void add_pictures(DataSample& sample, const Dataset& data, const Settings& preparation, const SampleLimits& limits) {
  const Array& inputs = data.train.inputs;
  const Array& targets = data.train.targets;
  const bool has_masks = data.target == TargetKind::Mask && targets.sizes.size() == 3 &&
                         targets.sizes[1] == inputs.sizes[2] && targets.sizes[2] == inputs.sizes[3];
  const std::vector<std::int64_t> sizes(inputs.sizes.begin() + 1, inputs.sizes.end());
  const bool is_augmented = !Augmentation(preparation, sizes, inputs.type).is_idle();
  const std::vector<std::int64_t> rows =
      spread_rows(data.train, is_augmented ? limits.augmented_images : limits.images);
  for (const std::int64_t row : rows) {
    sample.images.push_back(kept_image(image_of(inputs, row)));
    if (has_masks) sample.masks.push_back(kept_mask(mask_of(targets, row)));
    add_target(sample, data, row);
  }
  if (is_augmented) add_augmented(sample, data, preparation, rows, limits.augmentations);
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
  for (const std::int64_t row : spread_rows(data.train, limits.texts)) {
    SampleText text;
    text.own = static_cast<int>(data.train.lengths.count() > 0 ? data.train.lengths.as<std::int64_t>()[row] : length);
    for (std::int64_t i = 0; i < std::min<std::int64_t>(length, limits.tokens); ++i) {
      const auto token = static_cast<std::size_t>(inputs.as<std::int64_t>()[row * length + i]);
      text.tokens << (token < data.vocabulary.tokens.size() ? QString::fromStdString(data.vocabulary.tokens[token])
                                                            : QString::number(token));
    }
    text.hidden = static_cast<int>(length - text.tokens.size());
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

/// Range and histogram of numbers that lie `stride` apart.
void measure(SampleColumn& column, const Array& array, const Split& split, std::int64_t stride, std::int64_t offset) {
  const std::int64_t count = std::min(split.count(), most_rows_read);
  column.least = std::numeric_limits<double>::infinity();
  column.greatest = -column.least;
  const auto value_at = [&](std::int64_t i) {
    return number_at(array, split.row(i * split.count() / count) * stride + offset);
  };
  for (std::int64_t i = 0; i < count; ++i) {
    const double value = value_at(i);
    if (!std::isfinite(value)) continue;
    column.least = std::min(column.least, value);
    column.greatest = std::max(column.greatest, value);
  }
  if (column.least > column.greatest) {
    column.least = column.greatest = 0;
    return;
  }
  column.histogram.assign(bins, 0);
  const double width = column.greatest - column.least;
  for (std::int64_t i = 0; i < count; ++i) {
    const double value = value_at(i);
    if (!std::isfinite(value)) continue;
    const double share = width > 0 ? (value - column.least) / width : 0;
    ++column.histogram[std::min(bins - 1, static_cast<std::size_t>(share * bins))];
  }
  const double most = *std::max_element(column.histogram.begin(), column.histogram.end());
  for (double& bin : column.histogram) bin /= most;
}

QString name_of(const std::vector<std::string>& names, std::int64_t index, std::int64_t count,
                const QString& fallback) {
  return names.size() == static_cast<std::size_t>(count)
             ? QString::fromStdString(names[static_cast<std::size_t>(index)])
             : QStringLiteral("%1%2").arg(fallback).arg(index + 1);
}

void add_columns(DataSample& sample, const Dataset& data, const SampleLimits& limits) {
  const Split& split = data.train;
  const std::int64_t rows = std::min<std::int64_t>(split.count(), limits.rows);
  const auto add = [&](const Array& array, const std::vector<std::string>& names, const QString& fallback,
                       bool is_target) {
    const std::int64_t count = sample_elements(array);
    const std::int64_t shown = std::min<std::int64_t>(count, limits.columns);
    sample.hidden_columns += static_cast<int>(count - shown);
    for (std::int64_t i = 0; i < shown; ++i) {
      SampleColumn column{.name = name_of(names, i, count, fallback), .is_target = is_target};
      for (std::int64_t row = 0; row < rows; ++row)
        column.values << text_of(number_at(array, split.row(row) * count + i));
      measure(column, array, split, count, i);
      sample.columns.push_back(std::move(column));
    }
  };
  if (has_targets(data) && data.target == TargetKind::Values)
    add(split.targets, data.target_names, tr("target "), true);
  if (has_targets(data) && (data.target == TargetKind::Class || data.target == TargetKind::Labels)) {
    SampleColumn column{.name = data.target == TargetKind::Class ? tr("class") : tr("labels"), .is_target = true};
    for (std::int64_t row = 0; row < rows; ++row) column.values << words_of_target(data, sample, split.row(row));
    sample.columns.push_back(std::move(column));
  }
  add(split.inputs, data.feature_names, QStringLiteral("x"), false);
}

QString range_words(const std::vector<ValueStatistics>& values) {
  double least = values.front().minimum;
  double greatest = values.front().maximum;
  for (const ValueStatistics& value : values) {
    least = std::min(least, value.minimum);
    greatest = std::max(greatest, value.maximum);
  }
  const QString range = tr("%1 to %2").arg(text_of(least), text_of(greatest));
  if (values.size() > 3) return range;
  QStringList means;
  QStringList deviations;
  for (const ValueStatistics& value : values) {
    means << QString::fromStdString(figure_text(value.mean));
    deviations << QString::fromStdString(figure_text(value.deviation));
  }
  return tr("%1, mean %2, deviation %3")
      .arg(range, means.join(QStringLiteral(" / ")), deviations.join(QStringLiteral(" / ")));
}

}  // namespace

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

void add_figures(DataSample& sample, const Dataset& data) {
  const auto add = [&](const QString& name, const QString& words) {
    sample.figure_names << name;
    sample.figures << words;
  };
  const DataStatistics statistics = statistics_of(data);
  const QLocale locale;
  if (!statistics.inputs.empty()) add(tr("Values"), range_words(statistics.inputs));
  if (!statistics.targets.empty()) add(tr("Targets"), range_words(statistics.targets));
  if (statistics.vocabulary > 0) {
    add(tr("Vocabulary"), (data.vocabulary.is_by_character ? tr("%1 characters") : tr("%1 words"))
                              .arg(locale.toString(static_cast<qlonglong>(statistics.vocabulary))));
  }
  if (statistics.train.longest > 0) {
    add(tr("Length"), tr("%1 to %2 steps")
                          .arg(locale.toString(static_cast<qlonglong>(statistics.train.shortest)),
                               locale.toString(static_cast<qlonglong>(statistics.train.longest))));
  }
  add(tr("Fingerprint"), QString::fromStdString(fingerprint_of(data)));
}

}  // namespace netwright
