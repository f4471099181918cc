#pragma once

#include <array>
#include <thread>

#include "backend/engine/command_queue.h"

namespace netwright {

/// Feeds a queue while it lives: SIGINT and SIGTERM are stop (a second one ends the process at once), and each line of
/// stdin is a command. The end of stdin stops nothing. One at a time.
class Steering {
 public:
  Steering(CommandQueue& commands, bool reads_stdin);
  ~Steering();
  Steering(const Steering&) = delete;
  Steering& operator=(const Steering&) = delete;

 private:
  void listen(bool reads_stdin);

  CommandQueue& commands_;
  std::array<int, 2> pipe_{-1, -1};
  std::thread thread_;
};

}  // namespace netwright
