#pragma once
// Events: what a run tells, one JSON object per line (`{"event":"step",…}`), appended to events.jsonl and then
// written to stdout. Live view, replay and comparison share this decoder.

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "backend/run/command.h"

namespace netwright {

inline constexpr int event_schema = 2;

/// A number that a task measures as it trains. Views derive from these: they know no task.
struct FigureSpec {
  std::string name = {};    ///< in events: `loss`, `accuracy`, `d_real`
  std::string title = {};   ///< `Accuracy`
  std::string chart = {};   ///< figures of one chart are drawn together: `Loss`
  bool is_share = false;    ///< 0..1, shown as a percentage
  std::string better = {};  ///< `higher`, `lower`, or empty where neither is
  bool operator==(const FigureSpec&) const = default;
};

/// By name. What wasn't measured is missing.
using FigureValues = std::map<std::string, double, std::less<>>;

/// The first line of a record.
struct RunEvent {
  int schema = event_schema;
  std::string name = {};
  std::string started = {};  ///< UTC, ISO 8601
  std::string task = {};
  std::string network = {};
  std::string device = {};
  int epochs = 0;
  std::int64_t steps_per_epoch = 0;
  std::int64_t train_samples = 0;
  std::int64_t validation_samples = 0;  ///< 0: epochs are judged on the test split
  std::int64_t test_samples = 0;
  std::int64_t parameters = 0;
  std::string data = {};  ///< the fingerprint of the data (data/preparation.h)
  std::vector<std::string> classes = {};
  std::vector<FigureSpec> figures = {};
  std::string main_figure = {};                         ///< by which the best epoch is chosen
  std::int64_t limit_samples = 0;                       ///< only so many of each split were used; 0: all
  std::string parent = {};                              ///< the checkpoint that it was forked from; empty: none
  std::map<std::string, std::string> environment = {};  ///< LibTorch, BLAS, threads, host, netwright version
};

/// The mean over the steps since the last one. They come at the same steps whenever the run is repeated or resumed.
struct StepEvent {
  std::int64_t step = 0;  ///< optimiser steps done, over all epochs
  double epoch = 0;       ///< epochs done, with a fraction
  FigureValues figures = {};
  double learning_rate = 0;
  double samples_per_second = 0;
  double elapsed = 0;  ///< seconds since the run began, pauses left out
};

struct EpochEvent {
  int epoch = 0;  ///< epochs done
  std::int64_t step = 0;
  FigureValues train = {};     ///< the mean over the epoch's steps
  FigureValues held_out = {};  ///< over the validation split, or the test split where there is none
  double seconds = 0;
  double samples_per_second = 0;
  double elapsed = 0;
};

/// Row: the true class; column: the predicted one; over the held-out split.
struct ConfusionEvent {
  int epoch = 0;
  std::vector<std::vector<std::int64_t>> counts = {};
};

struct CheckpointEvent {
  std::string file = {};  ///< relative to the run folder
  std::int64_t step = 0;
  int epoch = 0;
  bool is_best = false;
};

/// A picture or a list of what the network does by now, as a file of the run folder.
struct SampleEvent {
  std::string
      kind;  ///< `wall` (generated samples), `reconstructions`, `code` (a map), `attention`, `forecast`, `masks`
  std::string file = {};  ///< relative to the run folder: PNG, a grid of `rows`×`columns` pictures; or JSON
  std::int64_t step = 0;
  int epoch = 0;
  int rows = 0;  ///< 0 where it is no grid
  int columns = 0;
};

/// Training goes wrong in a known way: what, and what to try.
struct AlarmEvent {
  std::string kind = {};  ///< `collapse`, `imbalance`, `divergence`
  std::string text = {};
  std::int64_t step = 0;
  int epoch = 0;
  bool is_over = false;  ///< true: it has gone away
};

/// A command that took effect, for the record and the mark on the chart.
struct CommandEvent {
  std::int64_t step = 0;
  Command command;
};

/// Once, after the first steps: what a training step takes, weights and the optimiser's state included.
struct MemoryEvent {
  std::int64_t batch = 0;
  std::int64_t peak_bytes = 0;       ///< measured
  std::int64_t predicted_bytes = 0;  ///< by the analysis; 0 where it couldn't
};

/// What a layer with weights, or one that activates, is like by now (see engine/layer_watch.h): `weight_mean`,
/// `weight_deviation`, `weight_norm`; `gradient_mean`, `gradient_deviation`, `gradient_norm`, as the optimiser saw
/// them; `update_ratio`, the step's length over that of the weights; `activation_mean`, `activation_deviation`; `dead`,
/// the share of units that are the same for every sample.
struct LayerFigures {
  std::string layer = {};  ///< with its network where there are several: `generator.conv1`
  FigureValues values = {};
};

/// A few times an epoch.
struct LayersEvent {
  std::int64_t step = 0;
  double epoch = 0;  ///< as StepEvent has it
  std::vector<LayerFigures> layers = {};
};

struct MessageEvent {
  std::string severity = {};  ///< info, warning, error
  std::string text = {};
};

/// The last line. A record without one ended in a crash.
struct DoneEvent {
  std::string reason = {};  ///< finished, stopped, diverged, failed
  std::string message = {};
  FigureValues test = {};  ///< over the test split, with the best epoch's weights; empty where there was no epoch
  double best = std::numeric_limits<double>::quiet_NaN();  ///< the main figure of the best epoch
  int best_epoch = 0;                                      ///< 0: none
  int epochs = 0;
  double elapsed = 0;
};

using Event = std::variant<RunEvent, StepEvent, EpochEvent, ConfusionEvent, CheckpointEvent, SampleEvent, AlarmEvent,
                           CommandEvent, MemoryEvent, LayersEvent, MessageEvent, DoneEvent>;

/// One line without the newline. Numbers that aren't finite are written as null.
std::string to_line(const Event& event);
/// Nothing for unknown kinds and lines that aren't an event's. Lines of schema 1 (classification alone) are read too.
std::optional<Event> event_from_line(std::string_view line);

/// Cuts a stream into lines; a partial one is kept until the rest comes.
class LineBuffer {
 public:
  /// The lines completed by `chunk`, without newlines.
  std::vector<std::string> add(std::string_view chunk);

 private:
  std::string rest_ = {};
};

}  // namespace netwright
