#pragma once
// A checkpoint is a safetensors file: the weights under their names (so that it is a state_dict for PyTorch; those of
// several networks under `generator.conv1.weight`), what only training needs under `training/`, progress as JSON text
// in the metadata. Where a learner keeps an average, the weights are the average, and its own ones are part of
// training.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "backend/core/result.h"
#include "backend/engine/graph_module.h"
#include "backend/engine/learner.h"
#include "backend/interop/safetensors.h"

namespace netwright {

struct TrainingState {
  std::string progress = {};  ///< JSON text: counters, position; the trainer's own affair
  std::string memory = {};    ///< text that a task keeps
  NamedTensors random = {};  ///< states of generators of random numbers (see random_states), and what else a task keeps
};

/// `network`: empty where the file is of one network.
struct SavedLearner {
  std::string network;
  Learner& learner;
};
struct SavedWeights {
  std::string network;
  GraphModule& module;
};

/// Copies of the weights and buffers, as a file holds them.
std::vector<NamedTensor> weights_of(const GraphModule& module);

/// Safe (see core/safe_file.h); makes the folder: `save_checkpoint(path, {{"", *learner}}, state)`.
Result<void> save_checkpoint(const std::filesystem::path& path, const std::vector<SavedLearner>& learners,
                             const TrainingState& state);
/// To go on exactly as if there had been no pause. Refuses, and changes nothing, where names, types or shapes don't
/// fit, naming each, or where the file holds weights alone.
Result<TrainingState> load_checkpoint(const std::filesystem::path& path, const std::vector<SavedLearner>& learners);

/// Weights alone, under their plain names.
Result<void> save_weights(const std::filesystem::path& path, const GraphModule& module);
/// The weights alone, of a checkpoint or any other file. A file of several networks must have those named, and others
/// are passed over; in one of a single network the name doesn't matter. Refuses as load_checkpoint does.
Result<void> load_weights(const std::filesystem::path& path, const std::vector<SavedWeights>& networks);
Result<void> load_weights(const std::filesystem::path& path, GraphModule& module, const std::string& network = {});
/// The same for learners, whose averages then begin from these weights.
Result<void> load_learned(const std::filesystem::path& path, const std::vector<SavedLearner>& learners);

/// Copies those that there are, under the module's names and of its sizes, into it.
void take_weights(GraphModule& module, const std::vector<NamedTensor>& weights);
/// For a run that goes on learning from another's checkpoint with another recipe, and has its weights already: takes
/// the optimiser's state, the average, and the weights that training goes on with where those to use are averages.
/// Nothing, or why it doesn't fit, in words for people; nothing is changed then.
std::optional<std::string> take_training_state(const std::filesystem::path& path,
                                               const std::vector<SavedLearner>& learners);

/// The states of LibTorch's own generators of random numbers: the CPU's, and the device's where that is another.
NamedTensors random_states(torch::Device device);
void restore_random_states(const NamedTensors& states, torch::Device device);

}  // namespace netwright
