#pragma once
// Learning-rate schedules: torch.optim.lr_scheduler's, as a factor on the optimiser's rate. No LibTorch: forms draw the
// curve before a run.

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "backend/core/result.h"
#include "backend/core/settings.h"
#include "backend/graph/project.h"

namespace netwright {

/// How long a run is, in optimiser steps.
struct StepPlan {
  std::int64_t steps_per_epoch = 1;
  std::int64_t epochs = 1;
  std::int64_t steps() const { return steps_per_epoch * epochs; }
};

struct ScheduleSpec {
  std::string type;  ///< torch.optim.lr_scheduler's class without "LR": Constant, Step, MultiStep, Exponential,
                     ///< CosineAnnealing, CosineAnnealingWarmRestarts, OneCycle, ReduceOnPlateau
  std::string summary;
  std::vector<SettingSpec> settings;
  /// What `rate` is multiplied by in step `step`, warm-up and plateaus apart.
  double (*factor)(const Settings&, const StepPlan&, double rate, std::int64_t step);
};

/// Every schedule has `warmup_epochs` (Real, 0): over the w steps of so many epochs the schedule's rate is multiplied
/// by 1/w, 2/w, … 1. Whole epochs have one rate in Step, MultiStep, Exponential and ReduceOnPlateau; the others go on
/// with every step. OneCycle is PyTorch's with cycle_momentum=False and the optimiser's rate as max_lr.
const std::vector<ScheduleSpec>& schedule_specs();
const ScheduleSpec* find_schedule_spec(std::string_view type);

/// A schedule at work. All but ReduceOnPlateau depend on the step alone.
class Schedule {
 public:
  /// Refuses an unknown schedule and settings that don't go together. `rate`: the optimiser's own, to which rates among
  /// the settings (`eta_min`, `min_lr`) are compared.
  static Result<Schedule> create(const Choice& choice, const StepPlan& plan, double rate);

  /// What the optimiser's rate is multiplied by in step `step`, counted from 0.
  double factor(std::int64_t step) const;
  /// Told after each epoch; only ReduceOnPlateau listens. `loss`: of the held-out split.
  void epoch_done(double loss);

  /// What epoch_done has led to: for checkpoints. Always as many numbers.
  std::vector<double> state() const;
  /// `state`: what state() gave.
  void load_state(const std::vector<double>& state);

 private:
  Schedule(const ScheduleSpec& spec, Settings settings, const StepPlan& plan, double rate);

  const ScheduleSpec* spec_;
  Settings settings_;
  StepPlan plan_;
  double rate_;
  double warmup_steps_;
  double plateau_factor_ = 1;
  double best_ = std::numeric_limits<double>::infinity();
  std::int64_t bad_epochs_ = 0;
  std::int64_t cooldown_left_ = 0;
};

/// The rates over a whole run, `points` of them at even distances; as if no plateau came. None where Schedule::create
/// would refuse.
std::vector<double> learning_rate_curve(const Choice& choice, const StepPlan& plan, double rate, int points);

}  // namespace netwright
