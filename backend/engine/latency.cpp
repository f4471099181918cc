#include "backend/engine/latency.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "backend/engine/sample_batch.h"
#include "backend/engine/threads.h"

namespace netwright {

namespace {

using Stopwatch = std::chrono::steady_clock;

double milliseconds_since(Stopwatch::time_point begin) {
  return std::chrono::duration<double, std::milli>(Stopwatch::now() - begin).count();
}

/// The value that a share of the sorted ones lie below, as numpy's percentile interpolates it.
double quantile_of(const std::vector<double>& sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const auto above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

/// `count` samples, those there are over and over.
Batch repeated_to(const Batch& samples, std::int64_t count, bool channels_last) {
  const torch::Tensor rows = torch::arange(count, torch::kInt64).remainder(samples.size());
  const auto picked_rows = [&](const torch::Tensor& tensor) {
    return tensor.defined() ? tensor.index_select(0, rows.to(tensor.device())) : tensor;
  };
  Batch batch{picked_rows(samples.inputs), picked_rows(samples.targets), picked_rows(samples.lengths)};
  if (channels_last && batch.inputs.dim() == 4) batch.inputs = batch.inputs.contiguous(at::MemoryFormat::ChannelsLast);
  return batch;
}

struct Effort {
  int warm_up;
  int least;
  int most;
  double seconds;
};

/// The milliseconds of each run, sorted.
std::vector<double> timed(Task& task, const Batch& batch, torch::Device device, const Effort& effort) {
  const auto once = [&] {
    const auto begin = Stopwatch::now();
    const torch::Tensor given = task.infer(batch);
    if (!device.is_cpu()) torch::cuda::synchronize(device.index());
    return milliseconds_since(begin);
  };
  const auto warming = Stopwatch::now();
  for (int i = 0; i < effort.warm_up && milliseconds_since(warming) < 1000 * effort.seconds; ++i) once();
  std::vector<double> times;
  const auto begin = Stopwatch::now();
  for (int i = 0; i < effort.most; ++i) {
    if (i >= effort.least && milliseconds_since(begin) > 1000 * effort.seconds) break;
    times.push_back(once());
  }
  std::sort(times.begin(), times.end());
  return times;
}

}  // namespace

Result<MeasuredLatency> measure_latency(Task& task, const Dataset& dataset, const Split& split,
                                        const LatencyOptions& options,
                                        const std::function<void(const std::string&)>& tell) {
  const std::int64_t largest =
      options.batches.empty() ? 1 : *std::max_element(options.batches.begin(), options.batches.end());
  const auto samples = sample_batch(split, dataset, largest, options.device);
  if (!samples) return samples.error();
  const auto say = [&](const std::string& what) {
    if (tell) tell(what);
  };
  const bool channels_last = task.wants_channels_last();
  MeasuredLatency found{.device = options.device.str(), .threads = threads()};
  try {
    say("Measuring the latency");
    const std::vector<double> single = timed(task, repeated_to(*samples, 1, channels_last), options.device,
                                             {.warm_up = 10, .least = 5, .most = 500, .seconds = options.seconds});
    found.runs = static_cast<int>(single.size());
    found.median_ms = quantile_of(single, 0.5);
    found.p10_ms = quantile_of(single, 0.1);
    found.p90_ms = quantile_of(single, 0.9);
    for (const std::int64_t batch : options.batches) {
      say(fmt::format("Measuring the throughput of {} at a time", batch));
      const std::vector<double> times = timed(task, repeated_to(*samples, batch, channels_last), options.device,
                                              {.warm_up = 2, .least = 3, .most = 100, .seconds = options.seconds / 2});
      const double median = quantile_of(times, 0.5);
      found.throughput.push_back({batch, median, 1000 * static_cast<double>(batch) / median});
      if (median > 1000 * options.seconds / 2) break;
    }
  } catch (const c10::Error& error) {
    const std::string words = error.what_without_backtrace();
    return Error{"LibTorch couldn't compute it: " + words.substr(0, words.find('\n'))};
  }
  return found;
}

}  // namespace netwright
