#include "backend/sweep/sweep_json.h"

#include <fmt/format.h>

#include <system_error>

#include "backend/core/json_reader.h"
#include "backend/core/json_text.h"
#include "backend/core/safe_file.h"

namespace netwright {

namespace {

constexpr DocumentFormat sweep_format = {"netwright-sweep", 1};
constexpr DocumentFormat sweep_run_format = {"netwright-sweep-run", 1};
constexpr std::size_t largest_sweep = std::size_t{16} << 20;

Json values_json(const std::vector<Value>& values) {
  Json json = Json::array();
  for (const Value& value : values) json.push_back(to_json(value));
  return json;
}

std::vector<Value> read_values(const JsonReader& json) {
  std::vector<Value> values;
  json.each([&](const JsonReader& item) { values.push_back(item.value()); });
  return values;
}

Json sweep_json(const Sweep& sweep) {
  Json json;
  json["id"] = sweep.id;
  json["method"] = sweep.method == SweepMethod::Grid ? "grid" : "random";
  if (sweep.method == SweepMethod::Random) {
    json["count"] = sweep.count;
    json["seed"] = sweep.seed;
  }
  json["axes"] = Json::array();
  for (const SweepAxis& axis : sweep.axes) {
    Json item = {{"setting", axis.setting}};
    if (axis.range) {
      item["from"] = axis.range->low;
      item["to"] = axis.range->high;
      item["count"] = axis.range->count;
      item["scale"] = axis.range->is_log ? "log" : "linear";
    } else {
      item["values"] = values_json(axis.values);
    }
    json["axes"].push_back(std::move(item));
  }
  return json;
}

int count_in(const JsonReader& json) {
  const std::int64_t count = json.integer();
  if (count < 0 || count > most_variants) throw Malformed{json.place() + " isn't a count of runs"};
  return static_cast<int>(count);
}

/// One of two words.
bool is_first(const JsonReader& json, const char* first, const char* second) {
  const std::string word = json.text();
  if (word != first && word != second) throw Malformed{fmt::format("{} must be {} or {}", json.place(), first, second)};
  return word == first;
}

Sweep read_sweep_json(const JsonReader& json) {
  Sweep sweep;
  sweep.id = json.at("id").text();
  sweep.method = is_first(json.at("method"), "grid", "random") ? SweepMethod::Grid : SweepMethod::Random;
  if (json.has("count")) sweep.count = count_in(json.at("count"));
  if (json.has("seed")) sweep.seed = static_cast<std::uint64_t>(json.at("seed").integer());
  json.at("axes").each([&](const JsonReader& item) {
    SweepAxis axis{item.at("setting").text()};
    if (item.has("values")) {
      axis.values = read_values(item.at("values"));
    } else {
      axis.range = SweepRange{item.at("from").real(), item.at("to").real(), count_in(item.at("count")),
                              is_first(item.at("scale"), "log", "linear")};
    }
    sweep.axes.push_back(std::move(axis));
  });
  return sweep;
}

}  // namespace

std::string to_json(const Sweep& sweep) {
  Json json = {{"format", sweep_format.name}, {"version", sweep_format.version}};
  json.update(sweep_json(sweep));
  return pretty(json);
}

Result<Sweep> sweep_from_json(const std::string& text, const std::string& origin) {
  return read_document(text, origin, sweep_format, read_sweep_json);
}

std::filesystem::path sweep_file_of(const std::filesystem::path& run_folder) {
  return run_folder / "sweep.json";
}

Result<void> write_sweep_run(const std::filesystem::path& run_folder, const SweepRun& run) {
  std::error_code error;
  std::filesystem::create_directories(run_folder, error);
  if (error) return Error{fmt::format("Can't make the run folder {}: {}.", run_folder.string(), error.message())};
  Json json = {{"format", sweep_run_format.name}, {"version", sweep_run_format.version}};
  json["index"] = run.index;
  json["count"] = run.count;
  json["values"] = values_json(run.values);
  json["sweep"] = sweep_json(run.sweep);
  return write_file(sweep_file_of(run_folder), pretty(json));
}

Result<std::optional<SweepRun>> read_sweep_run(const std::filesystem::path& run_folder) {
  const std::filesystem::path file = sweep_file_of(run_folder);
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return std::optional<SweepRun>();
  const auto text = read_file(file, largest_sweep);
  if (!text) return text.error();
  auto read = read_document(*text, file.string(), sweep_run_format, [](const JsonReader& json) {
    SweepRun run{read_sweep_json(json.at("sweep")), count_in(json.at("index")), count_in(json.at("count")),
                 read_values(json.at("values"))};
    if (run.values.size() != run.sweep.axes.size()) throw Malformed{"it has another count of values than of axes"};
    return run;
  });
  if (!read) return read.error();
  return std::optional(std::move(*read));
}

}  // namespace netwright
