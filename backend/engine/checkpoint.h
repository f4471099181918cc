#pragma once
// A checkpoint is a safetensors file: the weights under their plain names (so that it is a state_dict for PyTorch),
// the optimiser's state under `optimiser.`, generators under `generator.`, progress as JSON text in the metadata.

#include <filesystem>
#include <string>

#include "backend/core/result.h"
#include "backend/engine/graph_module.h"
#include "backend/engine/optimisers.h"
#include "backend/interop/safetensors.h"

namespace netwright {

struct TrainingState {
  std::string progress;     ///< JSON text: counters, schedule, position; the trainer's own affair
  NamedTensors generators;  ///< states of random generators
};

/// Copies of the weights and buffers, as a file holds them.
std::vector<NamedTensor> weights_of(const GraphModule& module);

/// Safe (see core/safe_file.h); makes the folder. `optimiser` may be null.
Result<void> save_checkpoint(const std::filesystem::path& path, const GraphModule& module, const Optimiser* optimiser,
                             const TrainingState& state);

/// Copies into the module's own tensors and, where `optimiser` isn't null, into the optimiser. Refuses, and changes
/// nothing, where names, types or shapes don't fit, naming each.
Result<TrainingState> load_checkpoint(const std::filesystem::path& path, GraphModule& module, Optimiser* optimiser);

}  // namespace netwright
