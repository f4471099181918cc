#pragma once

#include <torch/torch.h>

#include <algorithm>
#include <vector>

#include "backend/analysis/report.h"
#include "backend/graph/network.h"
#include "tests/support/random_project.h"

namespace netwright {

/// One batch for each Input, in the order of their ids: normal numbers, or words that every Embedding knows. All
/// shapes must be known.
inline std::vector<torch::Tensor> random_inputs(const Network& network, const NetworkReport& report,
                                                std::int64_t batch) {
  std::vector<torch::Tensor> inputs;
  for (const Layer& layer : network.layers) {
    if (layer.type != "Input") continue;
    const LayerReport& figures = report.layers.at(layer.id);
    std::vector<std::int64_t> sizes = {batch};
    for (const Dim& dim : figures.outputs.front().dims()) sizes.push_back(dim.value());
    const std::int64_t words = std::min<std::int64_t>(vocabulary_of(network), 50);
    inputs.push_back(figures.holds_integers ? torch::randint(words, sizes, torch::kInt64) : torch::randn(sizes));
  }
  return inputs;
}

}  // namespace netwright
