#pragma once
// What an ONNX model's inputs look like, and which of their axes is the batch.

#include "backend/interop/onnx_import/graph.h"

namespace netwright::onnx_import {

struct InputSizes {
  /// What the graph's arithmetic sees as the batch. A batch of any size is computed with as a large prime, which is
  /// told from other sizes by being a factor that nothing else has.
  std::int64_t batch_size = 1;
  std::vector<Sizes> sizes;                            ///< by input
  std::vector<std::optional<std::size_t>> batch_axes;  ///< by input
  std::vector<std::string> messages;                   ///< of sizes that were assumed
};

/// Refuses inputs of no declared shape.
Result<InputSizes> input_sizes(const Graph& graph);

}  // namespace netwright::onnx_import
