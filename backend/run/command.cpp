#include "backend/run/command.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "backend/run/command_limits.h"

namespace netwright {

namespace {

struct KindName {
  Command::Kind kind;
  const char* name;
};
constexpr std::array kind_names = {
    KindName{Command::Kind::Pause, "pause"},   KindName{Command::Kind::Resume, "resume"},
    KindName{Command::Kind::Stop, "stop"},     KindName{Command::Kind::Checkpoint, "checkpoint"},
    KindName{Command::Kind::Sample, "sample"}, KindName{Command::Kind::Set, "set"}};

struct Settable {
  const char* name;
  double least;
  double most;
  bool is_whole;
  const char* rule;
};
constexpr std::array settables = {
    Settable{"learning_rate", 0, std::numeric_limits<double>::max(), false, "must be finite and not negative"},
    Settable{"epochs", 1, most_epochs, true, "must be a whole number from 1 to 1,000,000"},
    Settable{"discriminator_steps", 1, most_discriminator_steps, true, "must be a whole number from 1 to 100"}};

bool is_allowed(const Settable& settable, double value) {
  if (!std::isfinite(value) || value < settable.least || value > settable.most) return false;
  return !settable.is_whole || value == std::floor(value);
}

std::optional<Command> set_command(const nlohmann::json& object, std::string& why) {
  for (const Settable& settable : settables) {
    const auto value = object.find(settable.name);
    if (value == object.end()) continue;
    if (!value->is_number()) {
      why = std::string("\"set\" needs a number as \"") + settable.name + "\"";
      return std::nullopt;
    }
    if (!is_allowed(settable, value->get<double>())) {
      why = std::string(settable.name) + " " + settable.rule;
      return std::nullopt;
    }
    return Command{Command::Kind::Set, settable.name, value->get<double>()};
  }
  why = "\"set\" needs a number as \"learning_rate\", \"epochs\" or \"discriminator_steps\"";
  return std::nullopt;
}

}  // namespace

std::string to_line(const Command& command) {
  nlohmann::ordered_json object;
  for (const auto& [kind, name] : kind_names) {
    if (kind == command.kind) object["command"] = name;
  }
  if (command.kind == Command::Kind::Set) {
    const auto settable =
        std::find_if(settables.begin(), settables.end(), [&](const Settable& s) { return s.name == command.setting; });
    if (settable != settables.end() && settable->is_whole && is_allowed(*settable, command.value)) {
      object[command.setting] = static_cast<std::int64_t>(command.value);
    } else {
      object[command.setting] = command.value;
    }
  }
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
  for (const auto& [kind, known] : kind_names) {
    if (*name != known) continue;
    return kind == Command::Kind::Set ? set_command(object, why) : Command{kind};
  }
  why = "no such command: \"" + name->get<std::string>() + "\"";
  return std::nullopt;
}

}  // namespace netwright
