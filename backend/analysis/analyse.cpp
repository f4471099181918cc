#include "backend/analysis/analyse.h"

#include <algorithm>

#include "backend/analysis/live_analysis.h"
#include "backend/analysis/task_fit.h"
#include "backend/layers/catalogue.h"

namespace netwright {

Report analyse(const Project& project) {
  return LiveAnalysis(project).report();
}

Report analyse(const Project& project, const DataDescription& data) {
  return LiveAnalysis(project, [&](const DataSource&) { return std::optional(data); }).report();
}

const Diagnostic* mistake_in(const Report& report, NetworkId network) {
  const auto it = std::find_if(report.diagnostics.begin(), report.diagnostics.end(), [&](const Diagnostic& diagnostic) {
    return diagnostic.severity == Severity::Error && diagnostic.network == network && !is_of_training(diagnostic);
  });
  return it == report.diagnostics.end() ? nullptr : &*it;
}

std::optional<KnownLayer> known_layer(const Network& network, const NetworkReport& report, LayerId layer) {
  const Layer* found = network.find(layer);
  const LayerSpec* spec = found ? find_layer_spec(found->type) : nullptr;
  const auto figures = report.layers.find(layer);
  if (!spec || figures == report.layers.end() || !figures->second.is_valid) return std::nullopt;
  return KnownLayer{found, spec, &figures->second};
}

}  // namespace netwright
