#pragma once
// How a trained network does on inputs that aren't what they should be: noise, blur, and the small change that hurts
// most.

#include <functional>
#include <string>
#include <vector>

#include "backend/engine/task.h"
#include "backend/report/run_report.h"

namespace netwright {

struct RobustnessOptions {
  std::int64_t samples = 1000;  ///< so many of the split, drawn by the seed; all where it has fewer
  std::int64_t seed = 0;
  bool channels_last = false;
  torch::Device device = torch::kCPU;
  std::vector<double> noise = {0.1, 0.2, 0.4, 0.6, 0.8, 1.0};          ///< deviations, in the inputs' own
  std::vector<double> blur = {0.5, 1, 1.5, 2, 3};                      ///< deviations, in pixels
  std::vector<double> byte_steps = {1, 2, 4, 8, 16, 32};               ///< FGSM's ε for bytes, of 255
  std::vector<double> real_steps = {0.01, 0.02, 0.05, 0.1, 0.2, 0.5};  ///< for other inputs, in their own deviations
};

/// The task's main figure under each disturbance, and without. Pictures of bytes stay within what bytes can hold.
/// Leaves the task's test sums cleared. `tell` hears what is measured next, in words.
ReportedRobustness measure_robustness(Task& task, const Dataset& dataset, const Split& split,
                                      const RobustnessOptions& options,
                                      const std::function<void(const std::string&)>& tell = {});

/// B×C×H×W convolved with a Gaussian of this deviation in pixels, cut off at four deviations (as scipy.ndimage's
/// gaussian_filter is); pixels beyond the edge are the edge's.
torch::Tensor blurred(const torch::Tensor& images, double deviation);

/// x + ε·sign(gradient) (Goodfellow et al., "Explaining and Harnessing Adversarial Examples", 2015). `step` is ε,
/// broadcast over the inputs.
torch::Tensor fast_gradient_step(const torch::Tensor& inputs, const torch::Tensor& gradient, const torch::Tensor& step);

}  // namespace netwright
