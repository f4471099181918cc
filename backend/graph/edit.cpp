#include "backend/graph/edit.h"

#include <algorithm>

#include "backend/graph/blocks.h"

namespace netwright {

namespace {

template <class Item>
void insert_sorted(std::vector<Item>& items, Item item) {
  items.insert(std::upper_bound(items.begin(), items.end(), item,
                                [](const Item& a, const Item& b) {
                                  if constexpr (requires { a.id; }) {
                                    return a.id < b.id;
                                  } else {
                                    return a < b;
                                  }
                                }),
               std::move(item));
}

/// Applies one edit and returns its inverse.
class Applier {
 public:
  explicit Applier(Project& project) : project_(project) {}

  Result<Edit> operator()(const AddLayer& e) {
    Network* network = project_.find(e.network);
    if (!network) return no_network(e.network);
    if (!e.layer.id || network->find(e.layer.id)) return Error{"A layer can't be added twice under one id."};
    // Taken back, it would leave a connection's end behind.
    if (!network->connections_of(e.layer.id).empty()) return Error{"A dangling connection has the new layer's id."};
    insert_sorted(network->layers, e.layer);
    return Edit(RemoveLayer{e.network, e.layer.id});
  }

  Result<Edit> operator()(const RemoveLayer& e) {
    Network* network = project_.find(e.network);
    Layer* layer = network ? network->find(e.layer) : nullptr;
    if (!layer) return no_layer(e.layer);
    if (!network->connections_of(e.layer).empty()) {
      return Error{"Layer " + layer->name + " is still connected; remove its connections first."};
    }
    AddLayer inverse{e.network, *layer};
    network->layers.erase(network->layers.begin() + (layer - network->layers.data()));
    return Edit(std::move(inverse));
  }

  Result<Edit> operator()(const RenameLayer& e) {
    return exchanged(
        e, [](Layer& layer) -> std::string& { return layer.name; }, &RenameLayer::name);
  }
  Result<Edit> operator()(const MoveLayer& e) {
    return exchanged(
        e, [](Layer& layer) -> Point& { return layer.position; }, &MoveLayer::position);
  }
  Result<Edit> operator()(const SetTrainable& e) {
    return exchanged(
        e, [](Layer& layer) -> bool& { return layer.trainable; }, &SetTrainable::trainable);
  }
  Result<Edit> operator()(const SetInitialisation& e) {
    return exchanged(
        e, [](Layer& layer) -> std::string& { return layer.initialisation; }, &SetInitialisation::initialisation);
  }

  Result<Edit> operator()(const SetSetting& e) {
    Layer* layer = find_layer(e.network, e.layer);
    if (!layer) return no_layer(e.layer);
    const Value* old = layer->settings.find(e.setting);
    if (!old && !is_block(*layer)) return Error{"Layer " + layer->name + " has no setting " + e.setting + "."};
    Edit inverse = ClearSetting{e.network, e.layer, e.setting};
    if (old) inverse = SetSetting{e.network, e.layer, e.setting, *old};
    layer->settings.set(e.setting, e.value);
    return inverse;
  }

  Result<Edit> operator()(const ClearSetting& e) {
    Layer* layer = find_layer(e.network, e.layer);
    if (!layer) return no_layer(e.layer);
    const Value* old = layer->settings.find(e.setting);
    if (!old) return Error{"Layer " + layer->name + " has no setting " + e.setting + "."};
    SetSetting inverse{e.network, e.layer, e.setting, *old};
    layer->settings.clear(e.setting);
    return Edit(std::move(inverse));
  }

  Result<Edit> operator()(const Connect& e) {
    Network* network = project_.find(e.network);
    if (!network) return no_network(e.network);
    const auto& connections = network->connections;
    if (std::binary_search(connections.begin(), connections.end(), e.connection)) {
      return Error{"These ports are connected already."};
    }
    insert_sorted(network->connections, e.connection);
    return Edit(Disconnect{e.network, e.connection});
  }

  Result<Edit> operator()(const Disconnect& e) {
    Network* network = project_.find(e.network);
    if (!network) return no_network(e.network);
    const auto it = std::find(network->connections.begin(), network->connections.end(), e.connection);
    if (it == network->connections.end()) return Error{"There is no such connection."};
    network->connections.erase(it);
    return Edit(Connect{e.network, e.connection});
  }

  Result<Edit> operator()(const AddNetwork& e) {
    if (!e.network.id || project_.find(e.network.id)) return Error{"A network can't be added twice under one id."};
    insert_sorted(project_.networks, e.network);
    return Edit(RemoveNetwork{e.network.id});
  }

  Result<Edit> operator()(const RemoveNetwork& e) {
    Network* network = project_.find(e.network);
    if (!network) return no_network(e.network);
    AddNetwork inverse{*network};
    project_.networks.erase(project_.networks.begin() + (network - project_.networks.data()));
    return Edit(std::move(inverse));
  }

  Result<Edit> operator()(const RenameNetwork& e) {
    Network* network = project_.find(e.network);
    if (!network) return no_network(e.network);
    return Edit(RenameNetwork{e.network, std::exchange(network->name, e.name)});
  }

  Result<Edit> operator()(const SetExposed& e) {
    Network* network = project_.find(e.network);
    if (!network) return no_network(e.network);
    return Edit(SetExposed{e.network, std::exchange(network->exposed, e.exposed)});
  }

  Result<Edit> operator()(const SetCanvasNotes& e) {
    Network* network = project_.find(e.network);
    if (!network) return no_network(e.network);
    return Edit(SetCanvasNotes{e.network, std::exchange(network->notes, e.notes)});
  }

  Result<Edit> operator()(const SetProjectName& e) {
    return Edit(SetProjectName{std::exchange(project_.name, e.name)});
  }
  Result<Edit> operator()(const SetNote& e) { return Edit(SetNote{std::exchange(project_.note, e.note)}); }
  Result<Edit> operator()(const SetData& e) { return Edit(SetData{std::exchange(project_.data, e.data)}); }
  Result<Edit> operator()(const SetRecipe& e) { return Edit(SetRecipe{std::exchange(project_.recipe, e.recipe)}); }

 private:
  static Error no_network(NetworkId id) { return {"There is no network with id " + std::to_string(id.value) + "."}; }
  static Error no_layer(LayerId id) { return {"There is no layer with id " + std::to_string(id.value) + "."}; }

  Layer* find_layer(NetworkId network, LayerId layer) {
    Network* found = project_.find(network);
    return found ? found->find(layer) : nullptr;
  }

  /// For edits that put a new value into one member of a layer: their inverse is themselves with the old value.
  template <class E, class Get, class Member>
  Result<Edit> exchanged(const E& e, Get get, Member member) {
    Layer* layer = find_layer(e.network, e.layer);
    if (!layer) return no_layer(e.layer);
    E inverse = e;
    inverse.*member = std::exchange(get(*layer), e.*member);
    return Edit(std::move(inverse));
  }

  Project& project_;
};

}  // namespace

Result<Edit> apply(Project& project, const Edit& edit) {
  return std::visit(Applier(project), edit);
}

Result<std::vector<Edit>> apply_all(Project& project, const std::vector<Edit>& edits,
                                    const std::function<void(const Edit&)>& applied) {
  std::vector<Edit> inverses;
  inverses.reserve(edits.size());
  for (const Edit& edit : edits) {
    auto inverse = netwright::apply(project, edit);
    if (!inverse) {
      // Taking back what just worked can't fail.
      for (auto it = inverses.rbegin(); it != inverses.rend(); ++it) {
        if (netwright::apply(project, *it) && applied) applied(*it);
      }
      return inverse.error();
    }
    inverses.push_back(*std::move(inverse));
    if (applied) applied(edit);
  }
  std::reverse(inverses.begin(), inverses.end());
  return inverses;
}

NetworkId network_of(const Edit& edit) {
  return std::visit(
      [](const auto& e) -> NetworkId {
        if constexpr (requires { e.network.id; }) {
          return e.network.id;
        } else if constexpr (requires { e.network; }) {
          return e.network;
        } else {
          return {};
        }
      },
      edit);
}

}  // namespace netwright
