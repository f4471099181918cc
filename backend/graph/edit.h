#pragma once
// An Edit is the one way to change a Project: applied, it returns the edit that takes it back. Undo steps, fixes
// of diagnostics and change notifications are all lists of these.

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "backend/graph/project.h"

namespace netwright {

struct AddLayer {
  NetworkId network;
  Layer layer;
};
/// Its connections must have been removed first.
struct RemoveLayer {
  NetworkId network;
  LayerId layer;
};
struct RenameLayer {
  NetworkId network;
  LayerId layer;
  std::string name;
};
struct MoveLayer {
  NetworkId network;
  LayerId layer;
  Point position;
};
struct SetSetting {
  NetworkId network;
  LayerId layer;
  std::string setting;
  Value value;
};
/// Takes a setting away that a Block doesn't choose for itself any more.
struct ClearSetting {
  NetworkId network;
  LayerId layer;
  std::string setting;
};
struct SetTrainable {
  NetworkId network;
  LayerId layer;
  bool trainable;
};
struct SetInitialisation {
  NetworkId network;
  LayerId layer;
  std::string initialisation;
};
struct Connect {
  NetworkId network;
  Connection connection;
};
struct Disconnect {
  NetworkId network;
  Connection connection;
};
struct AddNetwork {
  Network network;
};
struct RemoveNetwork {
  NetworkId network;
};
struct RenameNetwork {
  NetworkId network;
  std::string name;
};
struct SetExposed {
  NetworkId network;
  std::vector<ExposedSetting> exposed;
};
struct SetCanvasNotes {
  NetworkId network;
  std::vector<CanvasNote> notes;
};
struct SetProjectName {
  std::string name;
};
struct SetNote {
  std::string note;
};
struct SetData {
  DataSource data;
};
struct SetRecipe {
  Recipe recipe;
};

using Edit = std::variant<AddLayer, RemoveLayer, RenameLayer, MoveLayer, SetSetting, ClearSetting, SetTrainable,
                          SetInitialisation, Connect, Disconnect, AddNetwork, RemoveNetwork, RenameNetwork, SetExposed,
                          SetCanvasNotes, SetProjectName, SetNote, SetData, SetRecipe>;

/// Changes `project` and returns the inverse; where the edit doesn't fit (an id that isn't there, a layer still
/// connected, a connection that exists) the project stays as it was.
Result<Edit> apply(Project& project, const Edit& edit);

/// Applies all or none; returns the inverses in the order in which they must be applied. `applied` is told of each edit
/// right after it, also of those that take back what came before one that doesn't fit.
Result<std::vector<Edit>> apply_all(Project& project, const std::vector<Edit>& edits,
                                    const std::function<void(const Edit&)>& applied = {});

/// The network an edit changes; none for edits of the project itself.
NetworkId network_of(const Edit& edit);

}  // namespace netwright
