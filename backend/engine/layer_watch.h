#pragma once
// How each layer is doing: its weights, their gradients and steps, and what comes out of it. Cheap, since it is asked
// a few times an epoch, of a few samples.

#include <map>
#include <string>
#include <vector>

#include "backend/engine/learner.h"
#include "backend/graph/network.h"
#include "backend/run/event.h"

namespace netwright {

/// Of every layer with weights that learn, and every activation. Deviations are of the whole population.
///
/// - `weight_…`: of all its weights but biases (of those where there is nothing else).
/// - `gradient_…`: as the optimiser saw them, penalties and clipping included.
/// - `update_ratio`: ‖w after − w before‖ / ‖w before‖ of one step; about 1e-3 is usual (Karpathy, CS231n).
/// - `activation_…`: of the layer's first output for up to `sampled` samples in evaluation mode, after the step.
/// - `dead`: the share of units whose output is one and the same number for all of them, wherever in the sample: a ReLU
///   that never fires passes no gradient either. A unit is a channel of images, volumes and signals, else a feature.
///
/// Gradients and ratio are missing where no step was made (batches are gathered); what isn't finite is missing.
class LayerWatch {
 public:
  static constexpr std::int64_t sampled = 64;

  /// `network`: flattened, as the learner's module has it; `owner` comes before each layer's name with a dot, where
  /// there are several networks. Both references outlive the watch.
  LayerWatch(Learner& learner, const Network& network, std::string owner = {});

  void before_step();
  /// `inputs` as GraphModule::forward takes them: the step's batch.
  std::vector<LayerFigures> after_step(const std::vector<torch::Tensor>& inputs, const torch::Tensor& lengths = {});

 private:
  struct Watched {
    std::vector<torch::Tensor> weights;  ///< aliases; those that aren't biases
    std::int64_t unit_axis = -1;         ///< of its output
  };

  Learner& learner_;
  std::string owner_;
  std::map<std::string, Watched, std::less<>> watched_;  ///< by the layer's name
  std::map<std::string, torch::Tensor, std::less<>> before_;
  std::int64_t steps_before_ = 0;
};

}  // namespace netwright
