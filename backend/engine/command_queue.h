#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "backend/run/command.h"

namespace netwright {

/// A line that was meant as a command and isn't one.
struct RefusedLine {
  std::string why;
};
using QueuedCommand = std::variant<Command, RefusedLine>;

/// Commands on their way to a run, from any thread.
class CommandQueue {
 public:
  void push(QueuedCommand command);
  /// The oldest, or nothing; never waits.
  std::optional<QueuedCommand> poll();
  /// The oldest; waits until there is one.
  QueuedCommand wait();
  /// The same, for so long at most.
  std::optional<QueuedCommand> wait(std::chrono::milliseconds most);

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<QueuedCommand> commands_;
};

}  // namespace netwright
