#include "designer/training/data_columns.h"

#include <QObject>
#include <algorithm>
#include <cmath>
#include <limits>

#include "designer/training/data_words.h"

namespace netwright {
namespace {

constexpr std::int64_t most_rows_read = 200'000;
constexpr std::size_t bins = 16;

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

}  // namespace

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
        column.values << value_text(number_at(array, split.row(row) * count + i));
      measure(column, array, split, count, i);
      sample.columns.push_back(std::move(column));
    }
  };
  if (has_targets(data) && data.target == TargetKind::Values)
    add(split.targets, data.target_names, QObject::tr("target "), true);
  if (has_targets(data) && (data.target == TargetKind::Class || data.target == TargetKind::Labels)) {
    SampleColumn column{.name = data.target == TargetKind::Class ? QObject::tr("class") : QObject::tr("labels"),
                        .is_target = true};
    for (std::int64_t row = 0; row < rows; ++row) column.values << words_of_target(data, split.row(row));
    sample.columns.push_back(std::move(column));
  }
  add(split.inputs, data.feature_names, QStringLiteral("x"), false);
}

}  // namespace netwright
