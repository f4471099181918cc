#pragma once
// What the views show of a run, built from its events: a live run and one reopened go the same way.

#include <optional>
#include <string>
#include <vector>

#include "backend/run/event.h"
#include "designer/training/series_decimation.h"

namespace netwright {

/// A command that took effect: a line on the charts.
struct RunMark {
  double epoch = 0;
  std::string text;
};

struct RunRecord {
  std::optional<RunEvent> run;
  // Over epochs done, with a fraction; accuracies are 0..1.
  Curve step_loss;
  Curve step_accuracy;
  Curve train_loss;
  Curve train_accuracy;
  Curve test_loss;
  Curve test_accuracy;
  std::vector<RunMark> marks;
  std::optional<StepEvent> last_step;
  std::optional<EpochEvent> last_epoch;
  std::optional<ConfusionEvent> confusion;  ///< the latest
  std::optional<MemoryEvent> memory;
  std::vector<MessageEvent> messages;
  std::optional<DoneEvent> done;
  bool is_paused = false;

  void add(const Event& event);

  double epochs_done() const;
  /// 0..1; below 0 where the number of epochs isn't known.
  double fraction() const;
  /// At the pace so far, pauses left out; nothing before there is a pace.
  std::optional<double> seconds_left() const;
  /// Of the test split, over the epochs so far.
  std::optional<double> best_accuracy() const;
  /// As the last step or a later command has it; nothing before the first step.
  std::optional<double> learning_rate() const;
  /// `finished`, `stopped`, `diverged`, `failed`, or `crashed` for a record that just ends.
  std::string ending() const;

 private:
  double epoch_of(std::int64_t step) const;

  std::optional<StepEvent> first_step_;
  std::optional<double> changed_rate_;
};

RunRecord record_of(const std::vector<Event>& events);

/// A run's name without the time that begins it, which is shown apart.
std::string title_of_run(const std::string& name);

/// `45 s`, `3 min 20 s`, `2 h 05 min`.
std::string duration_text(double seconds);

}  // namespace netwright
