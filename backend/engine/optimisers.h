#pragma once
// torch.optim's optimisers on flat buffers: the same settings, formulas and results, in one fused pass
// (https://pytorch.org/docs/stable/optim.html).

#include <torch/torch.h>

#include <memory>
#include <string>

#include "backend/core/result.h"
#include "backend/engine/flat_parameters.h"
#include "backend/engine/named_tensors.h"
#include "backend/graph/project.h"

namespace netwright {

class Optimiser {
 public:
  virtual ~Optimiser() = default;

  /// One update of the weights from the gradients, which are left as they are.
  void step();

  double learning_rate() const { return learning_rate_; }
  void set_learning_rate(double rate) { learning_rate_ = rate; }
  /// How many were made.
  std::int64_t steps() const { return steps_; }

  /// Everything that makes the next step what it is: `step`, `learning_rate` and torch.optim's buffers (`exp_avg`,
  /// `momentum_buffer`, ...), flat. The buffers alias the optimiser's.
  NamedTensors state() const;
  /// Refuses, and changes nothing, where a name is missing or unknown or a size or type differs.
  Result<void> load_state(const NamedTensors& state);

 protected:
  explicit Optimiser(double learning_rate) : learning_rate_(learning_rate) {}

  /// Changes the weights; `steps_` counts this step already.
  virtual void update() = 0;
  /// A buffer of zeros like the weights, saved under `name`.
  torch::Tensor add_buffer(const std::string& name, const torch::Tensor& weights);
  /// One float32 number for all weights, on the CPU, saved under `name`.
  torch::Tensor add_number(const std::string& name, float value);

  double learning_rate_;
  std::int64_t steps_ = 0;

 private:
  NamedTensors buffers_;
};

/// See graph/recipe_specs.h for the choices; missing settings are at their defaults. Leaves out PyTorch's `maximize`.
/// `parameters` must outlive the optimiser.
Result<std::unique_ptr<Optimiser>> make_optimiser(const Choice& choice, FlatParameters& parameters);

}  // namespace netwright
