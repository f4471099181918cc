#pragma once

#include <csignal>

namespace netwright {

/// What is done when the run is to stop: Ctrl-C, or a scheduler's SIGTERM. SIG_DFL: the usual again.
inline void handle_stop_signals(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

}  // namespace netwright
