#pragma once
// A Task decides what a step is: which networks, losses, optimisers and figures. The trainer knows none of that.

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backend/core/result.h"
#include "backend/data/dataset.h"
#include "backend/engine/batch_producer.h"
#include "backend/graph/project.h"

namespace netwright {

/// Sums over samples since the figures were cleared.
struct Figures {
  double loss_sum = 0;
  std::int64_t correct = 0;
  std::int64_t samples = 0;
  double loss() const { return loss_sum / static_cast<double>(samples); }
  double accuracy() const { return static_cast<double>(correct) / static_cast<double>(samples); }
};

/// Row: the true class; column: the predicted one.
using Confusion = std::vector<std::vector<std::int64_t>>;

class Task {
 public:
  virtual ~Task() = default;

  /// One optimiser step; its figures are added on the device. False where the loss is known not to be finite: the
  /// weights are then as they were. (On the CPU it is known at once; elsewhere the figures show it when they are read,
  /// and the gradients of such a step count as zero.)
  virtual bool step(const Batch& batch) = 0;
  /// Adds the batch to the test figures; trains nothing.
  virtual void evaluate(const Batch& batch) = 0;

  virtual void clear_training_figures() = 0;
  virtual void clear_test_figures() = 0;
  /// These wait for the device.
  virtual Figures training_figures() const = 0;
  virtual Figures test_figures() const = 0;
  virtual Confusion confusion() const = 0;

  virtual double learning_rate() const = 0;
  virtual void set_learning_rate(double rate) = 0;
  /// Trainable and frozen numbers, as the analysis counts them.
  virtual std::int64_t parameters() const = 0;

  /// Waits for the device.
  virtual bool has_finite_weights() const = 0;
  /// See GraphModule::first_bad_layer.
  virtual std::optional<std::string> first_bad_layer(const Batch& batch) = 0;

  /// `progress` is the trainer's own (see TrainingState).
  virtual Result<void> save(const std::filesystem::path& path, const std::string& progress) const = 0;
  /// The weights alone: to evaluate, not to go on training.
  virtual Result<void> load_weights(const std::filesystem::path& path) = 0;

  /// How images should lie in memory for speed.
  virtual bool wants_channels_last() const = 0;
};

/// The task that `project.recipe` names, with fresh weights of the recipe's seed. `network` is the one that learns.
/// Refuses a network with mistakes, or one that doesn't fit the data.
Result<std::unique_ptr<Task>> make_task(const Project& project, const Network& network, const Dataset& dataset,
                                        torch::Device device);

}  // namespace netwright
