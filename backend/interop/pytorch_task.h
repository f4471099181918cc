#pragma once
// What exported code learns by: the task's loss and what is measured.

#include <string>

#include "backend/graph/network.h"
#include "backend/graph/project.h"

namespace netwright {

/// Pieces of Python: expressions, and what surrounds them.
struct PytorchTask {
  std::string loss;     ///< an expression of outputs and targets
  std::string measure;  ///< an expression of outputs and targets: a mean over the batch
  std::string name;     ///< of what is measured
  std::string batch = "batch[:2]";
  std::string seen = "inputs";
  std::string before = {};     ///< lines at the beginning of train()
  std::string functions = {};  ///< what those need
};

/// Of every task but Adversarial. `network` is the one that trains, without Blocks.
PytorchTask pytorch_task(const Project& project, const Network& network);
/// The functions loss_of and measure, and what they need.
std::string pytorch_loss(const PytorchTask& task);

}  // namespace netwright
