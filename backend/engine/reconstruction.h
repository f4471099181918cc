#pragma once

#include "backend/engine/single_network_task.h"

namespace netwright {

/// Autoencoders: plain, denoising (a corrupted input, the clean one wanted), sparse (a penalty on the code),
/// variational (networks with Reparameterize). L = error + weight·sparsity + β·KL / values of a sample: the evidence
/// lower bound per value, where the error is mse or bce. `error` alone is what epochs are judged by; its size for one
/// sample is that sample's anomaly score.
class Reconstruction : public SingleNetworkTask {
 public:
  static Result<std::unique_ptr<Task>> create(const TaskContext& context);

  const std::vector<FigureSpec>& figures() const override { return figures_; }
  std::string main_figure() const override { return "error"; }
  void clear_test_sums() override;
  void evaluate(const Batch& batch) override;
  std::optional<torch::Tensor> input_gradient(const Batch& batch) override;
  FigureValues figures_of(const Sums& sums) const override;
  /// Reconstructions beside their inputs, and a map of the code.
  std::vector<Event> show_samples(const SamplePlace& place) override;

 private:
  Reconstruction(Parts parts, const TaskContext& context, Settings settings);
  Outcome run(const Batch& batch, bool is_training) override;
  torch::Tensor seen_of(const torch::Tensor& input) const;
  std::vector<Event> show_pictures(const SamplePlace& place);
  std::vector<Event> show_code(const SamplePlace& place);

  Settings settings_;
  std::vector<FigureSpec> figures_;
  std::string code_layer_;   ///< empty where there is none
  std::string variational_;  ///< the Reparameterize layer; empty where there is none
  double low_ = 0;           ///< what 0 and 1 (of bytes: 0 and 255) are after normalisation
  double high_ = 1;
  std::uint64_t test_batch_ = 0;
  torch::Tensor axes_;  ///< of the last map of the code: code size × 2
};

/// The bottleneck: the layer that `name` says, else the one whose output is smallest, the first of them in the flow;
/// with Reparameterize that layer. Empty where there is none.
std::string bottleneck_of(const Network& network, const NetworkReport& report, const std::string& name);

}  // namespace netwright
