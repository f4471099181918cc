#pragma once
// This program again, as a child that is stopped with its parent.

#include <string>
#include <vector>

namespace netwright {

/// Passes SIGINT and SIGTERM on to the child that runs, and remembers them, while it lives. One at a time.
class ChildWatch {
 public:
  ChildWatch();
  ~ChildWatch();
  ChildWatch(const ChildWatch&) = delete;
  ChildWatch& operator=(const ChildWatch&) = delete;

  /// True once a signal has come: no further child should start.
  bool was_stopped() const;
  /// Runs `netwright-engine ARGUMENTS` and waits; its exit code, 128 + the signal that ended it, or −1 where it
  /// couldn't start. `quiet`: what it would say on stdout goes to stderr.
  int run(const std::vector<std::string>& arguments, bool quiet);
};

}  // namespace netwright
