#include "backend/analysis/memory.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "backend/core/numbers.h"
#include "backend/graph/recipe_specs.h"
#include "backend/layers/catalogue.h"

namespace netwright {

namespace {

constexpr std::size_t never = std::numeric_limits<std::size_t>::max();

/// One layer as a step of the run.
struct Step {
  const LayerSpec* spec = nullptr;
  std::vector<std::size_t> reads;  ///< the steps whose outputs it reads
  std::size_t storage = 0;         ///< the step whose memory its output lies in: its own unless it is a view
  std::int64_t bytes = 0;          ///< of its own storage
  std::int64_t saved = 0;          ///< masks and the like
  bool is_input = false;
  bool is_output = false;
  // Of a storage:
  std::size_t last_use = 0;         ///< the last step that reads it; `never` where it is the network's output
  std::size_t first_saver = never;  ///< the first step whose backward needs it
};

/// A sum that stays a number while it fits.
void add(std::int64_t& sum, std::int64_t bytes) {
  if (__builtin_add_overflow(sum, bytes, &sum)) sum = std::numeric_limits<std::int64_t>::max() / 2;
}

/// Empty where a size isn't known.
std::vector<Step> steps_of(const Network& network, const NetworkReport& report) {
  std::unordered_map<LayerId, std::size_t> place;
  std::vector<Step> steps;
  for (const LayerId id : report.order) {
    const Layer& layer = *network.find(id);
    const LayerReport& figures = report.layers.at(id);
    if (!figures.output_bytes || !figures.saved_bytes) return {};
    Step step;
    step.spec = find_layer_spec(layer.type);
    step.bytes = *figures.output_bytes;
    step.saved = *figures.saved_bytes;
    step.is_input = layer.type == "Input";
    step.is_output = layer.type == "Output";
    place[id] = steps.size();
    steps.push_back(std::move(step));
  }
  for (const Connection& connection : network.connections) {
    const auto from = place.find(connection.from.layer);
    const auto to = place.find(connection.to.layer);
    if (from != place.end() && to != place.end()) steps[to->second].reads.push_back(from->second);
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    Step& step = steps[i];
    const bool is_alias = step.is_output || (step.spec && step.spec->is_view);
    step.storage = is_alias && !step.reads.empty() ? steps[step.reads.front()].storage : i;
    if (step.storage != i) step.bytes = 0;
    steps[step.storage].last_use = std::max(steps[step.storage].last_use, i);
    for (const std::size_t source : step.reads) {
      Step& storage = steps[steps[source].storage];
      if (storage.last_use != never) storage.last_use = step.is_output ? never : std::max(storage.last_use, i);
      if (step.spec && step.spec->saved.input) storage.first_saver = std::min(storage.first_saver, i);
    }
    if (step.spec && step.spec->saved.output) {
      Step& storage = steps[step.storage];
      storage.first_saver = std::min(storage.first_saver, i);
    }
  }
  return steps;
}

std::int64_t inference_peak(const std::vector<Step>& steps) {
  std::vector<std::int64_t> freed_after(steps.size(), 0);
  for (const Step& step : steps) {
    if (step.last_use != never) add(freed_after[step.last_use], step.bytes);
  }
  std::int64_t live = 0;
  std::int64_t peak = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    add(live, steps[i].bytes);
    peak = std::max(peak, live);
    live -= freed_after[i];
  }
  return peak;
}

std::int64_t training_peak(const std::vector<Step>& steps) {
  std::vector<std::int64_t> freed_after(steps.size(), 0);     // forward
  std::vector<std::int64_t> freed_backward(steps.size(), 0);  // what the backward of a step was the last to need
  for (const Step& step : steps) {
    if (step.first_saver != never) {
      add(freed_backward[step.first_saver], step.bytes);
    } else if (step.last_use != never) {
      add(freed_after[step.last_use], step.bytes);
    }
  }
  std::int64_t live = 0;
  std::int64_t peak = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    add(live, steps[i].bytes);
    add(live, steps[i].saved);
    peak = std::max(peak, live);
    live -= freed_after[i];
  }
  std::vector<bool> has_gradient(steps.size(), false);
  for (std::size_t i = steps.size(); i-- > 0;) {
    const Step& step = steps[i];
    for (const std::size_t source : step.reads) {
      const std::size_t storage = steps[source].storage;
      if (has_gradient[storage] || steps[storage].is_input) continue;
      has_gradient[storage] = true;
      add(live, steps[storage].bytes);
    }
    peak = std::max(peak, live);
    if (step.storage == i && has_gradient[i]) live -= step.bytes;
    live -= step.saved + freed_backward[i];
  }
  return peak;
}

}  // namespace

Totals totals_of(const Network& network, const NetworkReport& report, const Recipe& recipe) {
  Totals totals{.parameters = 0, .trainable_parameters = 0, .macs = 0, .activation_bytes = 0};
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
  if (const auto steps = steps_of(network, report); !steps.empty() && totals.activation_bytes) {
    totals.inference_peak_bytes = inference_peak(steps);
    totals.training_sample_bytes = training_peak(steps);
  }
  totals.weight_bytes = checked_multiply(weights, float_bytes);

  const OptimiserSpec* optimiser = find_optimiser_spec(recipe.optimiser);
  // The moving average of weights is one number more for each.
  const int average = recipe.settings.real("ema_decay") > 0 ? 1 : 0;
  const int state = average + (optimiser ? optimiser->state_per_weight(recipe.optimiser_settings) : 0);
  totals.training_fixed_bytes = checked_add(
      totals.weight_bytes, checked_multiply(checked_multiply(totals.trainable_parameters, 1 + state), float_bytes));
  return totals;
}

}  // namespace netwright
