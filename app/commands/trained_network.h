#pragma once
// A network with its weights, ready to run, and what its numbers mean.

#include <memory>
#include <optional>

#include "app/commands/source.h"
#include "backend/analysis/report.h"
#include "backend/data/dataset.h"
#include "backend/engine/graph_module.h"

namespace netwright {

struct TrainedNetwork {
  Project project;  ///< flattened
  NetworkId id;
  NetworkReport report;
  std::shared_ptr<GraphModule> module;           ///< on the device, in evaluation mode
  std::optional<Legend> legend;                  ///< of the data it learned from
  ElementType data_type = ElementType::Float32;  ///< of that data; UInt8: bytes are normalised as in training
  std::string legend_problem;                    ///< why there is none, where the project has data
  bool is_untrained = false;

  const Network& network() const { return *project.find(id); }
};

/// Of a run's folder (its best weights, else its last) or a project's file (see source.h). `network`: a name; empty:
/// the one that was trained.
Result<TrainedNetwork> open_trained_network(const std::string& source, const std::string& network,
                                            torch::Device device);

}  // namespace netwright
