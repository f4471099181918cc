#pragma once

#include "backend/engine/flat_parameters.h"
#include "backend/engine/graph_module.h"
#include "backend/engine/optimisers.h"
#include "backend/engine/task.h"

namespace netwright {

/// True where the Output gets probabilities, not logits.
bool ends_in_softmax(const Network& network);

/// Cross entropy between the network's output (logits, or probabilities where it ends in Softmax) and the true class:
/// L₀ = −mean(log pₜᵣᵤₑ). What is minimised is L = L₀ + λ₁·Σ|w| + λ₂·Σw² over the trainable weights; the figures show
/// L₀, so that training and test, and runs with other penalties, compare.
class Classification : public Task {
 public:
  static Result<std::unique_ptr<Task>> create(const Project& project, const Network& network, const Dataset& dataset,
                                              torch::Device device);

  bool step(const Batch& batch) override;
  void evaluate(const Batch& batch) override;
  void clear_training_figures() override { training_.clear(); }
  void clear_test_figures() override;
  Figures training_figures() const override { return training_.read(); }
  Figures test_figures() const override { return test_.read(); }
  Confusion confusion() const override;
  double learning_rate() const override { return optimiser_->learning_rate(); }
  void set_learning_rate(double rate) override { optimiser_->set_learning_rate(rate); }
  std::int64_t parameters() const override;
  bool has_finite_weights() const override;
  std::optional<std::string> first_bad_layer(const Batch& batch) override;
  Result<void> save(const std::filesystem::path& path, const std::string& progress) const override;
  Result<void> load_weights(const std::filesystem::path& path) override;
  bool wants_channels_last() const override { return wants_channels_last_; }

 private:
  /// Figures that stay on the device until they are read.
  class DeviceFigures {
   public:
    explicit DeviceFigures(torch::Device device);
    void clear();
    void add(const torch::Tensor& mean_loss, const torch::Tensor& predicted, const torch::Tensor& targets);
    Figures read() const;

   private:
    torch::Tensor loss_sum_;  ///< float64, so that a million batches add up
    torch::Tensor correct_;   ///< int64
    std::int64_t samples_ = 0;
  };

  Classification(std::shared_ptr<GraphModule> module, torch::Device device, std::int64_t classes);
  torch::Tensor loss_of(const torch::Tensor& output, const torch::Tensor& targets) const;
  void add_penalties();

  std::shared_ptr<GraphModule> module_;
  FlatParameters weights_;
  std::unique_ptr<Optimiser> optimiser_;
  std::int64_t classes_;
  double l1_ = 0;
  double l2_ = 0;
  bool gives_probabilities_ = false;
  bool wants_channels_last_ = false;
  DeviceFigures training_;
  DeviceFigures test_;
  torch::Tensor confusion_;  ///< classes², int64, on the device
};

}  // namespace netwright
