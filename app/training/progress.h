#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "backend/run/event.h"

namespace netwright {

/// What a person at a terminal sees of a run: a line per epoch that stays and, on a terminal, a bar that moves. Writes
/// to stdout.
class Progress {
 public:
  /// `unit` is what a sample is: `images`.
  explicit Progress(std::string unit);
  void show(const Event& event);

 private:
  void show_run(const RunEvent& run);
  void show_step(const StepEvent& step);
  void show_epoch(const EpochEvent& epoch);
  void clear_bar();
  void print_line(const std::string& line);

  std::string unit_;
  bool is_terminal_;
  RunEvent run_;
  bool is_bar_shown_ = false;
  std::optional<std::chrono::steady_clock::time_point> drawn_at_;
};

/// The bar's line for a terminal of `columns` columns: what doesn't fit is left out, the least important first.
std::string progress_line(const StepEvent& step, const RunEvent& run, const std::string& unit, int columns,
                          bool is_utf8);

/// `0:41`, `12:05`, `1:02:09`.
std::string duration_text(double seconds);

}  // namespace netwright
