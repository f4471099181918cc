#include <fmt/core.h>

#include <memory>

#include "app/commands/command.h"
#include "app/commands/table.h"
#include "backend/core/json_text.h"
#include "backend/core/numbers.h"
#include "backend/data/data_catalogue.h"

namespace netwright {

namespace {

std::optional<DataDescription> described(const DataSpec& spec) {
  return describe({spec.source, defaults(spec.settings)});
}

Json shape_json(const Shape& shape) {
  Json sizes = Json::array();
  for (const Dim& dim : shape.dims()) sizes.push_back(dim ? Json(*dim) : Json(nullptr));
  return sizes;
}

Json json_of(const DataSpec& spec) {
  const auto description = described(spec);
  const std::string missing = spec.missing();
  Json settings = Json::array();
  for (const SettingSpec& setting : spec.settings) {
    settings.push_back({{"name", setting.name}, {"default", to_json(setting.fallback)}, {"help", setting.help}});
  }
  Json object = {{"source", spec.source}, {"title", spec.title}, {"summary", spec.summary}};
  object["sample_shape"] = description ? shape_json(description->sample_shape) : Json(nullptr);
  object["classes"] = description ? Json(description->classes) : Json(nullptr);
  object["train_samples"] = description ? Json(description->train_samples) : Json(nullptr);
  object["test_samples"] = description ? Json(description->test_samples) : Json(nullptr);
  object["available"] = missing.empty();
  object["missing"] = missing.empty() ? Json(nullptr) : Json(missing);
  object["settings"] = std::move(settings);
  return object;
}

void print_table() {
  std::vector<std::vector<std::string>> rows;
  for (const DataSpec& spec : data_catalogue()) {
    const auto description = described(spec);
    const auto count = [&](std::int64_t DataDescription::*figure) {
      return description ? with_separators((*description).*figure) : std::string("?");
    };
    rows.push_back({spec.source, description ? description->sample_shape.to_string() : "?",
                    count(&DataDescription::classes), count(&DataDescription::train_samples),
                    count(&DataDescription::test_samples), spec.missing().empty() ? "yes" : "no"});
  }
  fmt::print("{}", table({{"Source"},
                          {"Sample"},
                          {"Classes", Align::Right},
                          {"Training", Align::Right},
                          {"Test", Align::Right},
                          {"Here"}},
                         rows));
  for (const DataSpec& spec : data_catalogue()) {
    fmt::print("\n{}: {}.\n", spec.source, spec.summary);
    if (const std::string missing = spec.missing(); !missing.empty()) fmt::print("  {}\n", missing);
    for (const SettingSpec& setting : spec.settings) {
      const std::string fallback = to_text(setting.fallback);
      fmt::print("  {:<14} {}{}\n", setting.name, setting.help, fallback.empty() ? "" : " Default: " + fallback + ".");
    }
  }
}

Exit list_data(bool as_json) {
  if (!as_json) {
    print_table();
    return Exit::Done;
  }
  Json list = Json::array();
  for (const DataSpec& spec : data_catalogue()) list.push_back(json_of(spec));
  fmt::print("{}", pretty(list));
  return Exit::Done;
}

}  // namespace

Verb datasets_verb() {
  return {"datasets", "Lists the sources of data, and which are there.", "netwright-engine datasets", false,
          [](CLI::App& app) -> Action {
            auto as_json = std::make_shared<bool>(false);
            app.add_flag("--json", *as_json, "As JSON");
            return [as_json] { return list_data(*as_json); };
          }};
}

}  // namespace netwright
