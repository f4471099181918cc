#pragma once
// The two networks of adversarial training.

#include <memory>
#include <string>
#include <vector>

#include "backend/engine/learner.h"
#include "backend/engine/task.h"

namespace netwright {

struct Side {
  std::string name;
  Network network;  ///< flattened
  std::unique_ptr<Learner> learner;
  std::vector<std::int64_t> input;  ///< of one sample: the latent's sizes, or the data's
  bool takes_class = false;         ///< a second Input

  GraphModule& module() { return learner->module(); }
  const GraphModule& module() const { return learner->module(); }
  /// What its Inputs take. `input`: B×…; `classes`: B, int64, unused where the side takes none.
  std::vector<torch::Tensor> inputs(const torch::Tensor& input, const torch::Tensor& classes) const {
    if (!takes_class) return {input};
    return {input, classes.view({-1, 1})};
  }
  /// Of the discriminator: B×1.
  torch::Tensor run(const torch::Tensor& input, const torch::Tensor& classes) {
    return module().forward(inputs(input, classes)).at(0);
  }
};

struct Sides {
  Side generator;
  Side discriminator;
};

/// Both with fresh weights of the recipe's seed, on the device. The discriminator gives plain scores: a last Sigmoid is
/// left out. `task_settings` are complete. Refuses networks with mistakes or that don't fit each other, the data or the
/// loss, in analysis' words; and a discriminator without second derivatives where the loss needs them.
Result<Sides> make_sides(const TaskContext& context, const Settings& task_settings);

/// The weights of a side don't learn until it is destroyed: gradients only pass through.
class PassingThrough {
 public:
  explicit PassingThrough(GraphModule& module);
  ~PassingThrough();
  PassingThrough(const PassingThrough&) = delete;
  PassingThrough& operator=(const PassingThrough&) = delete;

 private:
  std::vector<torch::Tensor> learning_;
};

}  // namespace netwright
