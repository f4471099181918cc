#include "backend/data/windows.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "backend/core/numbers.h"

namespace netwright {

namespace {

constexpr std::int64_t most_window_bytes = std::int64_t{1} << 34;

struct Cut {
  std::int64_t length;
  bool is_every_step;
  std::int64_t horizon;  ///< 1 where every step is predicted
  std::int64_t stride;
  double test_fraction;

  explicit Cut(const Settings& settings)
      : length(settings.integer("length")),
        is_every_step(settings.text("forecast") == "every_step"),
        horizon(is_every_step ? 1 : settings.integer("horizon")),
        stride(settings.integer("stride")),
        test_fraction(settings.real("test_fraction")) {}

  /// Steps of time from the first of a window to the last of its target.
  std::int64_t span() const { return length + horizon; }
  std::int64_t target_steps() const { return is_every_step ? length : horizon; }
  std::int64_t target_start(std::int64_t window) const { return is_every_step ? window + 1 : window + length; }
  Shape target_shape(std::int64_t targets) const {
    return is_every_step || horizon > 1 ? Shape{target_steps(), targets} : Shape{targets};
  }
};

struct Starts {
  std::vector<std::int64_t> train;
  std::vector<std::int64_t> test;
};

/// For each step, how many before it lack a value in one of the columns.
std::vector<std::int64_t> gaps_before(const Series& series, const std::vector<std::size_t>& columns) {
  const std::int64_t steps = series.values.count();
  const auto width = static_cast<std::int64_t>(series.columns.size());
  std::vector<std::int64_t> gaps = {0};
  gaps.reserve(static_cast<std::size_t>(steps) + 1);
  for (std::int64_t step = 0; step < steps; ++step) {
    const float* values = series.values.as<float>() + step * width;
    const bool lacks =
        std::any_of(columns.begin(), columns.end(), [&](std::size_t column) { return std::isnan(values[column]); });
    gaps.push_back(gaps.back() + (lacks ? 1 : 0));
  }
  return gaps;
}

Result<Starts> starts_of(const Series& series, const Cut& cut) {
  const std::int64_t steps = series.values.count();
  const std::vector<std::int64_t> input_gaps = gaps_before(series, series.inputs);
  const std::vector<std::int64_t> target_gaps = gaps_before(series, series.targets);
  const auto is_whole = [](const std::vector<std::int64_t>& gaps, std::int64_t first, std::int64_t count) {
    return gaps[static_cast<std::size_t>(first)] == gaps[static_cast<std::size_t>(first + count)];
  };
  const auto windows = [&](std::int64_t first, std::int64_t end) {
    std::vector<std::int64_t> starts;
    for (std::int64_t start = first; start + cut.span() <= end; start += cut.stride) {
      if (is_whole(input_gaps, start, cut.length) &&
          is_whole(target_gaps, cut.target_start(start), cut.target_steps())) {
        starts.push_back(start);
      }
    }
    return starts;
  };
  const std::int64_t test_steps = std::llround(cut.test_fraction * static_cast<double>(steps));
  Starts starts = {windows(0, steps - test_steps), windows(steps - test_steps, steps)};
  const auto refusal = [&](const char* part, std::int64_t has) {
    return Error{
        fmt::format("{}: of its {} steps {} are for {}, in which no window of {} steps without a missing value "
                    "lies: shorten length{} or change test_fraction.",
                    series.name, with_separators(steps), with_separators(has), part, cut.span(),
                    cut.horizon > 1 ? " or horizon" : "")};
  };
  if (starts.train.empty()) return refusal("training", steps - test_steps);
  if (starts.test.empty()) return refusal("testing", test_steps);
  return starts;
}

/// `count` steps of the chosen columns from each start on.
Array gathered(const Series& series, const std::vector<std::size_t>& columns, const std::vector<std::int64_t>& starts,
               std::int64_t count, std::vector<std::int64_t> sizes) {
  Array array = make_array(ElementType::Float32, std::move(sizes));
  const auto width = static_cast<std::int64_t>(series.columns.size());
  float* to = array.as<float>();
  for (const std::int64_t start : starts) {
    const float* values = series.values.as<float>() + start * width;
    for (std::int64_t step = 0; step < count; ++step, values += width) {
      for (const std::size_t column : columns) *to++ = values[column];
    }
  }
  return array;
}

Split split_of(const Series& series, const Cut& cut, const std::vector<std::int64_t>& starts) {
  const auto samples = static_cast<std::int64_t>(starts.size());
  const auto features = static_cast<std::int64_t>(series.inputs.size());
  std::vector<std::int64_t> target_sizes = {samples};
  const Shape target_shape = cut.target_shape(static_cast<std::int64_t>(series.targets.size()));
  for (const Dim& dim : target_shape.dims()) target_sizes.push_back(*dim);
  std::vector<std::int64_t> target_starts;
  target_starts.reserve(starts.size());
  for (const std::int64_t start : starts) target_starts.push_back(cut.target_start(start));
  return {gathered(series, series.inputs, starts, cut.length, {samples, cut.length, features}),
          gathered(series, series.targets, target_starts, cut.target_steps(), std::move(target_sizes))};
}

}  // namespace

std::vector<SettingSpec> window_settings() {
  return {
      {.name = "length",
       .kind = SettingKind::Integer,
       .fallback = std::int64_t{32},
       .help = "Steps of time that the network sees.",
       .minimum = 1,
       .maximum = 100'000},
      {.name = "forecast",
       .kind = SettingKind::Choice,
       .fallback = std::string("following"),
       .help = "The steps that follow the window, or for every step of the window the one after it.",
       .choices = {"following", "every_step"}},
      {.name = "horizon",
       .kind = SettingKind::Integer,
       .fallback = std::int64_t{1},
       .help = "How many following steps are predicted.",
       .minimum = 1,
       .maximum = 10'000},
      {.name = "stride",
       .kind = SettingKind::Integer,
       .fallback = std::int64_t{1},
       .help = "Steps from one window to the next.",
       .minimum = 1,
       .maximum = 100'000},
      {.name = "test_fraction",
       .kind = SettingKind::Real,
       .fallback = 0.2,
       .help = "The share of the time, at its end, that is kept for testing; no window for training reaches into it.",
       .minimum = 0.01,
       .maximum = 0.9},
  };
}

Result<Dataset> cut_into_windows(const Series& series, const Settings& settings) {
  const Cut cut(settings);
  const auto starts = starts_of(series, cut);
  if (!starts) return starts.error();
  const auto windows = static_cast<std::int64_t>(starts->train.size() + starts->test.size());
  const auto numbers = static_cast<std::int64_t>(series.inputs.size()) * cut.length +
                       static_cast<std::int64_t>(series.targets.size()) * cut.target_steps();
  const auto bytes = checked_multiply(checked_multiply(windows, numbers), bytes_of(ElementType::Float32));
  if (!bytes || *bytes > most_window_bytes) {
    return Error{
        fmt::format("{}: {} windows of {} numbers take more than the {} allowed: raise stride, or shorten "
                    "length.",
                    series.name, with_separators(windows), with_separators(numbers), bytes_text(most_window_bytes))};
  }
  Dataset data;
  data.name = series.name;
  data.sample_shape = {cut.length, static_cast<std::int64_t>(series.inputs.size())};
  data.target = TargetKind::Values;
  data.target_shape = cut.target_shape(static_cast<std::int64_t>(series.targets.size()));
  for (const std::size_t column : series.inputs) data.feature_names.push_back(series.columns[column]);
  for (const std::size_t column : series.targets) data.target_names.push_back(series.columns[column]);
  data.train = split_of(series, cut, starts->train);
  data.test = split_of(series, cut, starts->test);
  data.is_ordered = true;
  data.overlap = (cut.span() - 1) / cut.stride;
  return data;
}

Result<DataDescription> describe_windows(const Series& series, const Settings& settings) {
  const Cut cut(settings);
  const auto starts = starts_of(series, cut);
  if (!starts) return starts.error();
  return DataDescription{.sample_shape = {cut.length, static_cast<std::int64_t>(series.inputs.size())},
                         .train_samples = static_cast<std::int64_t>(starts->train.size()),
                         .test_samples = static_cast<std::int64_t>(starts->test.size()),
                         .target = TargetKind::Values,
                         .target_shape = cut.target_shape(static_cast<std::int64_t>(series.targets.size()))};
}

}  // namespace netwright
