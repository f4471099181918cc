#include "backend/analysis/report.h"

#include <algorithm>

#include "backend/core/numbers.h"

namespace netwright {

Diagnostic diagnostic_at(Severity severity, const char* code, NetworkId network, LayerId layer, std::string message) {
  Diagnostic diagnostic;
  diagnostic.severity = severity;
  diagnostic.code = code;
  diagnostic.network = network;
  diagnostic.layer = layer;
  diagnostic.message = std::move(message);
  return diagnostic;
}

std::string to_text(Severity severity) {
  switch (severity) {
    case Severity::Advice:
      return "advice";
    case Severity::Warning:
      return "warning";
    case Severity::Error:
      return "error";
  }
  return {};
}

bool sees_whole_input(const ReceptiveField& field) {
  return !field.empty() && std::all_of(field.begin(), field.end(), [](const AxisField& axis) { return axis.is_whole; });
}

std::string to_text(const ReceptiveField& field) {
  if (field.empty()) return {};
  if (sees_whole_input(field)) return "whole input";
  std::string text;
  for (const AxisField& axis : field) text += (text.empty() ? "" : "×") + std::to_string(axis.size);
  const bool is_bound = std::any_of(field.begin(), field.end(), [](const AxisField& axis) { return axis.is_bound; });
  return is_bound ? "≤ " + text : text;
}

Dim Totals::training_bytes(std::int64_t batch) const {
  return checked_add(training_fixed_bytes, checked_multiply(training_sample_bytes, batch));
}

Dim Totals::largest_batch(std::int64_t memory) const {
  if (!training_fixed_bytes || !training_sample_bytes) return std::nullopt;
  if (memory <= *training_fixed_bytes) return 0;
  return (memory - *training_fixed_bytes) / std::max<std::int64_t>(*training_sample_bytes, 1);
}

const NetworkReport* Report::find(NetworkId network) const {
  const auto it = std::find_if(networks.begin(), networks.end(), [&](const auto& r) { return r.id == network; });
  return it == networks.end() ? nullptr : &*it;
}

const LayerReport* Report::find(NetworkId network, LayerId layer) const {
  const NetworkReport* found = find(network);
  if (!found) return nullptr;
  const auto it = found->layers.find(layer);
  return it == found->layers.end() ? nullptr : &it->second;
}

bool Report::is_sound(NetworkId network) const {
  return find(network) && std::none_of(diagnostics.begin(), diagnostics.end(), [&](const Diagnostic& diagnostic) {
           return diagnostic.severity == Severity::Error && (!diagnostic.network || diagnostic.network == network);
         });
}

}  // namespace netwright
