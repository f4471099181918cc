#include "backend/graph/flatten.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "backend/graph/blocks.h"
#include "backend/graph/layer_search.h"

namespace netwright {

namespace {

/// Blocks in Blocks multiply; a drawing beyond this is a mistake.
constexpr std::size_t most_layers = 1'000'000;

/// One use of a network: the drawn one itself, or one copy within a Block.
struct Instance {
  const Network* network = nullptr;
  const Instance* parent = nullptr;
  LayerId block;  ///< in the parent
  int copy = 0;
  std::map<LayerId, LayerId> leaves;                       ///< drawn -> flat
  std::map<LayerId, std::vector<const Instance*>> copies;  ///< of each Block
  std::map<PortRef, PortRef> sources;                      ///< of each connected input
  std::vector<LayerId> inputs;
  std::vector<LayerId> outputs;
};

class Flattening {
 public:
  Flattening(const Project& project, const Network& network) : project_(project) {
    flat_.network = network;
    flat_.network.layers.clear();
    flat_.network.connections.clear();
    flat_.network.exposed.clear();
    next_id_ = network.next_layer_id().value;
    root_ = open(network, nullptr, {}, 0);
    place(*root_, "", {}, true, {});
  }

  FlatNetwork run() {
    for (const Instance& instance : instances_) connect(instance);
    auto& layers = flat_.network.layers;
    std::sort(layers.begin(), layers.end(), [](const Layer& a, const Layer& b) { return a.id < b.id; });
    std::sort(flat_.network.connections.begin(), flat_.network.connections.end());
    for (const auto& [block, copies] : root_->copies) {
      const auto outputs = static_cast<int>(copies.back()->outputs.size());
      for (int port = 0; port < outputs; ++port) {
        const PortRef drawn{block, port};
        flat_.block_outputs[drawn] = resolved(*root_, drawn);
      }
    }
    return std::move(flat_);
  }

 private:
  Instance* open(const Network& network, const Instance* parent, LayerId block, int copy) {
    Instance& instance = instances_.emplace_back();
    instance.network = &network;
    instance.parent = parent;
    instance.block = block;
    instance.copy = copy;
    for (const Connection& connection : network.connections) instance.sources.emplace(connection.to, connection.from);
    instance.inputs = layers_of_type(network, "Input");
    instance.outputs = layers_of_type(network, "Output");
    return &instance;
  }

  /// Empty where the Block can be replaced.
  std::string refusal(const Layer& block, const Network* inner, const std::vector<NetworkId>& within) const {
    if (!inner) return "There is no such network in this project.";
    if (std::find(within.begin(), within.end(), inner->id) != within.end() || inner->id == flat_.network.id) {
      return fmt::format("The network “{}” would contain itself.", inner->name);
    }
    const std::size_t inputs = layers_of_type(*inner, "Input").size();
    const std::size_t outputs = layers_of_type(*inner, "Output").size();
    const std::int64_t repeat = block.settings.integer("repeat");
    if (inputs == 0 || outputs == 0) {
      return fmt::format("The network “{}” has no {}.", inner->name, inputs == 0 ? "Input" : "Output");
    }
    if (repeat < 1 || repeat > 1000) return "repeat must be from 1 to 1000.";
    if (repeat > 1 && inputs != outputs) {
      return fmt::format("To be repeated, the network “{}” needs as many Outputs ({}) as Inputs ({}).", inner->name,
                         outputs, inputs);
    }
    if (flat_.network.layers.size() + inner->layers.size() * static_cast<std::size_t>(repeat) > most_layers) {
      return "Blocks within Blocks come to more than a million layers.";
    }
    return {};
  }

  /// Adds the layers of `instance` under their path; `chosen` are the exposed settings that its Block sets.
  void place(Instance& instance, const std::string& prefix, const Settings& chosen, bool trainable,
             const std::vector<NetworkId>& within) {
    const Network& network = *instance.network;
    std::map<LayerId, Settings> overrides;
    for (const ExposedSetting& exposed : network.exposed) {
      if (const Value* value = chosen.find(exposed.name)) overrides[exposed.layer].set(exposed.setting, *value);
    }
    for (Layer layer : network.layers) {
      if (const auto found = overrides.find(layer.id); found != overrides.end()) {
        for (const auto& [name, value] : found->second.values()) layer.settings.set(name, value);
      }
      layer.trainable = layer.trainable && trainable;
      if (is_block(layer) && place_block(instance, layer, prefix, within)) continue;
      const bool is_port = instance.parent && (layer.type == "Input" || layer.type == "Output");
      if (is_port) continue;
      const LayerId drawn = layer.id;
      if (instance.parent) {
        layer.id = {next_id_++};
        layer.name = prefix + layer.name;
        flat_.block_of[layer.id] = top_block(instance);
      }
      instance.leaves[drawn] = layer.id;
      flat_.network.layers.push_back(std::move(layer));
    }
  }

  bool place_block(Instance& instance, const Layer& block, const std::string& prefix, std::vector<NetworkId> within) {
    const Network* inner = network_of_block(project_, block);
    if (std::string why = refusal(block, inner, within); !why.empty()) {
      flat_.refused.emplace(instance.parent ? top_block(instance) : block.id, std::move(why));
      return false;
    }
    within.push_back(inner->id);
    const auto repeat = static_cast<int>(block.settings.integer("repeat"));
    for (int copy = 0; copy < repeat; ++copy) {
      Instance* use = open(*inner, &instance, block.id, copy);
      instance.copies[block.id].push_back(use);
      const std::string path = prefix + block.name + "." + (repeat > 1 ? std::to_string(copy) + "." : "");
      place(*use, path, block.settings, block.trainable, within);
    }
    return true;
  }

  static LayerId top_block(const Instance& instance) {
    const Instance* at = &instance;
    while (at->parent->parent) at = at->parent;
    return at->block;
  }

  static int place_in(const std::vector<LayerId>& layers, LayerId layer) {
    return static_cast<int>(std::find(layers.begin(), layers.end(), layer) - layers.begin());
  }

  /// The layer that gives what `port` of `instance` gives, through Blocks and their ports.
  std::optional<PortRef> resolved(const Instance& instance, PortRef port) const {
    const Instance* at = &instance;
    // A network that hands its Input on may close a circle of Blocks; a path that long is one.
    for (std::size_t step = 0; step < 4 * instances_.size() + 4; ++step) {
      if (const auto leaf = at->leaves.find(port.layer); leaf != at->leaves.end())
        return PortRef{leaf->second, port.port};
      std::optional<PortRef> source;
      if (const auto copies = at->copies.find(port.layer); copies != at->copies.end()) {
        at = copies->second.back();
        if (port.port < 0 || port.port >= static_cast<int>(at->outputs.size())) return std::nullopt;
        source = source_of(*at, {at->outputs[static_cast<std::size_t>(port.port)], 0});
      } else if (at->parent && std::find(at->inputs.begin(), at->inputs.end(), port.layer) != at->inputs.end()) {
        const int number = place_in(at->inputs, port.layer);
        if (at->copy > 0) {
          at = at->parent->copies.at(at->block)[static_cast<std::size_t>(at->copy - 1)];
          source = source_of(*at, {at->outputs[static_cast<std::size_t>(number)], 0});
        } else {
          source = source_of(*at->parent, {at->block, number});
          at = at->parent;
        }
      }
      if (!source) return std::nullopt;
      port = *source;
    }
    return std::nullopt;
  }

  static std::optional<PortRef> source_of(const Instance& instance, PortRef input) {
    const auto found = instance.sources.find(input);
    return found == instance.sources.end() ? std::nullopt : std::optional(found->second);
  }

  void connect(const Instance& instance) {
    for (const Connection& connection : instance.network->connections) {
      const auto leaf = instance.leaves.find(connection.to.layer);
      if (leaf == instance.leaves.end()) {
        // A dangling end stays to be named.
        if (!instance.parent && !instance.copies.contains(connection.to.layer))
          flat_.network.connections.push_back(connection);
        continue;
      }
      const PortRef to{leaf->second, connection.to.port};
      if (const auto from = resolved(instance, connection.from)) {
        flat_.network.connections.push_back({*from, to});
      } else if (!instance.parent && !instance.copies.contains(connection.from.layer)) {
        flat_.network.connections.push_back(connection);
      }
    }
  }

  const Project& project_;
  FlatNetwork flat_;
  std::deque<Instance> instances_;
  Instance* root_ = nullptr;
  std::int64_t next_id_ = 1;
};

}  // namespace

FlatNetwork flattened(const Project& project, const Network& network) {
  return Flattening(project, network).run();
}

bool has_blocks(const Network& network) {
  return std::any_of(network.layers.begin(), network.layers.end(), is_block);
}

Project flattened(Project project) {
  if (std::none_of(project.networks.begin(), project.networks.end(), has_blocks)) return project;
  Project flat = project;
  for (Network& network : flat.networks) {
    if (has_blocks(network)) network = flattened(project, network).network;
  }
  return flat;
}

}  // namespace netwright
