#pragma once
// A drawing as a LibTorch module.

#include <torch/torch.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backend/analysis/report.h"
#include "backend/core/result.h"
#include "backend/engine/named_tensors.h"
#include "backend/engine/nn_bindings.h"
#include "backend/engine/sequence_plan.h"
#include "backend/graph/network.h"

namespace netwright {

/// Sub-modules are registered under the layers' names, so `conv1.weight` is the same name here, in exported Python
/// and in weight files. Starts in training mode, float32, on the CPU, with PyTorch's default initialisation.
class GraphModule : public torch::nn::Module {
 public:
  /// Refuses a network with a layer that isn't valid, a cycle, or without Input or Output, naming it.
  static Result<std::shared_ptr<GraphModule>> build(const Network& network, const NetworkReport& report);

  /// For networks with one Input and one Output. Dimension 0 is the batch. `lengths`: B, int64, on the CPU; how many
  /// steps of each of the first Input's sequences are its own (undefined: all). Padding after them then never changes a
  /// result (see SequencePlan), and is 0 in what comes out. Throws std::invalid_argument for lengths that don't fit.
  torch::Tensor forward(const torch::Tensor& input, const torch::Tensor& lengths = {});
  /// One tensor per Input, in the order of their ids; returns one per Output. A tensor is freed after its last use
  /// (unless autograd needs it).
  std::vector<torch::Tensor> forward(std::vector<torch::Tensor> inputs, const torch::Tensor& lengths = {});

  /// What goes into a layer and comes out of it in a forward(); anything at padded steps.
  struct Watched {
    std::string layer;
    std::vector<torch::Tensor> inputs = {};
    std::vector<torch::Tensor> outputs = {};
  };
  /// forward() that fills in `watched`; a layer that isn't there, or that no Output needs, stays empty.
  std::vector<torch::Tensor> forward(std::vector<torch::Tensor> inputs, const torch::Tensor& lengths,
                                     std::vector<Watched>& watched);

  /// Tells of the first output of every layer, as it comes, for these inputs; in evaluation mode and without gradients.
  /// Anything at padded steps.
  void observe(std::vector<torch::Tensor> inputs, const torch::Tensor& lengths,
               const std::function<void(const std::string& layer, const torch::Tensor& output)>& tell);

  /// The weights that an attention layer gives to the steps of its input: B×T (additive), B×heads×T×T, or B×…×T×T
  /// (ScaledDotProduct); 0 at padding.
  struct AttentionMap {
    std::string layer;
    torch::Tensor weights;
  };
  /// Of every attention layer, in topological order, for these inputs; in evaluation mode and without gradients.
  std::vector<AttentionMap> attention(std::vector<torch::Tensor> inputs, const torch::Tensor& lengths = {});

  /// The first layer, topologically, whose output isn't finite for these inputs, else whose weights aren't. Runs
  /// without gradients in the module's mode; buffers are left as they were.
  std::optional<std::string> first_bad_layer(const std::vector<torch::Tensor>& inputs,
                                             const torch::Tensor& lengths = {});

  /// The module of each layer that has one, by the layer's name, in topological order.
  const std::vector<std::pair<std::string, std::shared_ptr<torch::nn::Module>>>& layers() const { return layers_; }

  /// Parameters and buffers with their full names, layer by layer in topological order. They alias the module's.
  NamedTensors named_state() const;

  std::size_t input_count() const { return input_slots_.size(); }
  std::size_t output_count() const { return output_slots_.size(); }

 private:
  struct Step {
    std::string layer;  ///< its name
    Op op;
    std::vector<std::size_t> reads;   ///< slots, by input port
    std::vector<std::size_t> writes;  ///< slots, by output port
    std::vector<std::size_t> frees;   ///< slots that nothing after this step reads
    SequencePlan::LayerPlan sequences = {};
    std::vector<Shape> shapes = {};  ///< of the outputs, as drawn
  };

  GraphModule() = default;
  /// Runs where sequences end by `lengths`; leaves attention's weights in `attention`, if given. `visit(step, inputs,
  /// outputs)` sees each step, and stops the run by returning false.
  template <class Visit>
  std::vector<torch::Tensor> run(std::vector<torch::Tensor> inputs, const torch::Tensor& lengths,
                                 std::vector<AttentionMap>* attention, const Visit& visit);
  /// Empty where no sample has padding.
  std::vector<Lengths> lengths_of(const torch::Tensor& lengths, const std::vector<torch::Tensor>& inputs) const;

  /// Registers a layer's module under its name; where that is a path (`block1.0.conv1`), within modules of its parts.
  void add_module(const std::string& name, const std::shared_ptr<torch::nn::Module>& module);

  std::vector<Step> plan_;
  std::vector<std::pair<std::string, std::shared_ptr<torch::nn::Module>>> layers_;  ///< those with a module, in order
  std::vector<std::string> input_names_;
  std::vector<std::string> output_names_;
  std::vector<std::size_t> input_slots_;
  std::vector<std::size_t> output_slots_;
  std::optional<SequencePlan> sequences_;         ///< nothing where the first Input is a single number
  std::vector<SequencePlan::Axes> output_steps_;  ///< by output
  std::size_t slots_ = 0;
};

}  // namespace netwright
