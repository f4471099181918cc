#pragma once
// Weights that a new run takes from another run or file: all that fit by name and shape.

#include <string>
#include <vector>

#include "backend/graph/project.h"
#include "backend/interop/safetensors.h"
#include "backend/interop/weights_import.h"

namespace netwright {

struct WeightTransfer {
  struct Part {
    std::string network;
    MatchedWeights matched;
  };
  std::vector<Part> networks;

  std::size_t taken() const;     ///< tensors
  std::size_t expected() const;  ///< those that the networks have
  /// `12 of 14 tensors were taken. fc.weight is [10, 84] in the file, and the network has [5, 84]. …`: the first few of
  /// those that weren't, and why.
  std::string words() const;
};

/// For `networks` of the project, which may have Blocks. A file of several networks gives each of them its namesake's
/// weights; one that has none there takes those of the network that fits best.
WeightTransfer transfer_to(const Project& project, const std::vector<const Network*>& networks, const TensorFile& file);

}  // namespace netwright
