#pragma once
// Weights from a file into a network that is drawn already, by name and shape.

#include <string>
#include <vector>

#include "backend/analysis/report.h"
#include "backend/graph/network.h"
#include "backend/interop/safetensors.h"

namespace netwright {

struct MatchedWeights {
  std::vector<NamedTensor> weights;    ///< under the network's own names
  std::vector<std::string> missing;    ///< the network has them, the file doesn't
  std::vector<std::string> unfitting;  ///< why tensors of the file aren't used that have a place, a sentence each
  std::vector<std::string> unused;     ///< those of the file that the network has no place for
  std::size_t expected = 0;            ///< how many tensors the network has

  bool is_complete() const { return missing.empty(); }
  /// Why tensors of the file aren't used, a sentence each.
  std::vector<std::string> complaints() const;
};

/// A file's `features.0.weight` is also a layer's `features_0.weight`. Real numbers of other widths become float32.
/// Of a checkpoint of several networks, those under the network's name are meant.
/// `network` has no Blocks (see graph/flatten.h), `report` is its own.
MatchedWeights match_weights(const Network& network, const NetworkReport& report, TensorFile file);

}  // namespace netwright
