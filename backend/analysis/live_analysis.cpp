#include "backend/analysis/live_analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "backend/analysis/advice.h"
#include "backend/analysis/task_fit.h"
#include "backend/core/numbers.h"
#include "backend/graph/blocks.h"
#include "backend/graph/layer_search.h"
#include "backend/layers/catalogue.h"

namespace netwright {

namespace {

using Change = NetworkAnalysis::Change;

/// What an edit does to the analysis of its network; nothing where it does nothing.
struct ChangeOf {
  const Project& project;
  Change& change;
  bool& is_touched;

  template <class E>
  void operator()(const E&) {}
  void operator()(const AddLayer& e) { layer(e.layer.id, true); }
  void operator()(const RemoveLayer& e) { layer(e.layer, true); }
  void operator()(const Connect& e) { layer(e.connection.to.layer, true); }
  void operator()(const Disconnect& e) { layer(e.connection.to.layer, true); }
  void operator()(const SetSetting& e) { setting(e.network, e.layer); }
  void operator()(const ClearSetting& e) { setting(e.network, e.layer); }
  void operator()(const SetTrainable&) { is_touched = true; }
  void operator()(const SetInitialisation&) {}
  void operator()(const SetCanvasNotes&) {}
  void operator()(const RenameLayer& e) {
    // Followers' messages may name it.
    layer(e.layer, true);
    const Network* network = project.find(e.network);
    if (!network) return;
    for (const Connection& c : network->connections) {
      if (c.from.layer == e.layer) change.layers.insert(c.to.layer);
    }
  }
  void operator()(const SetExposed&) { is_touched = true; }
  void operator()(const AddNetwork&) { everything(); }
  void operator()(const RemoveNetwork&) { everything(); }
  void operator()(const RenameNetwork&) { layer({}, true); }

 private:
  void layer(LayerId id, bool is_structural) {
    is_touched = true;
    if (id) change.layers.insert(id);
    change.is_structural = change.is_structural || is_structural;
  }
  void setting(NetworkId network_id, LayerId id) {
    const Network* network = project.find(network_id);
    const Layer* found = network ? network->find(id) : nullptr;
    const LayerSpec* spec = found ? find_layer_spec(found->type) : nullptr;
    // A choice may give the layer more or fewer outputs.
    layer(id, spec && (spec->output_count || is_block(*found)));
  }
  void everything() {
    is_touched = true;
    change.is_everything = true;
  }
};

/// The layers that differ between two states of a flattened network.
Change difference(const Network& before, const Network& after) {
  Change change{.layers = {}, .is_structural = true, .is_everything = false};
  for (const Layer& layer : after.layers) {
    const Layer* old = before.find(layer.id);
    const bool is_same = old && old->settings == layer.settings && old->name == layer.name && old->type == layer.type;
    if (!is_same) change.layers.insert(layer.id);
  }
  return change;
}

/// A Block's own figures from those of the layers within.
void add_figures(LayerReport& block, const LayerReport& inner, const std::string& name) {
  block.is_valid = block.is_valid && inner.is_valid;
  block.parameters = checked_add(block.parameters, inner.parameters);
  block.macs = checked_add(block.macs, inner.macs);
  block.output_bytes = checked_add(block.output_bytes, inner.output_bytes);
  block.saved_bytes = checked_add(block.saved_bytes, inner.saved_bytes);
  for (Weight weight : inner.weights) {
    weight.name = name + "." + weight.name;
    block.weights.push_back(std::move(weight));
  }
}

/// What a network hears of its data.
void add_inputs(const Network& network, Change& change) {
  for (const LayerId id : layers_of_type(network, "Input")) change.layers.insert(id);
}

}  // namespace

LiveAnalysis::LiveAnalysis(const Project& project, Describe describe) : describe_(std::move(describe)) {
  restart(project);
}

void LiveAnalysis::restart(const Project& project) {
  data_ = describe_(project.data);
  report_ = {};
  states_.clear();
  report_.networks.resize(project.networks.size());
  for (const Network& network : project.networks) refresh(project, network, {});
  collect(project);
}

void LiveAnalysis::update(const Project& project, const std::vector<Edit>& edits) {
  std::map<NetworkId, Change> changes;
  bool has_new_networks = false;
  bool has_new_data = false;
  bool has_new_recipe = false;
  for (const Edit& edit : edits) {
    has_new_networks =
        has_new_networks || std::holds_alternative<AddNetwork>(edit) || std::holds_alternative<RemoveNetwork>(edit);
    has_new_data = has_new_data || std::holds_alternative<SetData>(edit);
    has_new_recipe = has_new_recipe || std::holds_alternative<SetRecipe>(edit);
    Change change{.layers = {}, .is_structural = false, .is_everything = false};
    bool is_touched = false;
    std::visit(ChangeOf{project, change, is_touched}, edit);
    if (!is_touched) continue;
    const NetworkId network = network_of(edit);
    Change& all = changes.try_emplace(network, Change{{}, false, false}).first->second;
    all.layers.insert(change.layers.begin(), change.layers.end());
    all.is_structural = all.is_structural || change.is_structural;
    all.is_everything = all.is_everything || change.is_everything;
  }
  // Networks change their places, and Blocks of them may have begun or ceased to stand for something.
  if (has_new_networks) {
    restart(project);
    return;
  }
  // A move or a note changes nothing that a report says.
  if (changes.empty() && !has_new_data && !has_new_recipe) return;
  if (has_new_data) data_ = describe_(project.data);
  for (const Network& network : project.networks) {
    const auto own = changes.find(network.id);
    bool is_due = own != changes.end() || has_new_recipe;
    Change change = own != changes.end() ? own->second : Change{{}, false, false};
    if (has_new_data) {
      add_inputs(network, change);
      is_due = true;
    }
    const bool has_blocks_now = has_blocks(network);
    if (has_blocks_now && !is_due) {
      is_due = std::any_of(changes.begin(), changes.end(),
                           [&](const auto& entry) { return uses(project, network.id, entry.first); });
    }
    if (is_due) refresh(project, network, std::move(change));
  }
  collect(project);
}

void LiveAnalysis::describe_data(const Project& project, const std::optional<DataDescription>& data) {
  data_ = data;
  for (const Network& network : project.networks) {
    Change change{.layers = {}, .is_structural = false, .is_everything = false};
    add_inputs(network, change);
    refresh(project, network, std::move(change));
  }
  collect(project);
}

std::size_t LiveAnalysis::visited() const {
  std::size_t count = 0;
  for (const auto& [network, state] : states_) count += state.analysis.visited();
  return count;
}

void LiveAnalysis::refresh(const Project& project, const Network& network, NetworkAnalysis::Change change) {
  State& state = states_[network.id];
  NetworkReport& report = report_.networks[static_cast<std::size_t>(&network - project.networks.data())];
  if (has_blocks(network)) {
    refresh_flattened(project, network, state, report);
    return;
  }
  if (state.is_flattened) state = {};
  change.is_everything = change.is_everything || report.id != network.id;
  if (state.analysis.structure().inputs.empty()) change.is_everything = true;
  if (change.is_everything) report = {};
  state.analysis.refresh(project, network, data_, change, report);
}

void LiveAnalysis::refresh_flattened(const Project& project, const Network& network, State& state,
                                     NetworkReport& report) {
  FlatNetwork flat = flattened(project, network);
  Change change = difference(state.flat.network, flat.network);
  if (!state.is_flattened) {
    state = {};
    change.is_everything = true;
  }
  state.is_flattened = true;
  state.flat = std::move(flat);
  state.analysis.refresh(project, state.flat.network, data_, change, state.flat_report);

  report = {};
  state.drawn_diagnostics.clear();
  state.drawn = structure_of(project, network, state.drawn_diagnostics);
  const Structure& drawn = state.drawn;
  report.id = network.id;
  report.name = network.name;
  report.order = drawn.order;
  report.totals = state.flat_report.totals;
  report.input = state.flat_report.input;
  report.output = state.flat_report.output;
  report.field = state.flat_report.field;
  for (const Layer& layer : network.layers) {
    const auto found = state.flat_report.layers.find(layer.id);
    if (found != state.flat_report.layers.end()) report.layers[layer.id] = found->second;
  }
  for (const Layer& layer : network.layers) {
    if (!is_block(layer) || state.flat.refused.contains(layer.id)) continue;
    LayerReport& block = report.layers[layer.id];
    block = {.is_valid = true, .parameters = 0, .macs = 0, .output_bytes = 0, .saved_bytes = 0};
  }
  for (const auto& [inner, block] : state.flat.block_of) {
    if (state.flat.refused.contains(block)) continue;
    const auto found = state.flat_report.layers.find(inner);
    static const LayerReport unknown;
    const std::string& path = state.flat.network.find(inner)->name;
    const std::string& name = network.find(block)->name;
    add_figures(report.layers[block], found == state.flat_report.layers.end() ? unknown : found->second,
                path.substr(name.size() + 1));
  }
  const auto flat_output = [&](PortRef port) -> const LayerReport* {
    std::optional<PortRef> from = port;
    if (const auto block = state.flat.block_outputs.find(port); block != state.flat.block_outputs.end())
      from = block->second;
    const auto found = from ? state.flat_report.layers.find(from->layer) : state.flat_report.layers.end();
    const bool is_known = found != state.flat_report.layers.end() && found->second.is_valid;
    return is_known ? &found->second : nullptr;
  };
  const auto shape_of = [&](PortRef port) {
    const auto block = state.flat.block_outputs.find(port);
    const PortRef from = block != state.flat.block_outputs.end() && block->second ? *block->second : port;
    const LayerReport* figures = flat_output(port);
    return figures && from.port < static_cast<int>(figures->outputs.size())
               ? std::optional(figures->outputs[static_cast<std::size_t>(from.port)])
               : std::nullopt;
  };
  for (auto& [id, figures] : report.layers) {
    const Layer& layer = *network.find(id);
    if (!is_block(layer)) continue;
    for (const auto& source : drawn.inputs.at(id)) {
      const auto shape = source ? shape_of(*source) : std::nullopt;
      if (!shape) {
        figures.is_valid = false;
        figures.inputs.clear();
        break;
      }
      figures.inputs.push_back(*shape);
    }
    const int outputs = port_counts(project, layer).outputs;
    for (int port = 0; figures.is_valid && port < outputs; ++port) {
      const auto shape = shape_of({id, port});
      if (!shape) {
        figures.is_valid = false;
        figures.outputs.clear();
        break;
      }
      figures.outputs.push_back(*shape);
      const LayerReport* source = flat_output({id, port});
      figures.field = source->field;
      figures.holds_integers = source->holds_integers;
    }
  }
}

/// A Block that is fed well and yet gives nothing has mistakes within, of the drawing's own kind.
void LiveAnalysis::explain_blocks(const Project& project, const Network& network) {
  const NetworkReport& figures = *report_.find(network.id);
  for (const Layer& layer : network.layers) {
    const auto found = figures.layers.find(layer.id);
    if (!is_block(layer) || found == figures.layers.end() || found->second.is_valid) continue;
    const PortCounts ports = port_counts(project, layer);
    if (static_cast<int>(found->second.inputs.size()) < ports.min_inputs) continue;  // waits for what is upstream
    const bool is_said =
        std::any_of(report_.diagnostics.begin(), report_.diagnostics.end(), [&](const Diagnostic& diagnostic) {
          return diagnostic.network == network.id && diagnostic.layer == layer.id &&
                 diagnostic.severity == Severity::Error;
        });
    if (is_said) continue;
    const Network* inner = network_of_block(project, layer);
    report_.diagnostics.push_back(diagnostic_at(
        Severity::Error, "block", network.id, layer.id,
        fmt::format("{}: its network “{}” has mistakes; open it to see them.", layer.name, inner ? inner->name : "")));
  }
}

void LiveAnalysis::collect(const Project& project) {
  report_.diagnostics.clear();
  std::set<std::string_view> names;
  for (const Network& network : project.networks) {
    if (const std::string why = name_complaint(network.name); !why.empty() || !names.insert(network.name).second) {
      report_.diagnostics.push_back(
          diagnostic_at(Severity::Error, "network-name", network.id, {},
                        why.empty() ? fmt::format("Two networks are called “{}”.", network.name) : why));
    }
    const State& state = states_.at(network.id);
    const auto& by_layer = state.analysis.layer_diagnostics();
    const auto& structural = state.is_flattened ? state.drawn_diagnostics : state.analysis.structure_diagnostics();
    report_.diagnostics.insert(report_.diagnostics.end(), structural.begin(), structural.end());
    // In the order of the flow, so that the first mistake stands first.
    const auto add = [&](LayerId id) {
      const auto found = by_layer.find(id);
      if (found == by_layer.end()) return;
      const auto block = state.flat.block_of.find(id);
      if (block == state.flat.block_of.end()) {
        if (!state.flat.refused.contains(id))
          report_.diagnostics.insert(report_.diagnostics.end(), found->second.begin(), found->second.end());
        return;
      }
      // Said once for each Block: the mistake itself is mended in its network.
      const auto is_said = [&](const Diagnostic& d) { return d.layer == block->second && d.code == "block"; };
      for (const Diagnostic& inner : found->second) {
        if (inner.severity != Severity::Error) continue;
        if (std::any_of(report_.diagnostics.begin(), report_.diagnostics.end(), is_said)) break;
        Diagnostic diagnostic =
            diagnostic_at(Severity::Error, "block", network.id, block->second,
                          fmt::format("Within {}: {}", network.find(block->second)->name, inner.message));
        diagnostic.expected = inner.expected;
        diagnostic.actual = inner.actual;
        report_.diagnostics.push_back(std::move(diagnostic));
      }
    };
    const std::vector<LayerId>& order = state.analysis.structure().order;
    if (!by_layer.empty()) {
      for (const LayerId id : order) add(id);
      const std::set<LayerId> ordered(order.begin(), order.end());
      for (const auto& [id, diagnostics] : by_layer) {
        if (!ordered.contains(id)) add(id);
      }
    }
    if (state.is_flattened) explain_blocks(project, network);
    std::vector<Diagnostic> advice = advice_on(project, network, *report_.find(network.id),
                                               state.is_flattened ? state.drawn : state.analysis.structure());
    std::move(advice.begin(), advice.end(), std::back_inserter(report_.diagnostics));
    for (const auto& [block, why] : state.flat.refused) {
      Diagnostic diagnostic = diagnostic_at(Severity::Error, "block", network.id, block,
                                            fmt::format("{}: {}", network.find(block)->name, why));
      diagnostic.setting = "network";
      report_.diagnostics.push_back(std::move(diagnostic));
    }
  }
  check_task_fit(project, data_, report_);
  std::stable_sort(report_.diagnostics.begin(), report_.diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.severity > b.severity; });
}

}  // namespace netwright
