#include "backend/analysis/structure.h"

#include <fmt/format.h>

#include <queue>
#include <set>

#include "backend/graph/blocks.h"
#include "backend/graph/gestures.h"
#include "backend/graph/layer_search.h"
#include "backend/layers/catalogue.h"

namespace netwright {

namespace {

class Inspection {
 public:
  Inspection(const Project& project, const Network& network, std::vector<Diagnostic>& diagnostics)
      : project_(project), network_(network), diagnostics_(diagnostics) {
    for (const Layer& layer : network.layers) layers_[layer.id] = &layer;
  }

  Structure run() {
    check_names();
    collect_inputs();
    sort();
    check_ends();
    return std::move(structure_);
  }

 private:
  Diagnostic& say(Severity severity, const char* code, LayerId layer, std::string message) {
    diagnostics_.push_back(diagnostic_at(severity, code, network_.id, layer, std::move(message)));
    return diagnostics_.back();
  }

  /// The layer in whose name `path` lies (`conv1` of `conv1.weight`): a module can't be a name's beginning as well.
  std::string_view layer_before(std::string_view path, const std::set<std::string_view>& names) const {
    for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
      if (const auto found = names.find(path.substr(0, dot)); found != names.end()) return *found;
    }
    return {};
  }

  void check_names() {
    std::set<std::string_view> taken;
    std::set<std::string_view> names;
    for (const Layer& layer : network_.layers) names.insert(layer.name);
    for (const Layer& layer : network_.layers) {
      if (!find_layer_spec(layer.type)) {
        say(Severity::Error, "unknown-type", layer.id, fmt::format("There is no layer type “{}”.", layer.type));
      }
      std::string why = path_complaint(layer.name);
      if (const std::string_view before = layer_before(layer.name, names); why.empty() && !before.empty()) {
        why = fmt::format("“{}” would lie within the layer “{}”; choose another name.", layer.name, before);
      }
      const bool is_double = !taken.insert(layer.name).second;
      if (why.empty() && !is_double) continue;
      const LayerSpec* spec = find_layer_spec(layer.type);
      const std::string better = network_.free_name(spec ? spec->name_stem : "layer");
      auto& diagnostic =
          is_double ? say(Severity::Error, "double-name", layer.id,
                          fmt::format("Two layers are called “{}”; names must differ, since weights are kept by name.",
                                      layer.name))
                    : say(Severity::Error, "name", layer.id, why);
      diagnostic.fixes.push_back({"Rename to " + better, {RenameLayer{network_.id, layer.id, better}}});
    }
  }

  std::string name_of(LayerId layer) const {
    const auto it = layers_.find(layer);
    return it == layers_.end() ? fmt::format("layer {}", layer.value) : it->second->name;
  }

  Fix disconnecting(const Connection& connection) const {
    return {fmt::format("Remove the connection {} → {}", name_of(connection.from.layer), name_of(connection.to.layer)),
            {Disconnect{network_.id, connection}}};
  }

  /// Empty where the connection's ends exist; else what is wrong with it.
  std::string end_complaint(const Connection& connection) const {
    const auto from = layers_.find(connection.from.layer);
    const auto to = layers_.find(connection.to.layer);
    if (from == layers_.end() || to == layers_.end()) {
      return fmt::format("A connection {} a layer that doesn't exist.",
                         from == layers_.end() ? "comes from" : "leads to");
    }
    const bool is_source_known = find_layer_spec(from->second->type);
    const bool is_target_known = find_layer_spec(to->second->type);
    if (connection.from.port < 0 ||
        (is_source_known && connection.from.port >= port_counts(project_, *from->second).outputs)) {
      return fmt::format("{} has no output {}.", from->second->name, connection.from.port + 1);
    }
    if (connection.to.port < 0 ||
        (is_target_known && connection.to.port >= port_counts(project_, *to->second).max_inputs)) {
      return fmt::format("{} has no input {}.", to->second->name, connection.to.port + 1);
    }
    return {};
  }

  void collect_inputs() {
    for (const Layer& layer : network_.layers) {
      const bool is_known = find_layer_spec(layer.type);
      structure_.inputs[layer.id].resize(is_known ? static_cast<std::size_t>(port_counts(project_, layer).min_inputs)
                                                  : 0);
    }
    for (const Connection& connection : network_.connections) {
      const std::string wrong = end_complaint(connection);
      const LayerId place = layers_.contains(connection.to.layer) ? connection.to.layer : connection.from.layer;
      if (!wrong.empty()) {
        const bool is_dangling = !layers_.contains(connection.to.layer) || !layers_.contains(connection.from.layer);
        auto& diagnostic =
            say(Severity::Error, is_dangling ? "dangling" : "port", layers_.contains(place) ? place : LayerId{}, wrong);
        diagnostic.fixes.push_back(disconnecting(connection));
        continue;
      }
      auto& ports = structure_.inputs[connection.to.layer];
      const auto port = static_cast<std::size_t>(connection.to.port);
      if (port >= ports.size()) ports.resize(port + 1);
      if (ports[port]) {
        auto& diagnostic = say(Severity::Error, "double-connection", connection.to.layer,
                               fmt::format("Input {} of {} has more than one connection.", port + 1, name_of(place)));
        diagnostic.port = connection.to.port;
        diagnostic.fixes.push_back(disconnecting(connection));
        continue;
      }
      ports[port] = connection.from;
      structure_.followers[connection.from.layer].push_back(connection.to.layer);
    }
  }

  /// Kahn's algorithm, the lowest id first, over all layers but `left_out`; returns those that it never reaches.
  std::set<LayerId> order_without(const std::set<LayerId>& left_out) {
    std::map<LayerId, int> waiting;
    for (const auto& [layer, ports] : structure_.inputs) {
      for (const auto& port : ports) waiting[layer] += port && !left_out.contains(port->layer) ? 1 : 0;
    }
    std::priority_queue<LayerId, std::vector<LayerId>, std::greater<>> ready;
    std::set<LayerId> rest;
    for (const auto& [layer, ports] : structure_.inputs) {
      if (left_out.contains(layer)) continue;
      rest.insert(layer);
      if (waiting[layer] == 0) ready.push(layer);
    }
    structure_.order.clear();
    while (!ready.empty()) {
      const LayerId layer = ready.top();
      ready.pop();
      structure_.order.push_back(layer);
      rest.erase(layer);
      for (const LayerId follower : structure_.followers[layer]) {
        if (!left_out.contains(follower) && --waiting[follower] == 0) ready.push(follower);
      }
    }
    return rest;
  }

  /// A cycle among `rest`, where every layer has a predecessor in `rest`.
  std::vector<LayerId> cycle_in(const std::set<LayerId>& rest) const {
    std::vector<LayerId> path;
    std::map<LayerId, std::size_t> seen;
    LayerId layer = *rest.begin();
    while (!seen.contains(layer)) {
      seen[layer] = path.size();
      path.push_back(layer);
      for (const auto& port : structure_.inputs.at(layer)) {
        if (port && rest.contains(port->layer)) {
          layer = port->layer;
          break;
        }
      }
    }
    std::vector<LayerId> cycle(path.begin() + static_cast<std::ptrdiff_t>(seen[layer]), path.end());
    std::reverse(cycle.begin(), cycle.end());  // the path was followed against the flow
    return cycle;
  }

  void sort() {
    std::set<LayerId> on_cycles;
    auto rest = order_without(on_cycles);
    while (!rest.empty()) {
      const auto cycle = cycle_in(rest);
      report_cycle(cycle);
      on_cycles.insert(cycle.begin(), cycle.end());
      rest = order_without(on_cycles);
    }
  }

  void report_cycle(const std::vector<LayerId>& cycle) {
    std::string path;
    for (const LayerId layer : cycle) path += name_of(layer) + " → ";
    auto& diagnostic = say(Severity::Error, "cycle", cycle.front(),
                           fmt::format("These layers feed themselves: {}{}.", path, name_of(cycle.front())));
    for (const Connection& connection : network_.connections) {
      if (connection.from.layer == cycle.back() && connection.to.layer == cycle.front()) {
        diagnostic.fixes.push_back(disconnecting(connection));
        break;
      }
    }
  }

  void check_ends() {
    std::vector<LayerId> dead_ends;
    for (const Layer& layer : network_.layers) {
      const LayerSpec* spec = find_layer_spec(layer.type);
      if (spec && spec->outputs > 0 && structure_.followers[layer.id].empty()) dead_ends.push_back(layer.id);
    }
    for (const auto& [layer, ports] : structure_.inputs) {
      for (std::size_t port = 0; port < ports.size(); ++port) {
        if (!ports[port]) report_unconnected(layer, port, ports.size(), dead_ends);
      }
    }
    const auto has = [&](std::string_view type) {
      return std::any_of(network_.layers.begin(), network_.layers.end(),
                         [&](const Layer& l) { return l.type == type; });
    };
    if (network_.layers.empty()) {
      say(Severity::Error, "empty", {}, fmt::format("Network {} is empty.", network_.name));
      return;
    }
    if (!has("Input")) {
      auto& diagnostic = say(Severity::Error, "no-input", {}, fmt::format("Network {} has no Input.", network_.name));
      const Layer first = make_layer(network_, "Input", above(network_.layers.front().position));
      diagnostic.fixes.push_back({"Add an Input", {AddLayer{network_.id, first}}});
    }
    if (!has("Output")) {
      auto& diagnostic = say(Severity::Error, "no-output", {}, fmt::format("Network {} has no Output.", network_.name));
      const LayerId end = dead_ends.empty() ? LayerId{} : dead_ends.back();
      const Layer output = make_layer(network_, "Output", below(end ? layers_.at(end)->position : Point{}));
      Fix fix{"Add an Output", {AddLayer{network_.id, output}}};
      if (end) {
        fix.label = fmt::format("Add an Output after {}", name_of(end));
        fix.edits.emplace_back(Connect{network_.id, {{end, 0}, {output.id, 0}}});
      }
      diagnostic.fixes.push_back(std::move(fix));
      return;  // every chain ends dead then; once is enough
    }
    for (const LayerId layer : dead_ends) {
      auto& diagnostic =
          say(Severity::Warning, "dead-end", layer, fmt::format("Nothing reads the output of {}.", name_of(layer)));
      diagnostic.fixes.push_back({"Remove " + name_of(layer), remove_layers(network_, {layer}, false)});
    }
  }

  void report_unconnected(LayerId layer, std::size_t port, std::size_t ports, const std::vector<LayerId>& dead_ends) {
    const std::string which = ports > 1 ? fmt::format("Input {} of {}", port + 1, name_of(layer))
                                        : fmt::format("The input of {}", name_of(layer));
    auto& diagnostic = say(Severity::Error, "unconnected-input", layer, which + " isn't connected.");
    diagnostic.port = static_cast<int>(port);
    for (const LayerId end : dead_ends) {
      if (end == layer || network_.reaches(layer, end)) continue;
      diagnostic.fixes.push_back({fmt::format("Connect {} → {}", name_of(end), name_of(layer)),
                                  {Connect{network_.id, {{end, 0}, {layer, static_cast<int>(port)}}}}});
      if (diagnostic.fixes.size() == 2) break;
    }
  }

  static constexpr double layer_pitch = 120;
  static Point above(Point place) { return {place.x, place.y - layer_pitch}; }
  static Point below(Point place) { return {place.x, place.y + layer_pitch}; }

  const Project& project_;
  const Network& network_;
  std::vector<Diagnostic>& diagnostics_;
  std::map<LayerId, const Layer*> layers_;
  Structure structure_;
};

}  // namespace

Structure structure_of(const Project& project, const Network& network, std::vector<Diagnostic>& diagnostics) {
  return Inspection(project, network, diagnostics).run();
}

std::set<LayerId> needed_layers(const Network& network) {
  std::map<LayerId, std::vector<LayerId>> sources;
  for (const Connection& connection : network.connections)
    sources[connection.to.layer].push_back(connection.from.layer);
  std::vector<LayerId> open = layers_of_type(network, "Output");
  std::set<LayerId> needed;
  while (!open.empty()) {
    const LayerId layer = open.back();
    open.pop_back();
    if (!needed.insert(layer).second) continue;
    if (const auto found = sources.find(layer); found != sources.end())
      open.insert(open.end(), found->second.begin(), found->second.end());
  }
  return needed;
}

}  // namespace netwright
