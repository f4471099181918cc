#include "backend/analysis/memory.h"

#include <algorithm>
#include <map>

#include "backend/core/numbers.h"
#include "backend/graph/recipe_specs.h"

namespace netwright {

namespace {

constexpr std::int64_t float_bytes = 4;

/// The most bytes that live at once when each output is freed after the last layer that reads it has run.
Dim inference_peak(const Network& network, const NetworkReport& report) {
  std::map<LayerId, std::size_t> place;
  for (std::size_t i = 0; i < report.order.size(); ++i) place[report.order[i]] = i;
  std::map<LayerId, std::size_t> last_use;
  for (const Connection& connection : network.connections) {
    const auto reader = place.find(connection.to.layer);
    if (reader == place.end()) continue;
    auto& last = last_use[connection.from.layer];
    last = std::max(last, reader->second);
  }
  std::map<std::size_t, std::int64_t> freed_after;
  std::int64_t live = 0;
  std::int64_t peak = 0;
  for (std::size_t i = 0; i < report.order.size(); ++i) {
    const LayerId id = report.order[i];
    const Dim bytes = report.layers.at(id).output_bytes;
    const auto total = checked_add(live, bytes);
    if (!total) return std::nullopt;
    live = *total;
    peak = std::max(peak, live);
    const auto last = last_use.find(id);
    freed_after[last == last_use.end() ? i : last->second] += *bytes;
    live -= freed_after[i];
  }
  return peak;
}

}  // namespace

Totals totals_of(const Network& network, const NetworkReport& report, const Recipe& recipe) {
  Totals totals{.parameters = 0,
                .trainable_parameters = 0,
                .macs = 0,
                .activation_bytes = 0,
                .inference_peak_bytes = {},
                .training_bytes = {}};
  Dim weights = 0;  // parameters and buffers: what a model occupies
  for (const Layer& layer : network.layers) {
    const auto found = report.layers.find(layer.id);
    static const LayerReport unknown;
    const LayerReport& figures = found == report.layers.end() ? unknown : found->second;
    totals.parameters = checked_add(totals.parameters, figures.parameters);
    const Dim trainable = layer.trainable ? figures.parameters : Dim(0);
    totals.trainable_parameters = checked_add(totals.trainable_parameters, trainable);
    totals.macs = checked_add(totals.macs, figures.macs);
    totals.activation_bytes = checked_add(totals.activation_bytes, figures.output_bytes);
    for (const Weight& weight : figures.weights) weights = checked_add(weights, weight.shape.elements());
  }
  totals.inference_peak_bytes = inference_peak(network, report);

  const OptimiserSpec* optimiser = find_optimiser_spec(recipe.optimiser);
  const int state = optimiser ? optimiser->state_per_weight(recipe.optimiser_settings) : 0;
  const Dim kept_numbers = checked_add(weights, checked_multiply(totals.trainable_parameters, 1 + state));
  totals.training_bytes =
      checked_add(checked_multiply(totals.activation_bytes, 2), checked_multiply(kept_numbers, float_bytes));
  return totals;
}

}  // namespace netwright
