#include "backend/engine/agreement.h"

#include <array>

#include "backend/engine/training_progress.h"

namespace netwright {

namespace {

// A lost process is noticed in a pause as well.
constexpr std::chrono::milliseconds between_rounds{1000};

}  // namespace

FigureValues Agreement::on(const FigureValues& figures) const {
  if (!processes_) return figures;
  const auto known = progress_from_text(processes_->spread(to_text({.held_out = figures})));
  return known ? known->held_out : figures;
}

bool Agreement::of_all(bool value) const {
  if (!processes_) return value;
  const torch::Tensor denied = torch::tensor(std::int64_t{value ? 0 : 1}, torch::kInt64);
  processes_->maximum(denied);
  return denied.item<std::int64_t>() == 0;
}

std::optional<QueuedCommand> Agreement::next_command(CommandQueue& commands, bool waits, bool& is_due) const {
  if (!processes_) return waits ? std::optional(commands.wait()) : commands.poll();
  while (true) {
    // Whose machine is to be given back is told by itself; the first to be told stops all.
    const std::optional<QueuedCommand> own = waits ? commands.wait(between_rounds) : commands.poll();
    const auto* command = own ? std::get_if<Command>(&*own) : nullptr;
    std::string text;
    if (leads() && own) text = command ? to_line(*command) : std::get<RefusedLine>(*own).why;
    enum : std::size_t { Stops, Refused, Size, Due };
    std::array<std::int64_t, 4> round = {};
    round[Stops] = command && command->kind == Command::Kind::Stop ? 1 : 0;
    round[Refused] = leads() && own && !command ? 1 : 0;
    round[Size] = static_cast<std::int64_t>(text.size());
    round[Due] = leads() && is_due ? 1 : 0;
    processes_->maximum(torch::from_blob(round.data(), {static_cast<std::int64_t>(round.size())}, torch::kInt64));
    is_due = round[Due] != 0;
    if (round[Stops] != 0) return Command{.kind = Command::Kind::Stop};
    if (round[Size] != 0) {
      text = processes_->spread(text);
      if (round[Refused] != 0) return RefusedLine{text};
      std::string why;
      if (const auto known = command_from_line(text, why)) return *known;
    }
    if (!waits) return std::nullopt;
  }
}

}  // namespace netwright
