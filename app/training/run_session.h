#pragma once
// What the verbs that train share: from a trainer that is ready to the last word about its run.

#include <functional>
#include <string>

#include "app/commands/command.h"
#include "app/training/run_output.h"
#include "backend/data/dataset.h"
#include "backend/engine/process_group.h"
#include "backend/engine/trainer.h"

namespace netwright {

/// A run that can't begin: said on stderr, and to whoever reads events.
Exit refuse_run(bool as_json, const std::string& why, Exit exit = Exit::Failed);

/// What its samples are called: `images`.
std::string unit_of(const Dataset& dataset);

/// This process's part in training: alone, or among others that torchrun's variables name.
struct Training {
  torch::Device device;
  std::unique_ptr<ProcessGroup> processes;  ///< null: this one alone
  bool leads() const { return !processes || processes->leads(); }
};
/// Waits for the other processes. `device` as pick_device() takes it; where it is a GPU, each process has its own.
Result<Training> begin_training(const std::string& device);

/// Trains to the end, on the process that leads. `known`: the events that a resumed run's record holds.
Exit run_to_end(Trainer& trainer, const RunFolder& folder, RunOutput& output, CommandQueue& commands, bool as_json,
                ProcessGroup* processes, const std::vector<Event>& known = {});
/// The same on the others: what they have to say goes to stderr.
Exit follow_to_end(Trainer& trainer, CommandQueue& commands, ProcessGroup& processes);

}  // namespace netwright
