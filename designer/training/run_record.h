#pragma once
// What the views show of a run, built from its events: a live run and one reopened go the same way.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "backend/graph/project.h"
#include "backend/run/event.h"
#include "designer/training/series_decimation.h"

namespace netwright {

/// Something that happened in a run: a line on the charts.
struct RunMark {
  double epoch = 0;
  std::string text;
  bool is_alarm = false;  ///< else a command that took effect
};

/// One figure over epochs done, with a fraction, as it was measured: shares are 0..1.
struct FigureCurves {
  Curve steps;
  Curve train;
  Curve held_out;
};

/// What a curve may be drawn over.
enum class TimeAxis { Step, Epoch, Elapsed };

/// When the points of curves were measured: by their epochs done, the optimiser steps and the seconds till then, pauses
/// left out. None of the three ever decreases.
struct RunClock {
  std::vector<double> epochs;
  std::vector<double> steps;
  std::vector<double> elapsed;

  void add(double epoch, double step, double seconds);
  /// Of what was measured at `epoch`, which the clock knows. `from`: where to begin to look, and where it was found.
  double at(double epoch, TimeAxis axis, std::size_t& from) const;
};

struct RunRecord {
  std::optional<RunEvent> run;
  std::vector<FigureSpec> figures;  ///< as the run announced them; what was measured without, after them by its name
  std::map<std::string, FigureCurves, std::less<>> curves;
  Curve learning_rates;  ///< over epochs done
  RunClock step_clock;   ///< of FigureCurves::steps and learning_rates
  RunClock epoch_clock;  ///< of FigureCurves::train and held_out
  std::vector<SampleEvent> samples;
  std::vector<AlarmEvent> alarms;  ///< those that aren't over, of each kind the latest
  std::vector<RunMark> marks;
  std::optional<StepEvent> last_step;
  std::optional<EpochEvent> last_epoch;
  std::optional<ConfusionEvent> confusion;  ///< the latest
  std::optional<MemoryEvent> memory;
  std::vector<LayersEvent> layers;  ///< how each layer was doing; of a long run fewer moments, evenly, and the latest
  std::vector<MessageEvent> messages;
  std::optional<DoneEvent> done;
  bool is_paused = false;

  void add(const Event& event);

  /// By which the best epoch is chosen; null where the run has none.
  const FigureSpec* main_figure() const;
  /// The main figure's best over the epochs so far, on the held-out split; nothing where neither way is better.
  std::optional<double> best() const;
  double epochs_done() const;
  /// Seconds so far, pauses left out.
  double elapsed() const;
  /// 0..1; below 0 where the number of epochs isn't known.
  double fraction() const;
  /// At the pace so far, pauses left out; nothing before there is a pace.
  std::optional<double> seconds_left() const;
  /// As the last step or a later command has it; nothing before the first step.
  std::optional<double> learning_rate() const;
  /// As a command has set it, or the recipe; nothing in tasks without (see set_recipe).
  std::optional<double> discriminator_steps() const { return discriminator_steps_; }
  /// What of a run's recipe isn't in its record.
  void set_recipe(const Recipe& recipe);
  /// False where every step so far had the same.
  bool has_changing_rate() const;
  /// `finished`, `stopped`, `diverged`, `failed`, or `crashed` for a record that just ends.
  std::string ending() const;

 private:
  double epoch_of(std::int64_t step) const;
  void add_values(const FigureValues& values, Curve FigureCurves::*split, double epoch);
  void add_alarm(const AlarmEvent& alarm);
  void add_layers(const LayersEvent& event);

  std::optional<StepEvent> first_step_;
  std::optional<double> changed_rate_;
  std::optional<double> discriminator_steps_;
  std::size_t layers_apart_ = 1;  ///< of so many moments one is kept
  std::size_t layers_seen_ = 0;
  bool has_changing_rate_ = false;
};

RunRecord record_of(const std::vector<Event>& events);

/// A run's name without the time that begins it, which is shown apart.
std::string title_of_run(const std::string& name);

/// `45 s`, `3 min 20 s`, `2 h 05 min`.
std::string duration_text(double seconds);

}  // namespace netwright
