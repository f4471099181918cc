#include "app/training/run_session.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "backend/engine/device.h"
#include "backend/run/figure_text.h"

namespace netwright {

namespace {

/// What a run came to, for people.
std::string ending_text(const DoneEvent& done, const RunEvent& run) {
  if (done.epochs == 0) return "Stopped before the first epoch was done\n";
  std::string text = fmt::format("{} of {} epochs in {}", done.epochs, run.epochs, duration_text(done.elapsed));
  const std::vector<std::string> tested = figure_list(run.figures, done.test);
  if (!tested.empty()) text += fmt::format("; over the test split: {}", fmt::join(tested, ", "));
  const FigureSpec* judged = find_figure(run.figures, run.main_figure);
  if (judged && done.best_epoch > 0 && std::isfinite(done.best)) {
    text += fmt::format("; best {} {} in epoch {}", figure_words(*judged), figure_text(*judged, done.best),
                        done.best_epoch);
  }
  return text + "\n";
}

/// The run as it was announced, with what commands have changed since.
void follow(RunEvent& run, const Event& event) {
  if (const auto* begun = std::get_if<RunEvent>(&event)) run = *begun;
  if (const auto* command = std::get_if<CommandEvent>(&event); command && command->command.setting == "epochs") {
    run.epochs = static_cast<int>(command->command.value);
  }
}

}  // namespace

Exit refuse_run(bool as_json, const std::string& why, Exit exit) {
  if (as_json) {
    print_event(MessageEvent{"error", why});
    print_event(DoneEvent{.reason = "failed", .message = why});
  }
  failed(why);
  return exit;
}

std::string unit_of(const Dataset& dataset) {
  if (!dataset.vocabulary.tokens.empty()) return "texts";
  return dataset.sample_shape.rank() == 3 ? "images" : "samples";
}

Exit run_to_end(Trainer& trainer, const RunFolder& folder, RunOutput& output, CommandQueue& commands, bool as_json,
                ProcessGroup* processes, const std::vector<Event>& known) {
  RunEvent run;
  for (const Event& event : known) follow(run, event);
  const DoneEvent done = trainer.run(
      folder.path(),
      [&](const Event& event) {
        output.add(event);
        follow(run, event);
      },
      commands);
  const bool is_good = done.reason == "finished" || done.reason == "stopped";
  if (!is_good) failed(done.message);
  if (processes) processes->leave(done.reason == "failed" ? done.message : std::string());
  if (!as_json) {
    fmt::print("{}", ending_text(done, run));
    fmt::print("Run folder: {}\n", folder.path().string());
  }
  return is_good ? Exit::Done : Exit::Failed;
}

Result<Training> begin_training(const std::string& device) {
  const auto place = place_from_environment();
  if (!place) return place.error();
  const bool may_be_gpu = device == "auto" || device.starts_with("cuda");
  const bool has_gpus = available_devices().size() > 1;
  const auto picked =
      pick_device(*place && may_be_gpu && has_gpus ? fmt::format("cuda:{}", (*place)->local_rank) : device);
  if (!picked) return picked.error();
  Training training{*picked, nullptr};
  if (!*place) return training;
  auto processes = ProcessGroup::join(**place, *picked);
  if (!processes) return processes.error();
  training.processes = std::move(*processes);
  return training;
}

Exit follow_to_end(Trainer& trainer, CommandQueue& commands, ProcessGroup& processes) {
  const DoneEvent done = trainer.run(
      {}, [](const Event&) {}, commands);
  const bool has_failed = done.reason == "failed";
  if (has_failed) failed(fmt::format("process {} of {}: {}", processes.rank(), processes.size(), done.message));
  processes.leave(has_failed ? done.message : std::string());
  return done.reason == "finished" || done.reason == "stopped" ? Exit::Done : Exit::Failed;
}

}  // namespace netwright
