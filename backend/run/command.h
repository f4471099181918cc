#pragma once
// Commands steer a run, one JSON object per line on the engine's stdin:
// {"command":"pause"}, {"command":"set","learning_rate":0.001}.

#include <optional>
#include <string>
#include <string_view>

namespace netwright {

struct Command {
  enum class Kind { Pause, Resume, Stop, Checkpoint, SetLearningRate };
  Kind kind = Kind::Stop;
  double learning_rate = 0;  ///< SetLearningRate only
};

/// One line without the newline.
std::string to_line(const Command& command);
/// Nothing where the line is no command; `why` then says what is wrong with it.
std::optional<Command> command_from_line(std::string_view line, std::string& why);

}  // namespace netwright
