#include "backend/analysis/training_mistakes.h"

#include <algorithm>

namespace netwright {

std::vector<const Diagnostic*> training_mistakes(const Report& report, const std::vector<const Network*>& networks) {
  std::vector<const Diagnostic*> mistakes;
  for (const Diagnostic& diagnostic : report.diagnostics) {
    const bool concerns_them =
        !diagnostic.network || std::any_of(networks.begin(), networks.end(),
                                           [&](const Network* network) { return network->id == diagnostic.network; });
    if (diagnostic.severity == Severity::Error && concerns_them) mistakes.push_back(&diagnostic);
  }
  return mistakes;
}

std::string named_message(const Diagnostic& diagnostic, const Project& project) {
  const Network* network = diagnostic.network ? project.find(diagnostic.network) : nullptr;
  const Layer* layer = network ? network->find(diagnostic.layer) : nullptr;
  const bool names_layer = layer && diagnostic.message.find(layer->name) == std::string::npos;
  return names_layer ? layer->name + ": " + diagnostic.message : diagnostic.message;
}

}  // namespace netwright
