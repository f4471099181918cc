#pragma once
// What a sweep's runs came to, as their folders tell.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "backend/core/shape.h"
#include "backend/run/run_folder.h"
#include "backend/sweep/sweep_json.h"

namespace netwright {

struct SweepRow {
  std::filesystem::path folder;
  int index = 0;
  std::vector<Value> values;   ///< one for each axis
  std::string ending;          ///< finished, stopped, diverged or failed; empty: it goes on, or ended in a crash
  std::optional<double> main;  ///< the main figure's best on the held-out split
  Dim parameters;
  Dim macs;
  std::optional<double> seconds;  ///< so far
  int epochs = 0;                 ///< done
  std::uintmax_t record_bytes = 0;
};

struct SweepTable {
  Sweep sweep;
  int count = 0;                          ///< how many runs it is to have
  std::optional<FigureSpec> main_figure;  ///< nothing before the first run has said what it is, or where neither way is
                                          ///< better
  std::vector<SweepRow> rows;             ///< by index; of runs with one index a finished one, else the newest
};

/// What a run is compared by, besides its main figure.
enum class SweepCost { Parameters, Macs, Seconds };
std::optional<double> cost_of(const SweepRow& row, SweepCost cost);

/// Which rows are on the Pareto front of the main figure against `cost`; none where there is no main figure.
std::vector<bool> front_of(const SweepTable& table, SweepCost cost);

/// The places of the rows, the best main figure first, those without one last.
std::vector<std::size_t> rows_by_main(const SweepTable& table);

/// The sweeps among a project's runs, newest first.
std::vector<Sweep> sweeps_of(const std::filesystem::path& project_file);

/// Rows of `known` whose record has grown no further aren't read again. `stop` is asked before each run: true ends the
/// table early. Refuses an id that no run has.
Result<SweepTable> read_sweep(const std::filesystem::path& project_file, const std::string& id,
                              const SweepTable& known = {}, const std::function<bool()>& stop = {});

}  // namespace netwright
