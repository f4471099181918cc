#include "designer/canvas/ports.h"

#include <algorithm>
#include <unordered_map>

namespace netwright {
namespace {

bool is_variadic(const PortCounts& counts) {
  return counts.max_inputs > counts.min_inputs;
}

/// For every layer, the highest input and output port that a connection names.
struct Highest {
  std::unordered_map<LayerId, int> input;
  std::unordered_map<LayerId, int> output;

  explicit Highest(const Network& network) {
    for (const Connection& c : network.connections) {
      raise(input, c.to);
      raise(output, c.from);
    }
  }
  static void raise(std::unordered_map<LayerId, int>& map, PortRef port) {
    int& highest = map.try_emplace(port.layer, -1).first->second;
    highest = std::max(highest, port.port);
  }
  static int of(const std::unordered_map<LayerId, int>& map, LayerId layer) {
    const auto found = map.find(layer);
    return found == map.end() ? -1 : found->second;
  }
};

std::set<LayerId> reachable(const Network& network, LayerId start, bool down) {
  std::unordered_map<LayerId, std::vector<LayerId>> next;
  for (const Connection& c : network.connections)
    down ? next[c.from.layer].push_back(c.to.layer) : next[c.to.layer].push_back(c.from.layer);
  std::set<LayerId> seen = {start};
  std::vector<LayerId> open = {start};
  while (!open.empty()) {
    const LayerId layer = open.back();
    open.pop_back();
    for (const LayerId other : next[layer])
      if (seen.insert(other).second) open.push_back(other);
  }
  return seen;
}

}  // namespace

int input_port_count(const PortCounts& counts, int highest_connected) {
  const int wanted = is_variadic(counts) ? std::min(highest_connected + 2, counts.max_inputs) : counts.max_inputs;
  return std::max({counts.min_inputs, wanted, highest_connected + 1});
}

int output_port_count(const PortCounts& counts, int highest_connected) {
  return std::max(counts.outputs, highest_connected + 1);
}

int input_port_count(const Project& project, const Network& network, const Layer& layer) {
  int highest = -1;
  for (const Connection& c : network.connections)
    if (c.to.layer == layer.id) highest = std::max(highest, c.to.port);
  return input_port_count(port_counts(project, layer), highest);
}

std::set<LayerId> upstream_of(const Network& network, LayerId layer) {
  return reachable(network, layer, false);
}

std::set<LayerId> downstream_of(const Network& network, LayerId layer) {
  return reachable(network, layer, true);
}

std::vector<PortRef> valid_inputs(const Project& project, const Network& network, PortRef output,
                                  const std::optional<Connection>& detached) {
  const std::set<LayerId> upstream = upstream_of(network, output.layer);
  const Highest highest(network);
  std::set<PortRef> taken;
  std::set<PortRef> fed_by_output;
  for (const Connection& c : network.connections) {
    if (c == detached) continue;
    taken.insert(c.to);
    if (c.from == output) fed_by_output.insert(c.to);
  }
  std::vector<PortRef> valid;
  for (const Layer& layer : network.layers) {
    if (upstream.contains(layer.id)) continue;
    const PortCounts counts = port_counts(project, layer);
    const int count = input_port_count(counts, Highest::of(highest.input, layer.id));
    const bool only_free = is_variadic(counts);
    for (int port = 0; port < count; ++port) {
      const PortRef input{layer.id, port};
      if (!(only_free ? taken : fed_by_output).contains(input)) valid.push_back(input);
    }
  }
  return valid;
}

std::vector<PortRef> valid_outputs(const Project& project, const Network& network, PortRef input,
                                   const std::optional<Connection>& detached) {
  const std::set<LayerId> downstream = downstream_of(network, input.layer);
  const Highest highest(network);
  std::vector<PortRef> valid;
  for (const Layer& layer : network.layers) {
    if (downstream.contains(layer.id)) continue;
    const int count = output_port_count(port_counts(project, layer), Highest::of(highest.output, layer.id));
    for (int port = 0; port < count; ++port) {
      const Connection connection{{layer.id, port}, input};
      if (connection == detached ||
          !std::binary_search(network.connections.begin(), network.connections.end(), connection))
        valid.push_back(connection.from);
    }
  }
  return valid;
}

std::optional<PortRef> free_input(const Project& project, const Network& network, LayerId id) {
  const Layer* layer = network.find(id);
  if (!layer) return std::nullopt;
  std::set<int> taken;
  for (const Connection& c : network.connections)
    if (c.to.layer == id) taken.insert(c.to.port);
  const int count = input_port_count(project, network, *layer);
  for (int port = 0; port < count; ++port)
    if (!taken.contains(port)) return PortRef{id, port};
  return std::nullopt;
}

std::optional<PortRef> free_output(const Project& project, const Network& network, LayerId id) {
  const Layer* layer = network.find(id);
  if (!layer) return std::nullopt;
  std::set<int> taken;
  for (const Connection& c : network.connections)
    if (c.from.layer == id) taken.insert(c.from.port);
  const int count = output_port_count(port_counts(project, *layer), -1);
  for (int port = 0; port < count; ++port)
    if (!taken.contains(port)) return PortRef{id, port};
  return std::nullopt;
}

}  // namespace netwright
