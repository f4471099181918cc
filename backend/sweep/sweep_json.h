#pragma once
// Sweeps in files. Every run of one holds the whole sweep and its own place in it, so that a run folder can be moved or
// copied by itself.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "backend/core/result.h"
#include "backend/sweep/sweep.h"

namespace netwright {

/// A run's place in its sweep: `sweep.json` of the run folder.
struct SweepRun {
  Sweep sweep;
  int index = 0;  ///< among the sweep's variants, from 0
  int count = 0;  ///< how many variants are trained
  std::vector<Value> values = {};
};

std::string to_json(const Sweep& sweep);
/// `origin` begins every message. What is read may name settings that a project doesn't have: see checked().
Result<Sweep> sweep_from_json(const std::string& text, const std::string& origin);

std::filesystem::path sweep_file_of(const std::filesystem::path& run_folder);
/// Makes the folder where it isn't there: the engine takes one that holds no run yet.
Result<void> write_sweep_run(const std::filesystem::path& run_folder, const SweepRun& run);
/// Nothing where the run belongs to no sweep.
Result<std::optional<SweepRun>> read_sweep_run(const std::filesystem::path& run_folder);

}  // namespace netwright
