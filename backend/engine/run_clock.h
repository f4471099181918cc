#pragma once

#include <chrono>
#include <optional>

namespace netwright {

/// Seconds since it was made, pauses left out.
class RunClock {
 public:
  /// `elapsed`: seconds that have passed already.
  explicit RunClock(double elapsed = 0)
      : start_(Clock::now() - std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(elapsed))) {}

  double elapsed() const { return std::chrono::duration<double>(paused_at_.value_or(Clock::now()) - start_).count(); }
  void pause() {
    if (!paused_at_) paused_at_ = Clock::now();
  }
  void resume() {
    if (paused_at_) start_ += Clock::now() - *paused_at_;
    paused_at_.reset();
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_;
  std::optional<Clock::time_point> paused_at_;
};

}  // namespace netwright
