#include "app/commands/sweep_report.h"

#include <fmt/format.h>

#include "app/commands/command.h"
#include "app/commands/table.h"
#include "app/training/progress.h"
#include "backend/core/json_text.h"
#include "backend/run/figure_text.h"
#include "backend/sweep/sweep_text.h"

namespace netwright {

namespace {

const char* words_for(SweepCost cost) {
  switch (cost) {
    case SweepCost::Parameters:
      return "parameters";
    case SweepCost::Macs:
      return "multiply-adds";
    case SweepCost::Seconds:
      break;
  }
  return "time";
}

std::vector<Column> axis_columns(const Sweep& sweep) {
  std::vector<Column> columns = {{"Run", Align::Right}};
  for (std::size_t axis = 0; axis < sweep.axes.size(); ++axis) {
    columns.push_back({axis_title(sweep, axis), Align::Right});
  }
  return columns;
}

std::vector<std::string> axis_cells(int index, const std::vector<Value>& values) {
  std::vector<std::string> cells = {std::to_string(index + 1)};
  for (const Value& value : values) cells.push_back(sweep_value_text(value));
  return cells;
}

/// Small runs take less than a second.
std::string time_text(double seconds) {
  return seconds < 60 ? fmt::format("{:.1f} s", seconds) : duration_text(seconds);
}

template <class T>
Json json_or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

}  // namespace

void say_of_sweep(bool as_json, const std::string& line) {
  fmt::print(as_json ? stderr : stdout, "{}\n", line);
  std::fflush(as_json ? stderr : stdout);
}

std::string sweep_report(const SweepTable& table_of_runs, SweepCost cost) {
  const SweepTable& runs = table_of_runs;
  std::vector<Column> columns = axis_columns(runs.sweep);
  columns.insert(columns.begin(), {"", Align::Left});
  columns.push_back({runs.main_figure ? runs.main_figure->title : "Best", Align::Right});
  columns.push_back({"Parameters", Align::Right});
  columns.push_back({"Multiply-adds", Align::Right});
  columns.push_back({"Time", Align::Right});
  columns.push_back({"State", Align::Left});
  const std::vector<bool> front = front_of(runs, cost);
  std::vector<std::vector<std::string>> rows;
  for (const std::size_t place : rows_by_main(runs)) {
    const SweepRow& row = runs.rows[place];
    std::vector<std::string> cells = axis_cells(row.index, row.values);
    cells.insert(cells.begin(), front[place] ? "●" : "");
    cells.push_back(row.main && runs.main_figure ? figure_text(*runs.main_figure, *row.main) : "–");
    cells.push_back(count_text(row.parameters));
    cells.push_back(count_text(row.macs));
    cells.push_back(row.seconds ? time_text(*row.seconds) : "–");
    cells.push_back(row.ending.empty() ? "unfinished" : row.ending);
    rows.push_back(std::move(cells));
  }
  std::string text = "\n" + table(columns, rows);
  if (runs.main_figure) {
    text += fmt::format("● on the Pareto front: no run has a better {} without more {}\n",
                        figure_words(*runs.main_figure), words_for(cost));
  }
  return text;
}

std::string sweep_json_report(const SweepTable& table, SweepCost cost) {
  Json json;
  json["sweep"] = table.sweep.id;
  json["main_figure"] = table.main_figure ? Json(table.main_figure->name) : Json(nullptr);
  json["better"] = table.main_figure ? Json(table.main_figure->better) : Json(nullptr);
  json["against"] = cost == SweepCost::Parameters ? "parameters" : cost == SweepCost::Macs ? "macs" : "seconds";
  json["runs"] = Json::array();
  const std::vector<bool> front = front_of(table, cost);
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const SweepRow& row = table.rows[i];
    Json values = Json::object();
    for (std::size_t axis = 0; axis < row.values.size(); ++axis) {
      values[table.sweep.axes[axis].setting] = to_json(row.values[axis]);
    }
    json["runs"].push_back({{"index", row.index + 1},
                            {"values", std::move(values)},
                            {"main", json_or_null(row.main)},
                            {"parameters", json_or_null(row.parameters)},
                            {"macs", json_or_null(row.macs)},
                            {"seconds", json_or_null(row.seconds)},
                            {"epochs", row.epochs},
                            {"state", row.ending.empty() ? "unfinished" : row.ending},
                            {"is_on_front", static_cast<bool>(front[i])},
                            {"folder", row.folder.string()}});
  }
  return pretty(json);
}

std::string variants_report(const Sweep& sweep, const std::vector<Variant>& variants) {
  std::vector<Column> columns = axis_columns(sweep);
  columns.push_back({"Parameters", Align::Right});
  columns.push_back({"Multiply-adds", Align::Right});
  columns.push_back({"", Align::Left});
  std::vector<std::vector<std::string>> rows;
  for (const Variant& variant : variants) {
    std::vector<std::string> cells = axis_cells(variant.index, variant.values);
    cells.push_back(count_text(variant.parameters));
    cells.push_back(count_text(variant.macs));
    cells.push_back(variant.mistake ? variant.mistake->message : "");
    rows.push_back(std::move(cells));
  }
  return table(columns, rows);
}

Unfit unfit_report(const Sweep& sweep, const std::vector<Variant>& variants) {
  Unfit unfit;
  for (const Variant& variant : variants) {
    if (!variant.mistake) continue;
    if (unfit.count++ > 0) unfit.text += '\n';
    unfit.text += fmt::format("  {}: {}", values_title(sweep, variant.values), variant.mistake->message);
  }
  return unfit;
}

}  // namespace netwright
