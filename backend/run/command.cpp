#include "backend/run/command.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace netwright {

namespace {

const char* name_of(Command::Kind kind) {
  switch (kind) {
    case Command::Kind::Pause:
      return "pause";
    case Command::Kind::Resume:
      return "resume";
    case Command::Kind::Stop:
      return "stop";
    case Command::Kind::Checkpoint:
      return "checkpoint";
    case Command::Kind::SetLearningRate:
      return "set";
  }
  return "";
}

}  // namespace

std::string to_line(const Command& command) {
  nlohmann::ordered_json object = {{"command", name_of(command.kind)}};
  if (command.kind == Command::Kind::SetLearningRate) object["learning_rate"] = command.learning_rate;
  return object.dump();
}

std::optional<Command> command_from_line(std::string_view line, std::string& why) {
  const auto object = nlohmann::json::parse(line, nullptr, false);
  if (!object.is_object()) {
    why = "not a JSON object";
    return std::nullopt;
  }
  const auto name = object.find("command");
  if (name == object.end() || !name->is_string()) {
    why = "no \"command\" in it";
    return std::nullopt;
  }
  for (const auto kind :
       {Command::Kind::Pause, Command::Kind::Resume, Command::Kind::Stop, Command::Kind::Checkpoint}) {
    if (*name == name_of(kind)) return Command{kind};
  }
  if (*name != name_of(Command::Kind::SetLearningRate)) {
    why = "no such command: \"" + name->get<std::string>() + "\"";
    return std::nullopt;
  }
  const auto rate = object.find("learning_rate");
  if (rate == object.end() || !rate->is_number()) {
    why = "\"set\" needs a number as \"learning_rate\"";
    return std::nullopt;
  }
  const double value = rate->get<double>();
  if (!std::isfinite(value) || value < 0) {
    why = "the learning rate must be finite and not negative";
    return std::nullopt;
  }
  return Command{Command::Kind::SetLearningRate, value};
}

}  // namespace netwright
