#pragma once
// Figures that stay on the device until they are read.

#include <torch/torch.h>

#include "backend/engine/process_group.h"
#include "backend/engine/task.h"

namespace netwright {

/// Over all processes.
inline Sums added_up(Sums sums, const ProcessGroup* processes) {
  if (processes)
    processes->sum(torch::from_blob(sums.data(), {static_cast<std::int64_t>(sums.size())}, torch::kFloat64));
  return sums;
}

/// [samples, loss·samples, then what a task adds]: float64, so that a million batches add up.
class DeviceSums {
 public:
  /// `measured`: how many numbers a task adds to those two. `processes`: those that add to the same sums, or null.
  DeviceSums(std::int64_t measured, torch::Device device, const ProcessGroup* processes)
      : sums_(torch::zeros({1 + measured}, torch::TensorOptions(device).dtype(torch::kFloat64))),
        processes_(processes) {}

  void clear() {
    sums_.zero_();
    samples_ = 0;
  }
  /// `mean_loss`: a scalar; `measured`: one-dimensional, of sums over the batch, or undefined where there is nothing.
  void add(std::int64_t samples, const torch::Tensor& mean_loss, const torch::Tensor& measured) {
    sums_[0].add_(mean_loss, static_cast<double>(samples));
    if (measured.defined()) sums_.narrow(0, 1, measured.numel()).add_(measured.view(-1));
    samples_ += samples;
  }
  /// Waits for the device and the other processes, which must ask as well.
  Sums read() const {
    const torch::Tensor here = sums_.to(torch::kCPU);
    Sums sums = {static_cast<double>(samples_)};
    sums.insert(sums.end(), here.data_ptr<double>(), here.data_ptr<double>() + here.numel());
    return added_up(std::move(sums), processes_);
  }
  /// What read() gave.
  void restore(const Sums& sums) {
    if (processes_ && !processes_->leads()) return clear();
    samples_ = static_cast<std::int64_t>(sums.front());
    sums_.copy_(torch::tensor(Sums(sums.begin() + 1, sums.end()), torch::kFloat64));
  }

 private:
  torch::Tensor sums_;
  std::int64_t samples_ = 0;
  const ProcessGroup* processes_;
};

}  // namespace netwright
