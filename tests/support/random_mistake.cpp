#include <algorithm>
#include <limits>
#include <optional>
#include <stdexcept>

#include "backend/graph/blocks.h"
#include "backend/layers/catalogue.h"
#include "tests/support/random_choice.h"
#include "tests/support/random_project.h"

namespace netwright {

namespace {

/// Spoils the network; false where there is nothing of the kind to spoil.
using Spoil = bool (*)(RandomChoice&, Network&);

bool wrong_setting(RandomChoice& choose, Network& network) {
  static const std::vector<Value> values = {std::int64_t{0},
                                            std::int64_t{-7},
                                            std::numeric_limits<std::int64_t>::max(),
                                            std::numeric_limits<std::int64_t>::min(),
                                            std::numeric_limits<double>::quiet_NaN(),
                                            1e300,
                                            std::string("nonsense"),
                                            Integers{},
                                            Integers{1, 2, 3, 4, 5, 6, 7, 8, 9},
                                            Integers{-1, std::numeric_limits<std::int64_t>::max()},
                                            Reals{std::numeric_limits<double>::infinity()},
                                            true};
  Layer& layer = choose.from(network.layers);
  const LayerSpec* spec = find_layer_spec(layer.type);
  if (spec->settings.empty()) return false;
  const SettingSpec& setting = choose.from(spec->settings);
  const Value& value = choose.from(values);
  if (!complaint(setting, value)) return false;
  layer.settings.set(setting.name, value);
  return true;
}

bool missing_setting(RandomChoice& choose, Network& network) {
  Layer& layer = choose.from(network.layers);
  const LayerSpec* spec = find_layer_spec(layer.type);
  if (spec->settings.empty()) return false;
  const std::string gone = choose.from(spec->settings).name;
  Settings rest;
  for (const auto& [name, value] : layer.settings.values()) {
    if (name != gone) rest.set(name, value);
  }
  layer.settings = rest;
  return true;
}

bool unknown_type(RandomChoice& choose, Network& network) {
  choose.from(network.layers).type = choose.one_in(2) ? "Conv9d" : "";
  return true;
}

bool double_name(RandomChoice& choose, Network& network) {
  Layer& layer = choose.from(network.layers);
  const Layer& other = choose.from(network.layers);
  if (layer.id == other.id) return false;
  layer.name = other.name;
  return true;
}

bool bad_name(RandomChoice& choose, Network& network) {
  static const std::vector<std::string> names = {"", "1st", "a b", "lambda", "é", "a..b", "forward", "x\n"};
  choose.from(network.layers).name = choose.from(names);
  return true;
}

bool cut_wire(RandomChoice& choose, Network& network) {
  const std::size_t which = choose.below(network.connections.size());
  const Connection& connection = network.connections[which];
  if (is_block(*network.find(connection.to.layer))) return false;
  if (connection.to.port >= find_layer_spec(network.find(connection.to.layer)->type)->min_inputs) return false;
  network.connections.erase(network.connections.begin() + static_cast<std::ptrdiff_t>(which));
  return true;
}

bool unfed_block(RandomChoice&, Network& network) {
  return std::erase_if(network.connections,
                       [&](const Connection& connection) { return is_block(*network.find(connection.to.layer)); }) > 0;
}

bool cycle(RandomChoice& choose, Network& network) {
  Connection& connection = choose.from(network.connections);
  std::vector<LayerId> downstream;
  for (const Layer& layer : network.layers) {
    if (layer.type != "Output" && network.reaches(connection.to.layer, layer.id)) downstream.push_back(layer.id);
  }
  if (downstream.empty()) return false;
  connection.from = {choose.from(downstream), 0};
  return true;
}

bool dangling_connection(RandomChoice& choose, Network& network) {
  const LayerId nowhere{choose.one_in(2) ? network.next_layer_id().value + 3 : 0};
  Connection connection = choose.from(network.connections);
  (choose.one_in(2) ? connection.from.layer : connection.to.layer) = nowhere;
  network.connections.push_back(connection);
  return true;
}

bool wrong_port(RandomChoice& choose, Network& network) {
  Connection connection = choose.from(network.connections);
  const int port = choose.one_in(2) ? -1 : std::numeric_limits<int>::max();
  (choose.one_in(2) ? connection.from.port : connection.to.port) = port;
  network.connections.push_back(connection);
  return true;
}

bool double_connection(RandomChoice& choose, Network& network) {
  Connection connection = choose.from(network.connections);
  const LayerId other = choose.from(network.layers).id;
  if (other == connection.from.layer || find_layer_spec(network.find(other)->type)->outputs == 0) return false;
  if (network.reaches(connection.to.layer, other)) return false;
  connection.from = {other, 0};
  network.connections.push_back(connection);
  return true;
}

void remove_all(Network& network, const char* type) {
  std::erase_if(network.connections, [&](const Connection& connection) {
    return network.find(connection.from.layer)->type == type || network.find(connection.to.layer)->type == type;
  });
  std::erase_if(network.layers, [&](const Layer& layer) { return layer.type == type; });
}

bool no_input(RandomChoice&, Network& network) {
  remove_all(network, "Input");
  return true;
}

bool no_output(RandomChoice&, Network& network) {
  remove_all(network, "Output");
  return true;
}

bool nothing(RandomChoice&, Network& network) {
  network.layers.clear();
  network.connections.clear();
  return true;
}

bool absurd_input(RandomChoice& choose, Network& network) {
  for (Layer& layer : network.layers) {
    if (layer.type != "Input") continue;
    layer.settings.set("shape", Integers(3 + choose.below(5), 1'000'000'000));
    return true;
  }
  return false;
}

bool wrong_elements(RandomChoice&, Network& network) {
  for (const Connection& connection : network.connections) {
    Layer* source = network.find(connection.from.layer);
    const LayerSpec* target = find_layer_spec(network.find(connection.to.layer)->type);
    if (source->type != "Input" || target->elements == Elements::Any) continue;
    source->settings.set("dtype", std::string(target->elements == Elements::Real ? "int64" : "float32"));
    return true;
  }
  return false;
}

struct Mistake {
  const char* name;
  Spoil spoil;
};

const std::vector<Mistake>& mistakes() {
  static const std::vector<Mistake> all = {{"a wrong setting", wrong_setting},
                                           {"a missing setting", missing_setting},
                                           {"an unknown type", unknown_type},
                                           {"a double name", double_name},
                                           {"a bad name", bad_name},
                                           {"a cut wire", cut_wire},
                                           {"an unfed Block", unfed_block},
                                           {"a cycle", cycle},
                                           {"a dangling connection", dangling_connection},
                                           {"a wrong port", wrong_port},
                                           {"a double connection", double_connection},
                                           {"no Input", no_input},
                                           {"no Output", no_output},
                                           {"no layers", nothing},
                                           {"an absurd Input", absurd_input},
                                           {"wrong elements", wrong_elements}};
  return all;
}

}  // namespace

SpoiltProject random_spoilt_project(std::mt19937& random, const RandomSizes& sizes) {
  RandomChoice choose(random);
  for (int attempt = 0; attempt < 1000; ++attempt) {
    Project project = random_project(random, sizes);
    Network& network = project.networks.front();
    const Mistake& mistake = choose.from(mistakes());
    if (!mistake.spoil(choose, network)) continue;
    std::sort(network.connections.begin(), network.connections.end());
    return {std::move(project), mistake.name};
  }
  throw std::logic_error("nothing could be spoilt");
}

}  // namespace netwright
