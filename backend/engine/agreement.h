#pragma once
// What processes that train together decide alike: only one of them hears commands, looks at the clock and judges.

#include <chrono>
#include <optional>
#include <string>

#include "backend/engine/command_queue.h"
#include "backend/engine/process_group.h"
#include "backend/run/event.h"

namespace netwright {

/// Every call is made by all processes, in the same order. Where there is one alone, it agrees with itself.
class Agreement {
 public:
  /// `processes`: null for one alone; outlives the agreement.
  explicit Agreement(const ProcessGroup* processes) : processes_(processes) {}

  /// Whether this is the one that decides, writes and is obeyed.
  bool leads() const { return !processes_ || processes_->leads(); }
  /// What the leading one says.
  std::string on(const std::string& text) const { return processes_ ? processes_->spread(text) : text; }
  bool on(bool value) const { return on(std::string(value ? "yes" : "no")) == "yes"; }
  FigureValues on(const FigureValues& figures) const;
  /// Whether all say so.
  bool of_all(bool value) const;

  /// The leading one's next command, for all; a stop may come to any of them. Waits for one where `waits`. `is_due`:
  /// what this one's clock says, and then what the leading one's does; it goes along, since agreeing takes time.
  std::optional<QueuedCommand> next_command(CommandQueue& commands, bool waits, bool& is_due) const;

 private:
  const ProcessGroup* processes_;
};

}  // namespace netwright
