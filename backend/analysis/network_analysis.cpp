#include "backend/analysis/network_analysis.h"

#include <algorithm>

#include "backend/analysis/layer_visit.h"
#include "backend/analysis/memory.h"
#include "backend/layers/catalogue.h"

namespace netwright {

namespace {

/// What layers downstream see of a layer.
bool looks_same(const LayerReport& a, const LayerReport& b) {
  return a.is_valid == b.is_valid && a.outputs == b.outputs && a.holds_integers == b.holds_integers;
}

}  // namespace

void NetworkAnalysis::refresh(const Project& project, const Network& network,
                              const std::optional<DataDescription>& data, const Change& change, NetworkReport& report) {
  report.id = network.id;
  report.name = network.name;
  std::set<LayerId> touched = change.layers;
  if (change.is_structural || change.is_everything) restructure(project, network, report, touched);
  const bool was_time_first = std::exchange(is_time_first_, finds_time_first(network));
  if (change.is_everything || was_time_first != is_time_first_) {
    for (const Layer& layer : network.layers) touched.insert(layer.id);
  }

  std::set<std::size_t> waiting;
  for (const LayerId id : touched) {
    const Layer* layer = network.find(id);
    if (!layer) continue;
    if (const auto place = places_.find(id); place != places_.end()) {
      waiting.insert(place->second);
      continue;
    }
    // A layer on a cycle has no figures, but its settings are checked all the same.
    auto diagnostics = check_settings(project, network, *layer);
    layer_diagnostics_.erase(id);
    if (!diagnostics.empty()) layer_diagnostics_[id] = std::move(diagnostics);
  }
  const VisitContext context{project, network, structure_, data, report.layers, fields_};
  visited_ = 0;
  while (!waiting.empty()) {
    const LayerId id = structure_.order[*waiting.begin()];
    waiting.erase(waiting.begin());
    ++visited_;
    Visited visited = visit(context, *network.find(id));
    if (!visited.fields.empty()) visited.report.field = positions_of(visited.fields.front());
    LayerReport& before = report.layers[id];
    const bool is_same = looks_same(before, visited.report) && fields_[id] == visited.fields;
    before = std::move(visited.report);
    fields_[id] = std::move(visited.fields);
    layer_diagnostics_.erase(id);
    if (!visited.diagnostics.empty()) layer_diagnostics_[id] = std::move(visited.diagnostics);
    if (is_same) continue;
    for (const LayerId follower : structure_.followers[id]) {
      if (const auto place = places_.find(follower); place != places_.end()) waiting.insert(place->second);
    }
  }
  summarise(network, report);
  report.totals = totals_of(network, report, project.recipe);
}

void NetworkAnalysis::restructure(const Project& project, const Network& network, NetworkReport& report,
                                  std::set<LayerId>& touched) {
  structure_diagnostics_.clear();
  const Structure before = std::move(structure_);
  structure_ = structure_of(project, network, structure_diagnostics_);
  report.order = structure_.order;
  places_.clear();
  for (std::size_t i = 0; i < structure_.order.size(); ++i) places_[structure_.order[i]] = i;
  for (const Layer& layer : network.layers) {
    const auto old = before.inputs.find(layer.id);
    if (old == before.inputs.end() || old->second != structure_.inputs.at(layer.id)) touched.insert(layer.id);
    if (report.layers.contains(layer.id) == places_.contains(layer.id)) continue;
    // It came onto a cycle, or off one: with its figures come or go those of what reads it.
    touched.insert(layer.id);
    const std::vector<LayerId>& followers = structure_.followers[layer.id];
    touched.insert(followers.begin(), followers.end());
  }
  // Fixes hold the ids and names that were free.
  for (const auto& [id, diagnostics] : layer_diagnostics_) touched.insert(id);
  const auto is_gone = [&](const auto& entry) { return !places_.contains(entry.first); };
  std::erase_if(report.layers, is_gone);
  std::erase_if(fields_, is_gone);
  std::erase_if(layer_diagnostics_, [&](const auto& entry) { return !network.find(entry.first); });
}

/// Of the axes of the input those along which positions lie: all but the channels', or the first where time is.
ReceptiveField NetworkAnalysis::positions_of(const CarriedField& carried) const {
  const bool is_time_first = carried.size() < 3 && is_time_first_;
  return is_time_first ? summary_of(carried, 0, 1) : summary_of(carried, 1, carried.size());
}

/// Words come one after the other; and of time × features the first layer that minds the order knows which is which.
bool NetworkAnalysis::finds_time_first(const Network& network) const {
  std::set<LayerId> untouched;
  for (const Layer& layer : network.layers) {
    if (layer.type != "Input") continue;
    const std::size_t rank = layer.settings.integers("shape").size();
    if (rank == 1 && layer.settings.text("dtype") == "int64") return true;
    if (rank == 2 && places_.contains(layer.id)) untouched.insert(layer.id);
  }
  std::vector<LayerId> open(untouched.begin(), untouched.end());
  while (!open.empty()) {
    const LayerId id = open.back();
    open.pop_back();
    const auto followers = structure_.followers.find(id);
    if (followers == structure_.followers.end()) continue;
    for (const LayerId follower : followers->second) {
      const Layer* layer = network.find(follower);
      const LayerSpec* spec = layer ? find_layer_spec(layer->type) : nullptr;
      if (!spec) continue;
      if (spec->features_last) return true;
      if (spec->window || spec->output_window) return false;
      if (untouched.insert(follower).second) open.push_back(follower);
    }
  }
  return false;
}

void NetworkAnalysis::summarise(const Network& network, NetworkReport& report) const {
  report.input = {};
  report.output = {};
  report.field = {};
  std::vector<CarriedField> ends;
  for (const Layer& layer : network.layers) {
    if (layer.type != "Input" && layer.type != "Output") continue;
    const auto found = report.layers.find(layer.id);
    if (found == report.layers.end() || !found->second.is_valid || found->second.outputs.empty()) continue;
    const Shape& shape = found->second.outputs.front();
    if (layer.type == "Input") {
      if (report.input.rank() == 0) report.input = shape;
    } else {
      if (report.output.rank() == 0) report.output = shape;
      ends.push_back(fields_.at(layer.id).front());
    }
  }
  if (!ends.empty()) report.field = positions_of(merge(ends));
}

}  // namespace netwright
