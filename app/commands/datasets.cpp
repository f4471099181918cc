#include <fmt/format.h>

#include <memory>

#include "app/commands/command.h"
#include "app/commands/data_arrays.h"
#include "app/commands/data_report.h"
#include "app/commands/setting_text.h"
#include "app/commands/source.h"
#include "app/commands/table.h"
#include "backend/core/json_text.h"
#include "backend/core/numbers.h"
#include "backend/data/data_catalogue.h"
#include "backend/data/preparation.h"

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
    if (!setting.choices.empty()) settings.back()["choices"] = setting.choices;
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

std::string help_of(const SettingSpec& setting) {
  std::string text = setting.help;
  if (setting.kind == SettingKind::Choice) text += fmt::format(" One of: {}.", fmt::join(setting.choices, ", "));
  const std::string fallback = to_text(setting.fallback);
  if (!fallback.empty()) text += " Default: " + fallback + ".";
  return text;
}

void print_settings(const std::vector<SettingSpec>& settings) {
  for (const SettingSpec& setting : settings) fmt::print("  {:<19} {}\n", setting.name, help_of(setting));
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
    print_settings(spec.settings);
  }
  fmt::print("\nHow any of them is prepared:\n");
  print_settings(preparation_specs());
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

struct DatasetsArguments {
  std::string project;
  std::string source;
  std::vector<std::string> assignments;
  std::string output;
  bool as_json = false;
};

/// The data of the project or run, or that of the source.
Result<DataSource> chosen_data(const DatasetsArguments& arguments) {
  if (arguments.project.empty()) return DataSource{arguments.source, {}};
  const Result<Source> source = open_source(arguments.project);
  if (!source) return source.error();
  if (source->project.data.source.empty()) return Error{fmt::format("{} has no data chosen.", arguments.project)};
  return source->project.data;
}

Exit examine(const DatasetsArguments& arguments) {
  Result<DataSource> data = chosen_data(arguments);
  if (!data) return failed(data.error().message);
  if (const auto applied = apply_settings(arguments.assignments, *data); !applied) {
    return bad_arguments(applied.error().message);
  }
  const Result<Dataset> loaded = load(*data);
  if (!loaded) return failed(loaded.error().message);
  if (!arguments.output.empty()) {
    if (const auto written = write_arrays(*loaded, arguments.output); !written) return failed(written.error().message);
  }
  fmt::print("{}", arguments.as_json ? pretty(report_json(*loaded)) : report_text(*loaded));
  return Exit::Done;
}

Exit list_or_examine(const DatasetsArguments& arguments) {
  const bool is_named = !arguments.project.empty() || !arguments.source.empty();
  if (is_named) return examine(arguments);
  if (!arguments.assignments.empty()) return bad_arguments("--set needs a project or --source.");
  if (!arguments.output.empty()) return bad_arguments("--output needs a project or --source.");
  return list_data(arguments.as_json);
}

}  // namespace

Verb datasets_verb() {
  return {"datasets", "Lists the sources of data, or says what one amounts to in numbers.",
          "netwright-engine datasets --source image-folder --set folder=pets --set size=64,64", false,
          [](CLI::App& app) -> Action {
            auto arguments = std::make_shared<DatasetsArguments>();
            auto* project = app.add_option("project", arguments->project,
                                           "A project's file or a run's folder: its data is loaded and counted");
            app.add_option("--source", arguments->source, "A source by name, instead of a project")->excludes(project);
            app.add_option("--set", arguments->assignments,
                           "NAME=VALUE: a setting of the source or of the preparation (test_fraction, …); may be given "
                           "several times")
                ->allow_extra_args(false);
            app.add_option("-o,--output", arguments->output,
                           "A folder, new or empty: writes what training gets of each split, normalised, as NumPy "
                           "arrays (train_inputs.npy, …), and what the numbers mean as data.json");
            app.add_flag("--json", arguments->as_json, "As JSON");
            return [arguments] { return list_or_examine(*arguments); };
          }};
}

}  // namespace netwright
