#pragma once
// What the verbs that train share: from a trainer that is ready to the last word about its run.

#include <functional>
#include <string>

#include "app/commands/command.h"
#include "app/training/run_output.h"
#include "backend/data/dataset.h"
#include "backend/engine/trainer.h"

namespace netwright {

/// A run that can't begin: said on stderr, and to whoever reads events.
Exit refuse_run(bool as_json, const std::string& why, Exit exit = Exit::Failed);

/// What its samples are called: `images`.
std::string unit_of(const Dataset& dataset);

/// Trains to the end. `known`: the events that a resumed run's record holds.
Exit run_to_end(Trainer& trainer, const RunFolder& folder, RunOutput& output, CommandQueue& commands, bool as_json,
                const std::vector<Event>& known = {});

}  // namespace netwright
