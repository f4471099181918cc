#pragma once
// Learning-rate schedules: torch.optim.lr_scheduler's, as a factor on the optimiser's rate. No LibTorch: forms draw the
// curve before a run.

#include <cstdint>
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
};

/// Every schedule has `warmup_epochs` (Real, 0): the rate rises to the schedule's linearly over so many epochs first.
const std::vector<ScheduleSpec>& schedule_specs();
const ScheduleSpec* find_schedule_spec(std::string_view type);

/// A schedule at work. All but ReduceOnPlateau depend on the step alone.
class Schedule {
 public:
  /// Refuses an unknown schedule and settings that don't go together.
  static Result<Schedule> create(const Choice& choice, const StepPlan& plan);

  /// What the optimiser's rate is multiplied by in step `step`, counted from 0.
  double factor(std::int64_t step) const;
  /// Told after each epoch; only ReduceOnPlateau listens. `loss`: of the held-out split.
  void epoch_done(double loss);

  /// What epoch_done has led to: for checkpoints.
  std::vector<double> state() const;
  void load_state(const std::vector<double>& state);

 private:
  Schedule() = default;
  std::string type_ = "Constant";
  Settings settings_;
  StepPlan plan_;
  double plateau_factor_ = 1;
  double best_ = 0;
  std::int64_t bad_epochs_ = 0;
  std::int64_t cooldown_left_ = 0;
  bool has_best_ = false;
};

/// The rates over a whole run, `points` of them at even distances; as if no plateau came.
std::vector<double> learning_rate_curve(const Choice& choice, const StepPlan& plan, double rate, int points);

}  // namespace netwright
