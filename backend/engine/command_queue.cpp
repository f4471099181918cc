#include "backend/engine/command_queue.h"

#include <utility>

namespace netwright {

void CommandQueue::push(QueuedCommand command) {
  {
    const std::lock_guard lock(mutex_);
    commands_.push_back(std::move(command));
  }
  arrived_.notify_one();
}

std::optional<QueuedCommand> CommandQueue::poll() {
  const std::lock_guard lock(mutex_);
  if (commands_.empty()) return std::nullopt;
  QueuedCommand first = std::move(commands_.front());
  commands_.pop_front();
  return first;
}

QueuedCommand CommandQueue::wait() {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [this] { return !commands_.empty(); });
  QueuedCommand first = std::move(commands_.front());
  commands_.pop_front();
  return first;
}

std::optional<QueuedCommand> CommandQueue::wait(std::chrono::milliseconds most) {
  {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, most, [this] { return !commands_.empty(); });
  }
  return poll();
}

}  // namespace netwright
