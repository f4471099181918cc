#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "backend/core/utf8.h"
#include "backend/data/fields.h"
#include "backend/data/sources.h"
#include "backend/data/table_survey.h"
#include "backend/data/windows.h"

namespace netwright {

namespace {

/// The columns of the file that are read.
struct Channels {
  std::vector<std::size_t> inputs;
  std::vector<std::size_t> targets;
  std::int64_t rows = 0;
};

Result<Channels> find_channels(const Settings& settings) {
  auto file = DelimitedFile::open(settings.text("file"), DelimitedFormat::of(settings));
  if (!file) return file.error();
  auto inputs = file->find_columns(settings.text("columns"), "columns");
  if (!inputs) return inputs.error();
  auto targets = file->find_columns(settings.text("target"), "target");
  if (!targets) return targets.error();
  const std::vector<std::size_t> no_values(file->columns());
  const auto surveyed = survey(*file, no_values, decimal_of(settings));
  if (!surveyed) return surveyed.error();

  Channels channels = {std::move(*inputs), std::move(*targets), surveyed->rows};
  if (channels.inputs.empty()) {
    for (std::size_t i = 0; i < file->columns(); ++i) {
      if (surveyed->columns[i].is_numeric()) channels.inputs.push_back(i);
    }
    if (channels.inputs.empty()) {
      return Error{
          fmt::format("{}: no column holds only numbers; are separator and decimal right?", file->path().string())};
    }
  }
  if (channels.targets.empty()) channels.targets = channels.inputs;
  for (const auto* columns : {&channels.inputs, &channels.targets}) {
    for (const std::size_t i : *columns) {
      const SurveyedColumn& column = surveyed->columns[i];
      const auto refusal = [&](const std::string& reason) {
        return Error{fmt::format("{}: column {} ({}) {}.", file->path().string(), i + 1, file->names()[i], reason)};
      };
      if (column.is_empty()) return refusal("holds no numbers");
      if (column.words > 0) {
        return refusal(fmt::format("isn't numeric (line {}: \"{}\")", column.first_word_line, column.first_word));
      }
      if (column.missing > 0 && settings.text("missing") == "refuse") {
        return refusal(
            fmt::format("lacks a value on line {}; set missing to previous or leave_out", column.first_missing_line));
      }
    }
  }
  return channels;
}

Result<Series> read_series(const Settings& settings) {
  if (settings.text("file").empty()) return Error{"No file is chosen."};
  const auto channels = find_channels(settings);
  if (!channels) return channels.error();
  auto file = DelimitedFile::open(settings.text("file"), DelimitedFormat::of(settings));
  if (!file) return file.error();

  Series series;
  series.name = file_name(file->path());
  std::vector<std::size_t> columns = channels->inputs;
  columns.insert(columns.end(), channels->targets.begin(), channels->targets.end());
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  const auto place = [&](std::size_t column) {
    return static_cast<std::size_t>(std::lower_bound(columns.begin(), columns.end(), column) - columns.begin());
  };
  for (const std::size_t column : columns) series.columns.push_back(file->names()[column]);
  for (const std::size_t column : channels->inputs) series.inputs.push_back(place(column));
  for (const std::size_t column : channels->targets) series.targets.push_back(place(column));

  const char decimal = decimal_of(settings);
  const bool takes_previous = settings.text("missing") == "previous";
  const auto width = static_cast<std::int64_t>(columns.size());
  series.values = make_array(ElementType::Float32, {channels->rows, width});
  float* to = series.values.as<float>();
  DelimitedFile::Row row;
  for (std::int64_t step = 0;; ++step) {
    const auto has_row = file->next(row);
    if (!has_row) return has_row.error();
    if (*has_row != (step < channels->rows)) {
      return Error{file->path().string() + ": the file changed while it was read; try again."};
    }
    if (!*has_row) return series;
    for (const std::size_t column : columns) {
      const auto number = is_missing(row[column]) ? std::nullopt : number_in(row[column], decimal);
      const bool has_previous = takes_previous && step > 0;
      *to = number ? static_cast<float>(*number) : has_previous ? *(to - width) : std::nanf("");
      ++to;
    }
  }
}

std::optional<DataDescription> describe_series(const Settings& settings) {
  const auto series = read_series(settings);
  if (!series) return std::nullopt;
  auto described = describe_windows(*series, settings);
  return described ? std::optional(std::move(*described)) : std::nullopt;
}

Result<Dataset> load_series(const Settings& settings) {
  const auto series = read_series(settings);
  if (!series) return series.error();
  return cut_into_windows(*series, settings);
}

}  // namespace

DataSpec series_spec() {
  const std::string none;
  std::vector<SettingSpec> settings = {
      {.name = "file",
       .kind = SettingKind::FilePath,
       .fallback = none,
       .help = "A CSV or TSV file, each row a step of time, the oldest first."},
      {.name = "columns",
       .kind = SettingKind::Text,
       .fallback = none,
       .help = "What the network sees, by name or number with commas between; all columns of numbers if empty."},
      {.name = "target",
       .kind = SettingKind::Text,
       .fallback = none,
       .help = "What it predicts, by name or number with commas between; the same columns if empty."},
  };
  for (SettingSpec& setting : window_settings()) settings.push_back(std::move(setting));
  settings.push_back({.name = "missing",
                      .kind = SettingKind::Choice,
                      .fallback = std::string("previous"),
                      .help = "A missing value is the one before it, or windows that hold one are left out.",
                      .choices = {"previous", "leave_out", "refuse"}});
  for (SettingSpec& setting : delimited_settings()) settings.push_back(std::move(setting));
  settings.push_back(decimal_setting());
  return {"series",
          "Time series (CSV)",
          "Windows of a series in a CSV or TSV file, one channel or several, to forecast what follows",
          std::move(settings),
          describe_series,
          load_series,
          [] { return std::string(); }};
}

}  // namespace netwright
