#include "backend/graph/blocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "backend/graph/drawing_size.h"
#include "backend/graph/gestures.h"
#include "backend/graph/layer_search.h"
#include "backend/layers/catalogue.h"

namespace netwright {

namespace {

std::string free_network_name(const Project& project, const std::string& stem) {
  for (int number = 1;; ++number) {
    std::string name = stem + std::to_string(number);
    if (!project.find(name)) return name;
  }
}

/// True where a path from `from` leads out of `inside` and back into it.
bool comes_back(const Network& network, const std::set<LayerId>& inside) {
  std::vector<LayerId> open;
  std::set<LayerId> seen;
  const auto follow = [&](const auto& starts) {
    for (const Connection& c : network.connections) {
      if (starts(c.from.layer) && !inside.contains(c.to.layer) && seen.insert(c.to.layer).second)
        open.push_back(c.to.layer);
    }
  };
  follow([&](LayerId layer) { return inside.contains(layer); });
  std::map<LayerId, std::vector<LayerId>> next;
  for (const Connection& c : network.connections) next[c.from.layer].push_back(c.to.layer);
  while (!open.empty()) {
    const LayerId layer = open.back();
    open.pop_back();
    for (const LayerId follower : next[layer]) {
      if (inside.contains(follower)) return true;
      if (seen.insert(follower).second) open.push_back(follower);
    }
  }
  return false;
}

/// The place of `port` in `ports`, where it is added if it isn't there yet.
int number_of(std::vector<PortRef>& ports, PortRef port) {
  const auto it = std::find(ports.begin(), ports.end(), port);
  if (it != ports.end()) return static_cast<int>(it - ports.begin());
  ports.push_back(port);
  return static_cast<int>(ports.size()) - 1;
}

Point middle_of(const std::vector<Layer>& layers) {
  Point sum;
  for (const Layer& layer : layers) {
    sum.x += layer.position.x;
    sum.y += layer.position.y;
  }
  const auto count = static_cast<double>(std::max<std::size_t>(layers.size(), 1));
  const auto snapped = [&](double value) {
    return static_cast<double>(static_cast<std::int64_t>(value / count / grid_step)) * grid_step;
  };
  return {snapped(sum.x), snapped(sum.y)};
}

}  // namespace

bool is_block(const Layer& layer) {
  return layer.type == block_type;
}

const Network* network_of_block(const Project& project, const Layer& block) {
  return project.find(NetworkId{block.settings.integer("network")});
}

bool uses(const Project& project, NetworkId outer, NetworkId inner) {
  std::set<NetworkId> seen = {outer};
  std::vector<NetworkId> open = {outer};
  while (!open.empty()) {
    const NetworkId id = open.back();
    open.pop_back();
    if (id == inner) return true;
    const Network* network = project.find(id);
    if (!network) continue;
    for (const Layer& layer : network->layers) {
      const NetworkId next{is_block(layer) ? layer.settings.integer("network") : 0};
      if (next && seen.insert(next).second) open.push_back(next);
    }
  }
  return false;
}

PortCounts port_counts(const Project& project, const Layer& layer) {
  const LayerSpec* spec = find_layer_spec(layer.type);
  if (!spec) return {};
  if (is_block(layer)) {
    const Network* network = network_of_block(project, layer);
    if (!network) return {};
    const auto inputs = static_cast<int>(layers_of_type(*network, "Input").size());
    return {inputs, inputs, static_cast<int>(layers_of_type(*network, "Output").size())};
  }
  return {spec->min_inputs, spec->max_inputs, output_count(*spec, layer.settings)};
}

std::vector<SettingSpec> settings_of(const Project& project, const Layer& layer) {
  const LayerSpec* spec = find_layer_spec(layer.type);
  if (!spec) return {};
  std::vector<SettingSpec> settings = spec->settings;
  const Network* network = is_block(layer) ? network_of_block(project, layer) : nullptr;
  if (!network) return settings;
  for (const ExposedSetting& exposed : network->exposed) {
    const Layer* inner = network->find(exposed.layer);
    if (!inner || find_spec(settings, exposed.name)) continue;
    // A network that contains itself would ask for ever.
    if (is_block(*inner) && uses(project, NetworkId{inner->settings.integer("network")}, network->id)) continue;
    const auto inner_settings = settings_of(project, *inner);
    const SettingSpec* found = find_spec(inner_settings, exposed.setting);
    if (!found) continue;
    SettingSpec shown = *found;
    shown.name = exposed.name;
    if (const Value* value = inner->settings.find(exposed.setting)) shown.fallback = *value;
    shown.help = fmt::format("{} ({} of {} in {}.)", found->help, exposed.setting, inner->name, network->name);
    settings.push_back(std::move(shown));
  }
  return settings;
}

Result<MadeBlock> make_block(const Project& project, NetworkId network_id, const std::set<LayerId>& layers,
                             const std::function<Shape(PortRef)>& shape_at,
                             const std::function<bool(PortRef)>& holds_integers_at) {
  const Network* network = project.find(network_id);
  if (!network || layers.empty()) return Error{"Select the layers that are to become a Block."};
  for (const LayerId id : layers) {
    const Layer* layer = network->find(id);
    if (layer && (layer->type == "Input" || layer->type == "Output")) {
      return Error{fmt::format("{} is an {} of the network and can't go into a Block.", layer->name, layer->type)};
    }
  }
  if (comes_back(*network, layers)) {
    return Error{"A path leaves these layers and comes back to them; select the layers between as well."};
  }

  Network inner = fragment_of(*network, layers);
  const std::vector<Layer> moved = inner.layers;
  const Point middle = middle_of(moved);
  std::vector<PortRef> entries;  // outside outputs that feed the layers
  std::vector<PortRef> exits;    // outputs of the layers that are read outside
  std::vector<Connection> into;
  std::vector<Connection> out_of;
  for (const Connection& c : network->connections) {
    const bool from_inside = layers.contains(c.from.layer);
    const bool to_inside = layers.contains(c.to.layer);
    if (!from_inside && to_inside) {
      number_of(entries, c.from);
      into.push_back(c);
    } else if (from_inside && !to_inside) {
      number_of(exits, c.from);
      out_of.push_back(c);
    }
  }
  if (entries.empty()) return Error{"Nothing flows into these layers, so they can't become a Block."};
  if (exits.empty()) {
    for (const Layer& layer : moved) {
      const bool is_read = std::any_of(network->connections.begin(), network->connections.end(),
                                       [&](const Connection& c) { return c.from.layer == layer.id; });
      if (!is_read) exits.push_back({layer.id, 0});
    }
  }

  inner.id = project.next_network_id();
  inner.name = free_network_name(project, "block");
  const auto beside = [&](std::size_t number) { return static_cast<double>(number) * 2 * row_step; };
  double top = moved.front().position.y;
  double bottom = top;
  for (const Layer& layer : moved) {
    top = std::min(top, layer.position.y);
    bottom = std::max(bottom, layer.position.y);
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    Integers sizes;
    const Shape shape = shape_at(entries[i]);
    for (const Dim& dim : shape.dims()) sizes.push_back(dim.value_or(0));
    Settings settings;
    if (!sizes.empty()) settings.set("shape", sizes);
    if (holds_integers_at && holds_integers_at(entries[i])) settings.set("dtype", std::string("int64"));
    Layer input = make_layer(inner, "Input", {middle.x + beside(i), top - row_step}, settings);
    const LayerId id = input.id;
    inner.layers.push_back(std::move(input));
    for (const Connection& c : into) {
      if (c.from == entries[i]) inner.connections.push_back({{id, 0}, c.to});
    }
  }
  for (std::size_t i = 0; i < exits.size(); ++i) {
    Layer output = make_layer(inner, "Output", {middle.x + beside(i), bottom + row_step});
    inner.connections.push_back({exits[i], {output.id, 0}});
    inner.layers.push_back(std::move(output));
  }
  std::sort(inner.connections.begin(), inner.connections.end());

  MadeBlock made;
  made.network = inner.id;
  Layer block = make_layer(*network, block_type, middle, {{"network", inner.id.value}});
  made.block = block.id;
  made.edits.emplace_back(AddNetwork{std::move(inner)});
  for (Edit& edit : remove_layers(*network, layers, false)) made.edits.push_back(std::move(edit));
  made.edits.emplace_back(AddLayer{network_id, std::move(block)});
  for (std::size_t i = 0; i < entries.size(); ++i) {
    made.edits.emplace_back(Connect{network_id, {entries[i], {made.block, static_cast<int>(i)}}});
  }
  for (const Connection& c : out_of) {
    made.edits.emplace_back(Connect{network_id, {{made.block, number_of(exits, c.from)}, c.to}});
  }
  return made;
}

Result<ExpandedBlock> expand_block(const Project& project, NetworkId network_id, LayerId block_id) {
  const Network* network = project.find(network_id);
  const Layer* block = network ? network->find(block_id) : nullptr;
  if (!block || !is_block(*block)) return Error{"There is no such Block."};
  const Network* inner = network_of_block(project, *block);
  if (!inner) return Error{fmt::format("{} stands for no network, so there is nothing to expand.", block->name)};
  if (uses(project, inner->id, network_id))
    return Error{fmt::format("The network “{}” would contain itself.", inner->name)};
  const std::vector<LayerId> inputs = layers_of_type(*inner, "Input");
  const std::vector<LayerId> outputs = layers_of_type(*inner, "Output");
  const std::int64_t repeat = block->settings.integer("repeat");
  if (inputs.empty() || outputs.empty() || repeat < 1 || repeat > 1000 ||
      (repeat > 1 && inputs.size() != outputs.size())) {
    return Error{fmt::format("{} has mistakes; mend them before it is expanded.", block->name)};
  }

  std::vector<Layer> body;
  for (const Layer& layer : inner->layers) {
    if (layer.type != "Input" && layer.type != "Output") body.push_back(layer);
  }
  const Point middle = middle_of(body);
  double top = middle.y;
  double bottom = middle.y;
  for (const Layer& layer : body) {
    top = std::min(top, layer.position.y);
    bottom = std::max(bottom, layer.position.y);
  }
  for (Layer& layer : body) {
    for (const ExposedSetting& exposed : inner->exposed) {
      const Value* chosen = block->settings.find(exposed.name);
      if (chosen && exposed.layer == layer.id) layer.settings.set(exposed.setting, *chosen);
    }
    layer.trainable = layer.trainable && block->trainable;
  }
  std::map<PortRef, PortRef> inner_source;
  for (const Connection& c : inner->connections) inner_source.emplace(c.to, c.from);

  ExpandedBlock expanded;
  std::vector<std::optional<PortRef>> feeding(inputs.size());
  std::vector<Connection> readers;
  for (const Connection& c : network->connections) {
    if (c.to.layer == block_id && c.to.port >= 0 && static_cast<std::size_t>(c.to.port) < feeding.size())
      feeding[static_cast<std::size_t>(c.to.port)] = c.from;
    if (c.from.layer == block_id) readers.push_back(c);
  }
  for (Edit& edit : remove_layers(*network, {block_id}, false)) expanded.edits.push_back(std::move(edit));

  Network grown = *network;  // for free names and ids
  for (std::int64_t copy = 0; copy < repeat; ++copy) {
    std::map<LayerId, LayerId> placed;
    const double shift = static_cast<double>(copy) * (bottom - top + row_step);
    for (Layer layer : body) {
      const LayerId old = layer.id;
      layer.id = grown.next_layer_id();
      if (grown.find(layer.name)) {
        const LayerSpec* spec = find_layer_spec(layer.type);
        layer.name = grown.free_name(spec ? spec->name_stem : "layer");
      }
      layer.position = {layer.position.x - middle.x + block->position.x,
                        layer.position.y - middle.y + block->position.y + shift};
      placed[old] = layer.id;
      expanded.layers.insert(layer.id);
      grown.layers.push_back(layer);
      expanded.edits.emplace_back(AddLayer{network_id, std::move(layer)});
    }
    const auto outside = [&](PortRef from) -> std::optional<PortRef> {
      if (const auto it = placed.find(from.layer); it != placed.end()) return PortRef{it->second, from.port};
      const auto input = std::find(inputs.begin(), inputs.end(), from.layer);
      return input == inputs.end() ? std::nullopt : feeding[static_cast<std::size_t>(input - inputs.begin())];
    };
    for (const Connection& c : inner->connections) {
      const auto to = placed.find(c.to.layer);
      const auto from = outside(c.from);
      if (to != placed.end() && from)
        expanded.edits.emplace_back(Connect{network_id, {*from, {to->second, c.to.port}}});
    }
    std::vector<std::optional<PortRef>> leaving;
    for (const LayerId output : outputs) {
      const auto source = inner_source.find({output, 0});
      leaving.push_back(source == inner_source.end() ? std::nullopt : outside(source->second));
    }
    if (copy + 1 < repeat) {
      feeding = leaving;
      continue;
    }
    for (const Connection& c : readers) {
      const auto port = static_cast<std::size_t>(c.from.port);
      if (port < leaving.size() && leaving[port])
        expanded.edits.emplace_back(Connect{network_id, {*leaving[port], c.to}});
    }
  }
  return expanded;
}

}  // namespace netwright
