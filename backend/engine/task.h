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
#include "backend/engine/checkpoint.h"
#include "backend/engine/class_meter.h"
#include "backend/engine/process_group.h"
#include "backend/engine/sample_files.h"
#include "backend/graph/project.h"
#include "backend/graph/schedule.h"
#include "backend/report/roc.h"
#include "backend/run/event.h"

namespace netwright {

/// What a task adds up over samples, in an order of its own: sums over disjoint samples may be added and subtracted.
/// The first is always the number of samples.
using Sums = std::vector<double>;

/// What a task is made of. The references outlive the task.
struct TaskContext {
  const Project& project;
  const Network& network;  ///< the one that learns (Adversarial: ignored)
  const Dataset& dataset;
  torch::Device device = torch::kCPU;
  StepPlan plan = {};                       ///< in optimiser steps
  const ProcessGroup* processes = nullptr;  ///< those that train together; null: this one alone
};

/// Where processes train together, each calls the same in the same order, with its parts of the same batches; figures
/// are then those of the whole batches. Only these ask one process alone: show_samples, epoch_figures, first_bad_layer,
/// save, load_weights.
class Task {
 public:
  virtual ~Task() = default;

  /// What is measured; the first is the loss. `main_figure` chooses the best epoch.
  virtual const std::vector<FigureSpec>& figures() const = 0;
  virtual std::string main_figure() const = 0;

  /// One batch; its figures are added on the device. False where the loss is known not to be finite: the weights are
  /// then as they were. (On the CPU it is known at once; elsewhere the figures show it when they are read, and the
  /// gradients of such a step count as zero.)
  virtual bool step(const Batch& batch) = 0;
  /// Adds the batch to the test figures; trains nothing. Uses the averaged weights where there are some.
  virtual void evaluate(const Batch& batch) = 0;

  /// What the trained network gives for the batch, in evaluation mode and without gradients, on the device; of two
  /// sides the generator, for as many latents as the batch has samples. Uses the averaged weights where there are some.
  virtual torch::Tensor infer(const Batch& batch) = 0;
  /// The gradient of the batch's loss with respect to its inputs, as evaluate() would run it; the test figures stay as
  /// they are. Nothing where the inputs are no real numbers, or no one loss says how well they are handled.
  virtual std::optional<torch::Tensor> input_gradient(const Batch& /*batch*/) { return std::nullopt; }

  /// Why it says nothing of its quality how it does on disturbed inputs; empty where it says something.
  virtual std::string robustness_obstacle() const { return {}; }

  virtual void clear_training_sums() = 0;
  virtual void clear_test_sums() = 0;
  /// These wait for the device, and for the other processes.
  virtual Sums training_sums() const = 0;
  virtual Sums test_sums() const = 0;
  /// What training_sums() gave, from a checkpoint.
  virtual void restore_training_sums(const Sums& sums) = 0;
  /// The figures that sums amount to; what they don't say is missing.
  virtual FigureValues figures_of(const Sums& sums) const = 0;
  /// Of all that was evaluated since clear_test_sums(): those of the sums, and those that need every sample at once.
  virtual FigureValues test_figures() { return figures_of(test_sums()); }
  /// Of the same; nothing where the task has none.
  virtual std::optional<Confusion> confusion() const { return std::nullopt; }
  /// Of the test samples' scores, class by class (or label by label); null where the task has none. Until the test sums
  /// are cleared or added to.
  virtual const OneVsRest* class_curves() const { return nullptr; }

  /// After an epoch's last batch, before it is judged: gradients that wait for more batches make their step now.
  virtual void finish_steps() = 0;
  /// Told at an epoch's end with the figures of the held-out split: schedules and alarms listen. What it returns is
  /// told to whoever follows the run (alarms, messages).
  virtual std::vector<Event> epoch_done(int epoch, const FigureValues& held_out) = 0;
  /// Writes what there is to see by now (pictures, maps) into the run's samples; their events.
  virtual std::vector<Event> show_samples(const SamplePlace& /*place*/) { return {}; }
  /// Figures that are measured once an epoch and not over batches (a Fréchet distance); they join the held-out ones.
  virtual FigureValues epoch_figures() { return {}; }

  /// Before a step that is to be looked into; after it, how each layer is doing (see layer_watch.h). Nothing that is
  /// learned or drawn depends on it.
  virtual void watch_step() {}
  virtual std::vector<LayerFigures> watched_layers(const Batch& /*batch*/) { return {}; }

  /// Before the schedule; of the generator where there are two sides.
  virtual double learning_rate() const = 0;
  virtual void set_learning_rate(double rate) = 0;
  /// Settings of a task that may change while it goes on (see Command::Set); false where this one has no such setting.
  virtual bool set(const std::string& /*setting*/, double /*value*/) { return false; }
  /// Those that it trains, under the names that checkpoints have for them.
  virtual std::vector<SavedLearner> learners() const = 0;
  /// What the next step will use.
  virtual double scheduled_rate() const = 0;
  /// Trainable and frozen numbers, as the analysis counts them, of all networks.
  virtual std::int64_t parameters() const = 0;

  /// Waits for the device.
  virtual bool has_finite_weights() const = 0;
  /// See GraphModule::first_bad_layer.
  virtual std::optional<std::string> first_bad_layer(const Batch& batch) = 0;

  /// `progress` is the trainer's own (see training_progress.h).
  virtual Result<void> save(const std::filesystem::path& path, const std::string& progress) const = 0;
  /// What save() wrote, all of it, to go on as if there had been no pause; gives the trainer's `progress`. Refuses, and
  /// changes nothing, where the file doesn't fit.
  virtual Result<std::string> resume(const std::filesystem::path& path) = 0;
  /// The weights alone: to evaluate, not to go on training.
  virtual Result<void> load_weights(const std::filesystem::path& path) = 0;

  /// How images should lie in memory for speed.
  virtual bool wants_channels_last() const = 0;
};

/// The task that `project.recipe` names, with fresh weights of the recipe's seed. Refuses a network with mistakes, or
/// one that doesn't fit the data.
Result<std::unique_ptr<Task>> make_task(const TaskContext& context);

}  // namespace netwright
