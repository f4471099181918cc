#pragma once
// The book-keeping of runs: what the user calls a run and says of it, and its end.

#include <string>

#include "backend/core/result.h"
#include "backend/run/run_folder.h"

namespace netwright {

/// What the user gave a run, in notes.json of its folder. The folder keeps its name, so that what points to it holds.
struct RunNotes {
  std::string title = {};  ///< one line; empty: called by its name
  std::string note = {};
  bool operator==(const RunNotes&) const = default;
};

/// Empty where there are none.
Result<RunNotes> read_notes(const RunFolder& run);
/// The title's white space is put in order; the file goes when both are empty. Refuses to write over a file that
/// read_notes() refuses.
Result<void> write_notes(const RunFolder& run, RunNotes notes);

/// True while a process writes the run's record.
bool is_under_way(const RunFolder& run);
/// Removes the folder for good. Refuses a run that is under way.
Result<void> delete_run(const RunFolder& run);

}  // namespace netwright
