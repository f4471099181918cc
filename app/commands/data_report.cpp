#include "app/commands/data_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/commands/table.h"
#include "backend/core/numbers.h"
#include "backend/data/data_statistics.h"
#include "backend/data/legend_json.h"
#include "backend/data/preparation.h"

namespace netwright {

namespace {

constexpr std::size_t most_rows = 30;

using Rows = std::vector<std::vector<std::string>>;

struct NamedSplit {
  const char* title;
  const SplitStatistics& statistics;
};

std::vector<NamedSplit> splits_of(const DataStatistics& statistics) {
  return {{"training", statistics.train}, {"validation", statistics.validation}, {"test", statistics.test}};
}

/// What one value of a sample is, and what PyTorch calls its type.
std::pair<const char*, const char*> type_words(ElementType type, const Vocabulary& vocabulary) {
  switch (type) {
    case ElementType::UInt8:
      return {"bytes", "uint8"};
    case ElementType::Int64:
      return {vocabulary.is_by_character ? "characters" : "words", "int64"};
    case ElementType::Float32:
      return {"numbers", "float32"};
  }
  return {"", ""};
}

std::string target_words(const Legend& legend) {
  const std::string classes = with_separators(static_cast<std::int64_t>(legend.classes.size()));
  switch (legend.target) {
    case TargetKind::None:
      return "without targets";
    case TargetKind::Class:
      return "each in one of " + classes + " classes";
    case TargetKind::Labels:
      return "each with any of " + classes + " labels";
    case TargetKind::Values:
      return "each with values of " + legend.target_shape.to_string();
    case TargetKind::Mask:
      return "each with a mask of " + legend.target_shape.to_string() + " and " + classes + " classes";
  }
  return "";
}

/// The first rows, and how many more there are.
std::string shortened_table(const std::vector<Column>& columns, Rows rows) {
  const std::size_t all = rows.size();
  rows.resize(std::min(all, most_rows));
  std::string text = table(columns, rows);
  if (all > most_rows) text += fmt::format("… and {} more; --json lists them all.\n", all - most_rows);
  return text;
}

std::string splits_text(const DataStatistics& statistics) {
  const bool has_lengths = statistics.train.longest > 0;
  std::vector<Column> columns = {{"Split"}, {"Samples", Align::Right}};
  if (has_lengths) columns.insert(columns.end(), {{"Shortest", Align::Right}, {"Longest", Align::Right}});
  Rows rows;
  for (const NamedSplit& split : splits_of(statistics)) {
    rows.push_back({split.title, with_separators(split.statistics.samples)});
    if (!has_lengths) continue;
    rows.back().push_back(with_separators(split.statistics.shortest));
    rows.back().push_back(with_separators(split.statistics.longest));
  }
  return table(columns, rows);
}

std::string values_text(const char* what, const std::vector<ValueStatistics>& values) {
  Rows rows;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const ValueStatistics& value = values[i];
    rows.push_back({value.name.empty() ? std::to_string(i) : value.name, fmt::format("{:.6g}", value.minimum),
                    fmt::format("{:.6g}", value.maximum), fmt::format("{:.6g}", value.mean),
                    fmt::format("{:.6g}", value.deviation)});
  }
  return shortened_table({{what},
                          {"Minimum", Align::Right},
                          {"Maximum", Align::Right},
                          {"Mean", Align::Right},
                          {"Deviation", Align::Right}},
                         std::move(rows));
}

std::string classes_text(const Legend& legend, const DataStatistics& statistics) {
  const bool are_pixels = legend.target == TargetKind::Mask;
  Rows rows;
  for (std::size_t i = 0; i < legend.classes.size(); ++i) {
    rows.push_back({legend.classes[i]});
    for (const NamedSplit& split : splits_of(statistics)) {
      const auto& counts = split.statistics.class_counts;
      rows.back().push_back(i < counts.size() ? with_separators(counts[i]) : "0");
    }
  }
  return shortened_table({{are_pixels                            ? "Class (pixels)"
                           : legend.target == TargetKind::Labels ? "Label"
                                                                 : "Class"},
                          {"Training", Align::Right},
                          {"Validation", Align::Right},
                          {"Test", Align::Right}},
                         std::move(rows));
}

Json values_json(const std::vector<ValueStatistics>& values) {
  Json list = Json::array();
  for (const ValueStatistics& value : values) {
    list.push_back({{"name", value.name},
                    {"minimum", value.minimum},
                    {"maximum", value.maximum},
                    {"mean", value.mean},
                    {"deviation", value.deviation}});
  }
  return list;
}

}  // namespace

std::string report_text(const Dataset& data) {
  const DataStatistics statistics = statistics_of(data);
  const std::int64_t samples = data.train.count() + data.validation.count() + data.test.count();
  std::string text =
      fmt::format("{}: {} samples of {} {}, {}\nFingerprint {}\n\n{}", data.name, with_separators(samples),
                  data.sample_shape.to_string(), type_words(data.train.inputs.type, data.vocabulary).first,
                  target_words(data), fingerprint_of(data), splits_text(statistics));
  if (!statistics.inputs.empty()) {
    const bool are_channels = data.sample_shape.rank() == 3;
    text += "\n" + values_text(are_channels ? "Channel" : "Input", statistics.inputs);
  }
  if (!statistics.targets.empty()) text += "\n" + values_text("Target", statistics.targets);
  if (!data.classes.empty()) text += "\n" + classes_text(data, statistics);
  if (statistics.vocabulary > 0) {
    text += fmt::format("\nVocabulary: {} {}\n", with_separators(statistics.vocabulary),
                        data.vocabulary.is_by_character ? "characters" : "words");
  }
  return text;
}

Json report_json(const Dataset& data) {
  const DataStatistics statistics = statistics_of(data);
  Json report = {{"name", data.name}, {"fingerprint", fingerprint_of(data)}};
  report["type"] = type_words(data.train.inputs.type, data.vocabulary).second;
  for (const NamedSplit& split : splits_of(statistics)) {
    report["splits"][split.title] = {{"samples", split.statistics.samples},
                                     {"class_counts", split.statistics.class_counts},
                                     {"shortest", split.statistics.shortest},
                                     {"longest", split.statistics.longest}};
  }
  report["inputs"] = values_json(statistics.inputs);
  report["targets"] = values_json(statistics.targets);
  report["vocabulary"] = statistics.vocabulary;
  report["legend"] = Json::parse(to_json(static_cast<const Legend&>(data)));
  return report;
}

}  // namespace netwright
