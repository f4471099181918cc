#pragma once
// Figures that stay on the device until they are read.

#include <torch/torch.h>

#include "backend/engine/task.h"

namespace netwright {

/// [samples, loss·samples, then what a task adds]: float64, so that a million batches add up.
class DeviceSums {
 public:
  /// `measured`: how many numbers a task adds to those two.
  DeviceSums(std::int64_t measured, torch::Device device)
      : sums_(torch::zeros({1 + measured}, torch::TensorOptions(device).dtype(torch::kFloat64))) {}

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
  /// Waits for the device.
  Sums read() const {
    const torch::Tensor here = sums_.to(torch::kCPU);
    Sums sums = {static_cast<double>(samples_)};
    sums.insert(sums.end(), here.data_ptr<double>(), here.data_ptr<double>() + here.numel());
    return sums;
  }
  /// What read() gave.
  void restore(const Sums& sums) {
    samples_ = static_cast<std::int64_t>(sums.front());
    sums_.copy_(torch::tensor(Sums(sums.begin() + 1, sums.end()), torch::kFloat64));
  }

 private:
  torch::Tensor sums_;
  std::int64_t samples_ = 0;
};

}  // namespace netwright
