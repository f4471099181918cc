#pragma once
// A Network is a directed acyclic graph of layers, as a plain value. It may hold mistakes (cycles, dangling
// ends, unknown types): analyse() names them; nothing here throws or refuses.

#include <algorithm>
#include <compare>
#include <string>
#include <vector>

#include "backend/core/ids.h"
#include "backend/core/settings.h"

namespace netwright {

/// A place on the canvas, in canvas units (the grid's step is 20): the top-left corner of the layer.
struct Point {
  double x = 0;
  double y = 0;
  bool operator==(const Point&) const = default;
};

/// One instance of a layer type. `name` is its module's name in LibTorch, in exported code and in weight files.
struct Layer {
  LayerId id;
  std::string name;
  std::string type;
  Settings settings;
  bool trainable = true;
  std::string initialisation = {};  ///< one of the recipe's choices for it; empty: the recipe's own
  Point position = {};
  bool operator==(const Layer&) const = default;
};

/// One end of a connection: a port of a layer, counted from 0.
struct PortRef {
  LayerId layer;
  int port = 0;
  auto operator<=>(const PortRef&) const = default;
};

struct Connection {
  PortRef from;  ///< an output
  PortRef to;    ///< an input
  bool operator==(const Connection&) const = default;
  auto operator<=>(const Connection& other) const { return to != other.to ? to <=> other.to : from <=> other.from; }
};

/// A choice that is left to who uses the network as a Block: there it is a setting called `name`. Several with one name
/// are chosen together.
struct ExposedSetting {
  std::string name;
  LayerId layer;
  std::string setting;
  bool operator==(const ExposedSetting&) const = default;
};

/// Words on the canvas: what a part of the drawing is for.
struct CanvasNote {
  std::string text;  ///< plain text; a first line that ends in no full stop is a heading
  Point position = {};
  double width = 320;  ///< canvas units; the height follows from the text
  bool operator==(const CanvasNote&) const = default;
};

struct Network {
  NetworkId id;
  std::string name;
  std::vector<Layer> layers;            ///< sorted by id
  std::vector<Connection> connections;  ///< sorted by (to, from)
  std::vector<ExposedSetting> exposed = {};
  std::vector<CanvasNote> notes = {};

  const Layer* find(LayerId layer) const;
  Layer* find(LayerId layer);
  const Layer* find(std::string_view layer_name) const;
  LayerId next_layer_id() const;
  /// `conv` -> `conv1`, `conv2`, ...: the first that no layer here has.
  std::string free_name(const std::string& stem) const;
  std::vector<Connection> connections_of(LayerId layer) const;
  /// True where a path leads from `from` to `to` (or they are the same): connecting to -> from would make a cycle.
  bool reaches(LayerId from, LayerId to) const;

  bool operator==(const Network&) const = default;
};

/// Empty where `name` may be a layer's or network's name (a Python identifier); else why not.
std::string name_complaint(const std::string& name);
/// The same for a path of names joined by dots, as the layers within Blocks have (`block1.0.conv1`).
std::string path_complaint(const std::string& path);

}  // namespace netwright
