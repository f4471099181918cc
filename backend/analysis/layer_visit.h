#pragma once
// One layer's figures and diagnostics from those of the layers before it.

#include "backend/analysis/network_analysis.h"

namespace netwright {

struct VisitContext {
  const Project& project;
  const Network& network;
  const Structure& structure;
  const std::optional<DataDescription>& data;
  const std::map<LayerId, LayerReport>& reports;
  const std::map<LayerId, std::vector<CarriedField>>& fields;  ///< by output
};

struct Visited {
  LayerReport report;
  std::vector<CarriedField> fields;  ///< by output
  std::vector<Diagnostic> diagnostics;
};

/// Where the layers before aren't valid, neither is this one, and nothing is said about it but of its settings.
Visited visit(const VisitContext& context, const Layer& layer);

/// What is wrong with a layer's settings: also for layers on a cycle, which have no figures.
std::vector<Diagnostic> check_settings(const Project& project, const Network& network, const Layer& layer);

}  // namespace netwright
