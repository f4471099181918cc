#include <fmt/format.h>

#include <csignal>
#include <memory>
#include <optional>

#include "app/commands/command.h"
#include "app/commands/resume.h"
#include "app/training/run_output.h"
#include "app/training/run_session.h"
#include "app/training/steering.h"
#include "backend/data/data_catalogue.h"
#include "backend/data/preparation.h"
#include "backend/engine/heap.h"
#include "backend/engine/threads.h"
#include "backend/engine/trainer.h"

namespace netwright {

namespace {

/// As many as the run had before, which the bits of its results depend on; 0 where that isn't known.
int threads_of(const RunEvent& run) {
  const auto known = run.environment.find("threads");
  if (known == run.environment.end()) return 0;
  const int count = std::atoi(known->second.c_str());
  return count >= 1 && count <= 4096 ? count : 0;
}

/// Why the run has nothing left to do; empty where it has.
std::string end_of(const std::vector<Event>& events, const std::optional<int>& epochs) {
  const auto* done = events.empty() ? nullptr : std::get_if<DoneEvent>(&events.back());
  if (!done || done->reason != "finished" || epochs.value_or(0) > done->epochs) return {};
  return fmt::format("The run has finished its {} epochs; --epochs {} goes on from there.", done->epochs,
                     2 * std::max(1, done->epochs));
}

}  // namespace

Exit resume(const ResumeArguments& arguments) {
  std::signal(SIGPIPE, SIG_IGN);
  keep_freed_memory();
  Training training{torch::kCPU, nullptr};
  const auto refuse = [&](const std::string& why, Exit exit = Exit::Failed) {
    if (training.processes) training.processes->leave(why);
    return refuse_run(arguments.as_json && training.leads(), why, exit);
  };
  const auto folder = RunFolder::open(arguments.run);
  if (!folder) return refuse(folder.error().message, Exit::BadArguments);
  const auto project = folder->project();
  if (!project) return refuse(project.error().message);
  auto events = folder->events();
  if (!events) return refuse(events.error().message);
  const auto* run = events->empty() ? nullptr : std::get_if<RunEvent>(&events->front());
  if (!run || !std::filesystem::exists(folder->last_checkpoint())) {
    return refuse(fmt::format("{} stopped before there was anything to resume: train the project anew.",
                              folder->path().string()));
  }
  if (const std::string why = end_of(*events, arguments.epochs); !why.empty()) {
    if (!arguments.may_be_done) return refuse(why, Exit::BadArguments);
    remark(why);
    return Exit::Done;
  }
  set_threads(arguments.threads > 0 ? arguments.threads : threads_of(*run));
  auto begun = begin_training(arguments.device.empty() ? run->device : arguments.device);
  if (!begun) return refuse(begun.error().message, Exit::BadArguments);
  training = std::move(*begun);
  CommandQueue commands;
  if (arguments.epochs) commands.push(Command{Command::Kind::Set, "epochs", static_cast<double>(*arguments.epochs)});
  const Steering steering(commands, arguments.as_json && training.leads());
  const auto dataset = load(project->data);
  if (!dataset) return refuse(dataset.error().message);
  if (const std::string found = fingerprint_of(*dataset); found != run->data) {
    return refuse(
        "The data aren't those that the run began with: they have changed, or other ones lie there. A new run "
        "can start from the checkpoint's weights: train --weights " +
        folder->last_checkpoint().string());
  }
  auto trainer = Trainer::create(*project, *dataset,
                                 {.network = run->network,
                                  .device = training.device,
                                  .limit_samples = run->limit_samples,
                                  .opening = {},
                                  .resume = folder->last_checkpoint(),
                                  .processes = training.processes.get()});
  if (!trainer) return refuse(trainer.error().message);
  if (!training.leads()) return follow_to_end(**trainer, commands, *training.processes);
  auto output = RunOutput::open(*folder, arguments.as_json, unit_of(*dataset));
  if (!output) return refuse(output.error().message);
  const std::int64_t told = (*trainer)->progress().events;
  const auto kept = folder->cut_record(told);
  if (!kept) return refuse(kept.error().message);
  events = folder->events();
  if (!events) return refuse(events.error().message);
  output->begin_tensorboard(*folder, *events);
  // Whoever follows a resumed run knows no more of it than of a new one.
  for (const Event& event : *events) output->show(event);
  // A machine that lost its power may have kept the checkpoint and not the record; lines are counted.
  for (std::int64_t line = *kept; line < told; ++line) {
    output->add(MessageEvent{"warning", "An event was lost from the record when the machine stopped."});
  }
  return run_to_end(**trainer, *folder, *output, commands, arguments.as_json, training.processes.get(), *events);
}

Verb resume_verb() {
  return {"resume", "Goes on with a run that was stopped or cut off, as if it had never been.",
          "netwright-engine resume classifier.runs/2026-11-26T10-00-00Z-classifier", true, [](CLI::App& app) -> Action {
            auto arguments = std::make_shared<ResumeArguments>();
            app.add_option("run", arguments->run, "The run's folder")->required();
            app.add_option("--epochs", arguments->epochs, "As many as there are to be in all, from now on")
                ->check(CLI::Range(1, 1'000'000));
            app.add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N (default: the run's)");
            app.add_option("--threads", arguments->threads,
                           "Threads to compute with (default: the run's; another number gives other last digits)")
                ->check(CLI::Range(1, 4096));
            app.add_flag("--json", arguments->as_json, "Events on stdout and commands on stdin, a line of JSON each");
            return [arguments] { return resume(*arguments); };
          }};
}

}  // namespace netwright
