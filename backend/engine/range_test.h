#pragma once
// The learning-rate range test (Smith 2017, "Cyclical learning rates", section 3.3): the rate grows step by step while
// the loss is watched.

#include <functional>
#include <optional>
#include <vector>

#include "backend/engine/command_queue.h"
#include "backend/engine/task.h"

namespace netwright {

struct RateRange {
  double lowest = 1e-6;
  double highest = 1;
  std::int64_t steps = 120;
};

/// The rate at which the loss, smoothed over about a tenth of the steps, falls fastest before its least value; nothing
/// where it never falls. `rates` grow by a constant factor.
std::optional<double> suggested_rate(const std::vector<double>& rates, const std::vector<double>& losses);

/// One step at each rate, from fresh weights, at a constant schedule; ends early where the loss is four times its least
/// or no number, and on a stop command. `sink` gets a RunEvent, a StepEvent for each step and the DoneEvent that is
/// returned: its `best` is the suggestion, its message says it in words. Adversarial is refused: its losses don't fall.
DoneEvent test_rates(const Project& project, const Network& network, const Dataset& dataset, torch::Device device,
                     const RateRange& range, const std::function<void(const Event&)>& sink, CommandQueue& commands);

}  // namespace netwright
