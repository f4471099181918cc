#pragma once
// How long a trained network takes.

#include <functional>
#include <string>

#include "backend/core/result.h"
#include "backend/engine/task.h"
#include "backend/report/run_report.h"

namespace netwright {

struct LatencyOptions {
  std::vector<std::int64_t> batches = {1, 4, 16, 64, 256};  ///< for the throughput
  double seconds = 2;                                       ///< for one sample; half of it for each batch
  torch::Device device = torch::kCPU;
};

/// Of Task::infer() on real samples, each batch in memory already: warmed up, in evaluation mode, with the threads that
/// LibTorch has; a GPU is waited for. `what` isn't filled in. Batches that take longer than the time for them end the
/// list. `tell` hears what is measured next.
Result<MeasuredLatency> measure_latency(Task& task, const Dataset& dataset, const Split& split,
                                        const LatencyOptions& options,
                                        const std::function<void(const std::string&)>& tell = {});

}  // namespace netwright
