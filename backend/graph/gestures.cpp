#include "backend/graph/gestures.h"

#include <map>

#include "backend/layers/catalogue.h"

namespace netwright {

namespace {

/// The output that feeds a removed layer's first input, followed back through other removed layers.
std::optional<PortRef> source_outside(const Network& network, const std::set<LayerId>& removed, LayerId layer) {
  std::set<LayerId> seen;
  while (seen.insert(layer).second) {
    std::optional<PortRef> from;
    for (const Connection& connection : network.connections) {
      if (connection.to.layer != layer) continue;
      if (from) return std::nullopt;
      from = connection.from;
    }
    if (!from || !removed.contains(from->layer)) return from;
    layer = from->layer;
  }
  return std::nullopt;
}

}  // namespace

std::vector<Edit> remove_layers(const Network& network, const std::set<LayerId>& layers, bool bridge) {
  std::vector<Edit> edits;
  std::vector<Edit> bridges;
  std::set<Connection> bridging;
  for (const Connection& connection : network.connections) {
    const bool from_removed = layers.contains(connection.from.layer);
    const bool to_removed = layers.contains(connection.to.layer);
    if (from_removed || to_removed) edits.emplace_back(Disconnect{network.id, connection});
    if (!bridge || !from_removed || to_removed) continue;
    const auto source = source_outside(network, layers, connection.from.layer);
    if (!source || !network.find(source->layer) || !network.find(connection.to.layer)) continue;
    const Connection bridged{*source, connection.to};
    if (bridging.insert(bridged).second &&
        !std::binary_search(network.connections.begin(), network.connections.end(), bridged)) {
      bridges.emplace_back(Connect{network.id, bridged});
    }
  }
  edits.insert(edits.end(), bridges.begin(), bridges.end());
  for (const LayerId layer : layers) edits.emplace_back(RemoveLayer{network.id, layer});
  return edits;
}

std::vector<Edit> connect(const Network& network, const Connection& connection) {
  std::vector<Edit> edits;
  for (const Connection& existing : network.connections) {
    if (existing.to != connection.to) continue;
    if (existing == connection) return {};
    edits.emplace_back(Disconnect{network.id, existing});
  }
  edits.emplace_back(Connect{network.id, connection});
  return edits;
}

std::vector<Edit> insert_on_connection(const Network& network, const Connection& connection, const Layer& layer) {
  std::vector<Edit> edits;
  if (!network.find(layer.id)) edits.emplace_back(AddLayer{network.id, layer});
  edits.emplace_back(Disconnect{network.id, connection});
  edits.emplace_back(Connect{network.id, {connection.from, {layer.id, 0}}});
  edits.emplace_back(Connect{network.id, {{layer.id, 0}, connection.to}});
  return edits;
}

Network fragment_of(const Network& network, const std::set<LayerId>& layers) {
  Network fragment{.id = network.id, .name = network.name, .layers = {}, .connections = {}};
  std::copy_if(network.layers.begin(), network.layers.end(), std::back_inserter(fragment.layers),
               [&](const Layer& layer) { return layers.contains(layer.id); });
  std::copy_if(network.connections.begin(), network.connections.end(), std::back_inserter(fragment.connections),
               [&](const Connection& c) { return layers.contains(c.from.layer) && layers.contains(c.to.layer); });
  return fragment;
}

std::vector<Edit> paste(const Network& network, const Network& fragment, Point offset, std::vector<LayerId>& added) {
  std::vector<Edit> edits;
  std::map<LayerId, LayerId> renewed;
  Network grown = network;  // so that free names and ids see the copies before them
  for (const Layer& original : fragment.layers) {
    Layer copy = original;
    copy.id = grown.next_layer_id();
    if (grown.find(copy.name)) {
      const std::size_t stem = copy.name.find_last_not_of("0123456789") + 1;
      copy.name = grown.free_name(copy.name.substr(0, stem));
    }
    copy.position = {original.position.x + offset.x, original.position.y + offset.y};
    renewed[original.id] = copy.id;
    added.push_back(copy.id);
    grown.layers.push_back(copy);
    edits.emplace_back(AddLayer{network.id, std::move(copy)});
  }
  for (const Connection& connection : fragment.connections) {
    const auto from = renewed.find(connection.from.layer);
    const auto to = renewed.find(connection.to.layer);
    if (from == renewed.end() || to == renewed.end()) continue;
    edits.emplace_back(Connect{network.id, {{from->second, connection.from.port}, {to->second, connection.to.port}}});
  }
  return edits;
}

Layer make_layer(const Network& network, const std::string& type, Point position, const Settings& settings) {
  const LayerSpec* spec = find_layer_spec(type);
  Layer layer{.id = network.next_layer_id(), .name = {}, .type = type, .settings = settings, .position = position};
  layer.name = network.free_name(spec ? spec->name_stem : "layer");
  if (spec) layer.settings = completed(spec->settings, settings);
  return layer;
}

}  // namespace netwright
