#include "backend/sweep/sweep_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <system_error>

#include "backend/run/figure_text.h"
#include "backend/sweep/pareto.h"
#include "backend/sweep/variants.h"

namespace netwright {

namespace {

std::uintmax_t record_size(const RunFolder& run) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(run.events_file(), error);
  return error ? 0 : size;
}

/// Reads the record into the row; gives the main figure where the run has announced one.
std::optional<FigureSpec> read_record(const RunFolder& run, SweepRow& row) {
  std::optional<FigureSpec> main;
  const auto events = run.events();
  if (!events) return main;
  for (const Event& event : *events) {
    if (const auto* begun = std::get_if<RunEvent>(&event)) {
      const FigureSpec* figure = find_figure(begun->figures, begun->main_figure);
      if (figure && !figure->better.empty()) main = *figure;
    } else if (const auto* epoch = std::get_if<EpochEvent>(&event)) {
      row.epochs = epoch->epoch;
      row.seconds = epoch->elapsed;
      const auto value = main ? epoch->held_out.find(main->name) : epoch->held_out.end();
      if (value == epoch->held_out.end() || !std::isfinite(value->second)) continue;
      const bool is_better =
          !row.main || (main->better == "higher" ? value->second > *row.main : value->second < *row.main);
      if (is_better) row.main = value->second;
    } else if (const auto* done = std::get_if<DoneEvent>(&event)) {
      row.ending = done->reason;
      row.seconds = done->elapsed;
      if (!row.main && done->best_epoch > 0 && std::isfinite(done->best)) row.main = done->best;
    }
  }
  return main;
}

/// True where `row` says more of its variant than `other`, which is older.
bool supersedes(const SweepRow& row, const SweepRow& other) {
  return other.ending != "finished" || row.ending == "finished";
}

}  // namespace

std::optional<double> cost_of(const SweepRow& row, SweepCost cost) {
  if (cost == SweepCost::Seconds) return row.seconds;
  const Dim& count = cost == SweepCost::Parameters ? row.parameters : row.macs;
  return count ? std::optional(static_cast<double>(*count)) : std::nullopt;
}

std::vector<bool> front_of(const SweepTable& table, SweepCost cost) {
  if (!table.main_figure) return std::vector<bool>(table.rows.size(), false);
  std::vector<std::vector<double>> points;
  for (const SweepRow& row : table.rows) {
    points.push_back({cost_of(row, cost).value_or(std::nan("")), row.main.value_or(std::nan(""))});
  }
  return pareto_front(points, {Better::Lower, table.main_figure->better == "higher" ? Better::Higher : Better::Lower});
}

std::vector<std::size_t> rows_by_main(const SweepTable& table) {
  std::vector<std::size_t> order(table.rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const bool is_higher = table.main_figure && table.main_figure->better == "higher";
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const auto& x = table.rows[a].main;
    const auto& y = table.rows[b].main;
    if (!x || !y) return x.has_value() && !y.has_value();
    return is_higher ? *x > *y : *x < *y;
  });
  return order;
}

std::vector<Sweep> sweeps_of(const std::filesystem::path& project_file) {
  std::vector<Sweep> sweeps;
  for (const RunFolder& run : runs_of(project_file)) {
    auto place = read_sweep_run(run.path());
    if (!place || !*place) continue;
    const bool is_known =
        std::any_of(sweeps.begin(), sweeps.end(), [&](const Sweep& sweep) { return sweep.id == (*place)->sweep.id; });
    if (!is_known) sweeps.push_back(std::move((*place)->sweep));
  }
  return sweeps;
}

Result<SweepTable> read_sweep(const std::filesystem::path& project_file, const std::string& id, const SweepTable& known,
                              const std::function<bool()>& stop) {
  SweepTable table;
  if (known.sweep.id == id) table.main_figure = known.main_figure;
  std::map<int, SweepRow> rows;
  bool is_found = false;
  std::vector<RunFolder> runs = runs_of(project_file);
  std::reverse(runs.begin(), runs.end());  // the older ones first
  for (const RunFolder& run : runs) {
    if (stop && stop()) break;
    auto place = read_sweep_run(run.path());
    if (!place || !*place || (*place)->sweep.id != id) continue;
    is_found = true;
    SweepRow row{run.path(), (*place)->index, (*place)->values, {}, {}, {}, {}, {}, 0, record_size(run)};
    table.sweep = (*place)->sweep;
    table.count = std::max(table.count, (*place)->count);
    const auto same = std::find_if(known.rows.begin(), known.rows.end(),
                                   [&](const SweepRow& old) { return old.folder == row.folder; });
    if (same != known.rows.end() && same->record_bytes == row.record_bytes && row.record_bytes > 0) {
      row = *same;
    } else {
      if (auto main = read_record(run, row)) table.main_figure = std::move(main);
      // A run's project stays as it began.
      if (same != known.rows.end()) {
        row.parameters = same->parameters;
        row.macs = same->macs;
      } else if (const auto project = run.project()) {
        const Size size = size_of(*project);
        row.parameters = size.parameters;
        row.macs = size.macs;
      }
    }
    const auto other = rows.find(row.index);
    if (other == rows.end() || supersedes(row, other->second)) rows.insert_or_assign(row.index, std::move(row));
  }
  if (!is_found) return Error{fmt::format("No run belongs to the sweep {}.", id)};
  for (auto& [index, row] : rows) table.rows.push_back(std::move(row));
  return table;
}

}  // namespace netwright
