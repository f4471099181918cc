#pragma once
// Commands steer a run, one JSON object per line on the engine's stdin:
// {"command":"pause"}, {"command":"set","learning_rate":0.001}.

#include <optional>
#include <string>
#include <string_view>

namespace netwright {

struct Command {
  enum class Kind { Pause, Resume, Stop, Checkpoint, Sample, Set };
  Kind kind = Kind::Stop;
  /// Set: `learning_rate`; `epochs`, which are all that are to be done (never fewer than are begun); or
  /// `discriminator_steps` for each one of the generator.
  std::string setting = {};
  double value = 0;
};

/// One line without the newline.
std::string to_line(const Command& command);
/// Nothing where the line is no command; `why` then says what is wrong with it.
std::optional<Command> command_from_line(std::string_view line, std::string& why);

}  // namespace netwright
