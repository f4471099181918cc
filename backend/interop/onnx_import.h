#pragma once
// Networks from ONNX files (opsets 9 to 17): a drawing in the catalogue's layers, and their weights.

#include <filesystem>
#include <string>
#include <vector>

#include "backend/core/result.h"
#include "backend/graph/project.h"
#include "backend/interop/safetensors.h"

namespace netwright {

struct Imported {
  Project project;                    ///< one network, laid out
  std::vector<NamedTensor> weights;   ///< by layer, in PyTorch's layout: `conv1.weight`; without those that are missing
  std::vector<std::string> messages;  ///< what couldn't be taken over and what was assumed, a sentence each
};

/// Operators that no layer stands for are named in the messages, and an Input takes their place. Refuses what isn't an
/// ONNX model, names that lead nowhere, cycles and absurd sizes. Reads external data only from the model's folder.
Result<Imported> import_onnx(const std::filesystem::path& path);

}  // namespace netwright
