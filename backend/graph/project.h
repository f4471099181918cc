#pragma once
// The Project is what a file holds: networks, the data they learn from and the recipe by which they do.

#include <string>
#include <vector>

#include "backend/core/result.h"
#include "backend/graph/network.h"

namespace netwright {

/// Which data: a row of the data catalogue and its settings. An empty source means none chosen.
struct DataSource {
  std::string source;
  Settings settings;
  Settings preparation = {};  ///< see data/preparation.h
  bool operator==(const DataSource&) const = default;
};

/// A row of a catalogue (an optimiser, a schedule) and its settings.
struct Choice {
  std::string type;
  Settings settings = {};
  bool operator==(const Choice&) const = default;
};

/// How to train: see graph/recipe_specs.h and graph/task_specs.h for the specs behind the settings.
struct Recipe {
  std::string task = "Classification";
  Settings task_settings = {};
  Settings settings = {};
  std::string optimiser = "Adam";
  Settings optimiser_settings = {};
  Choice schedule = {"Constant"};
  Choice discriminator_optimiser = {"Adam"};  ///< of Adversarial; `optimiser` is the generator's there
  bool operator==(const Recipe&) const = default;
};

struct Project {
  std::string name;
  std::string note;
  DataSource data;
  Recipe recipe;
  std::vector<Network> networks;  ///< sorted by id

  const Network* find(NetworkId network) const;
  Network* find(NetworkId network);
  const Network* find(std::string_view network_name) const;
  NetworkId next_network_id() const;

  bool operator==(const Project&) const = default;
};

/// A project with one empty network, ready to draw in.
Project empty_project();

}  // namespace netwright
