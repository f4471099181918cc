#pragma once
// Where a run stands: what the trainer keeps in a checkpoint beside the task's own, to go on as if it had never
// stopped.

#include <cstdint>
#include <limits>
#include <string>

#include "backend/core/result.h"
#include "backend/engine/task.h"

namespace netwright {

struct TrainingProgress {
  int epochs = 0;          ///< to be done; commands may change it
  int epoch = 0;           ///< the last one begun
  std::int64_t batch = 0;  ///< batches of it that were learned from
  std::int64_t step = 0;   ///< over all epochs
  int epochs_done = 0;     ///< judged, too
  double best = std::numeric_limits<double>::quiet_NaN();
  int best_epoch = 0;
  FigureValues held_out = {};  ///< of the best epoch
  Sums training = {};          ///< of the epoch under way
  Sums shown = {};             ///< what of them was told in step events
  double elapsed = 0;          ///< seconds
  /// How many events were told before the checkpoint, and whether it was told of itself.
  std::int64_t events = 0;
  bool is_told = false;
};

/// JSON. Numbers come back bit for bit; those that aren't finite as NaN.
std::string to_text(const TrainingProgress& progress);
Result<TrainingProgress> progress_from_text(const std::string& text);

}  // namespace netwright
