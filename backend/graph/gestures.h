#pragma once
// What a user does in one go, as edits: each returns the list to apply, and changes nothing itself.

#include <optional>
#include <set>

#include "backend/graph/edit.h"

namespace netwright {

/// Removes layers with their connections. Where a removed layer had one input and its outputs led on, the ends are
/// joined again (`bridge`).
std::vector<Edit> remove_layers(const Network& network, const std::set<LayerId>& layers, bool bridge);

/// Connects, first freeing the input if it takes only one connection and has one.
std::vector<Edit> connect(const Network& network, const Connection& connection);

/// Adds `layer` and puts it into the middle of `connection`.
std::vector<Edit> insert_on_connection(const Network& network, const Connection& connection, const Layer& layer);

/// A piece of a network that stands for itself: clipboard, duplicate and drag use it.
Network fragment_of(const Network& network, const std::set<LayerId>& layers);

/// Adds a copy of the fragment moved by `offset`, with new ids and free names. `added` receives the new ids.
std::vector<Edit> paste(const Network& network, const Network& fragment, Point offset, std::vector<LayerId>& added);

/// A new layer of the type, with its default settings, a free name and the next id.
Layer make_layer(const Network& network, const std::string& type, Point position, const Settings& settings = {});

}  // namespace netwright
