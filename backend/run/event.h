#pragma once
// Events: what a run tells, one JSON object per line (`{"event":"step",…}`), appended to events.jsonl and then
// written to stdout. Live view, replay and comparison share this decoder.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "backend/run/command.h"

namespace netwright {

inline constexpr int event_schema = 1;

/// The first line of a record.
struct RunEvent {
  int schema = event_schema;
  std::string name;
  std::string started;  ///< UTC, ISO 8601
  std::string task;
  std::string network;
  std::string device;
  int epochs = 0;
  std::int64_t steps_per_epoch = 0;
  std::int64_t train_samples = 0;
  std::int64_t test_samples = 0;
  std::int64_t parameters = 0;
  std::vector<std::string> classes;
  std::map<std::string, std::string> environment;  ///< LibTorch, BLAS, threads, host, netwright version
};

/// The mean over the steps since the last one (at most 20 a second are sent).
struct StepEvent {
  std::int64_t step = 0;  ///< optimiser steps done, over all epochs
  double epoch = 0;       ///< epochs done, with a fraction
  double loss = 0;
  double accuracy = 0;  ///< 0..1
  double learning_rate = 0;
  double samples_per_second = 0;
  double elapsed = 0;  ///< seconds since the run began, pauses left out
};

struct EpochEvent {
  int epoch = 0;  ///< epochs done
  std::int64_t step = 0;
  double train_loss = 0;
  double train_accuracy = 0;
  double test_loss = 0;
  double test_accuracy = 0;
  double seconds = 0;
  double samples_per_second = 0;
  double elapsed = 0;
};

/// Row: the true class; column: the predicted one; over the test split.
struct ConfusionEvent {
  int epoch = 0;
  std::vector<std::vector<std::int64_t>> counts;
};

struct CheckpointEvent {
  std::string file;  ///< relative to the run folder
  std::int64_t step = 0;
  int epoch = 0;
  bool is_best = false;
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

struct MessageEvent {
  std::string severity;  ///< info, warning, error
  std::string text;
};

/// The last line. A record without one ended in a crash.
struct DoneEvent {
  std::string reason;  ///< finished, stopped, diverged, failed
  std::string message;
  double test_loss = 0;
  double test_accuracy = 0;
  double best_accuracy = 0;
  int epochs = 0;
  double elapsed = 0;
};

using Event = std::variant<RunEvent, StepEvent, EpochEvent, ConfusionEvent, CheckpointEvent, CommandEvent, MemoryEvent,
                           MessageEvent, DoneEvent>;

/// One line without the newline. Numbers that aren't finite are written as null.
std::string to_line(const Event& event);
/// Nothing for unknown kinds and lines that aren't an event's.
std::optional<Event> event_from_line(std::string_view line);

/// Cuts a stream into lines; a partial one is kept until the rest comes.
class LineBuffer {
 public:
  /// The lines completed by `chunk`, without newlines.
  std::vector<std::string> add(std::string_view chunk);

 private:
  std::string rest_;
};

}  // namespace netwright
