#pragma once
// What a run measured, as a table for spreadsheets and pandas.

#include <string>
#include <vector>

#include "backend/run/event.h"

namespace netwright {

/// A header, then one row per step event and per epoch, as they came: `kind` (step, epoch), `step`, `epoch` (done,
/// with a fraction), `elapsed` (seconds), `learning_rate`, `samples_per_second`, then the figures by name, each at full
/// precision: over the steps since the row before, or the epoch's mean; then the same over the held-out split with
/// `held_out_` before the name. Shares are 0..1. Empty: not measured; `nan`: measured, and no number.
std::string metrics_csv(const std::vector<Event>& events);

}  // namespace netwright
