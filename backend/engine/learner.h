#pragma once
// A network that learns: its module, its optimiser, and everything that is done between a gradient and a weight. Tasks
// decide on losses; how weights follow from them is here alone.

#include <torch/torch.h>

#include <memory>

#include "backend/engine/flat_parameters.h"
#include "backend/engine/graph_module.h"
#include "backend/engine/mixed_precision.h"
#include "backend/engine/optimisers.h"
#include "backend/engine/process_group.h"
#include "backend/graph/schedule.h"

namespace netwright {

/// A step: gradients of `accumulate` batches are added (each loss counts as its part of the whole), penalties are
/// added, gradients clipped (by value, then by norm, as torch.nn.utils does), the optimiser steps at the schedule's
/// rate, the average follows. Batches that don't fill a step at an epoch's end count for the next epoch's first one.
class Learner {
 public:
  struct Plan {
    const Recipe& recipe;
    Choice optimiser;  ///< the recipe's, or the discriminator's
    StepPlan steps;
    const ProcessGroup* processes = nullptr;  ///< that add up their gradients; null: this one alone
  };
  /// Of the averaged weights, among what state() gives.
  static constexpr const char* average_name = "ema";

  /// `module` is on `device` already. Refuses settings that aren't allowed, and an optimiser or schedule that isn't
  /// known.
  static Result<std::unique_ptr<Learner>> create(std::shared_ptr<GraphModule> module, const Plan& plan,
                                                 torch::Device device);

  GraphModule& module() { return *module_; }
  const GraphModule& module() const { return *module_; }

  /// Before a batch's backward(): zeroes the gradients where a new step begins.
  void begin();
  /// The loss to call backward() on: the batch's part of the step's.
  torch::Tensor share_of(const torch::Tensor& loss) const;
  /// After backward(). True where an optimiser step was made. `loss`: the batch's, detached; where it isn't finite on a
  /// device that is slow to ask, the gradients count as zero.
  bool finish(const torch::Tensor& loss);
  /// For a run's last batches: makes the step that they alone don't fill, as if it were theirs. False where none wait.
  bool flush();

  void epoch_done(double held_out_loss) { schedule_.epoch_done(held_out_loss); }

  /// The optimiser's rate before the schedule, and what the next step will use.
  double learning_rate() const { return rate_; }
  void set_learning_rate(double rate) { rate_ = rate; }
  double scheduled_rate() const { return rate_ * schedule_.factor(steps()); }
  std::int64_t steps() const { return optimiser_->steps(); }

  /// The 2-norm of the gradients of the last step, penalties' included, before clipping; on the device. Ask after
  /// finish() gave true and before the next begin(): where nothing is clipped it is only then computed.
  torch::Tensor gradient_norm() const { return norm_.defined() ? norm_ : weights_.norm(); }

  /// Computes with the averaged weights until it is destroyed, in no time; does nothing where there is no average, or
  /// within another. Nothing may be learned, saved or loaded meanwhile but the module's own weights.
  class Averaged {
   public:
    explicit Averaged(Learner& learner);
    ~Averaged();
    Averaged(const Averaged&) = delete;
    Averaged& operator=(const Averaged&) = delete;

   private:
    Learner* learner_;  ///< null where there is nothing to undo
  };

  /// Where processes learn together: weights, buffers and the average become the leading process's.
  void spread_weights();
  /// Where processes learn together, before the leading one's state() is saved: gradients that wait for more batches
  /// are added up there.
  void bring_together();
  /// After other weights were loaded: the average, where one is kept, begins anew from them.
  void restart_average();

  /// Trainable and frozen numbers.
  std::int64_t parameters() const;
  bool has_finite_weights() const;
  /// Whether steps are computed in bfloat16 where that is safe.
  bool is_mixed() const { return is_mixed_; }

  /// For checkpoints: the optimiser's state (see there), the rate before the schedule by `initial_lr`, what the
  /// schedule keeps by `schedule`, the average by `ema` where there is one, and where batches wait for their step by
  /// `gathered` how many and by `gradients` their sum. With the module's weights, training goes on to the bit. Aliases
  /// the learner's.
  NamedTensors state() const;
  /// Refuses, and changes nothing, where a name is missing or unknown or a size or type differs.
  Result<void> load_state(const NamedTensors& state);

 private:
  Learner(std::shared_ptr<GraphModule> module, Schedule schedule);
  void make_step();
  void add_penalties();
  void clip();
  void swap_average();

  std::shared_ptr<GraphModule> module_;
  const ProcessGroup* processes_ = nullptr;
  FlatParameters weights_;
  std::unique_ptr<Optimiser> optimiser_;
  Schedule schedule_;
  double rate_ = 0;
  double l1_ = 0;
  double l2_ = 0;
  double clip_norm_ = 0;
  double clip_value_ = 0;
  double ema_decay_ = 0;
  std::int64_t accumulate_ = 1;
  std::int64_t gathered_ = 0;  ///< batches since the last step
  bool is_mixed_ = false;
  bool is_averaged_ = false;  ///< the average and the weights have changed places
  torch::Tensor average_;     ///< like the flat weights; undefined where none is kept
  torch::Tensor norm_;        ///< undefined where nothing is clipped
};

}  // namespace netwright
