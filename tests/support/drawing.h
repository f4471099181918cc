#pragma once
// Draws networks for tests in few lines, and the networks whose figures are known.

#include <string>
#include <string_view>
#include <vector>

#include "backend/graph/edit.h"
#include "backend/graph/gestures.h"
#include "backend/graph/project.h"

namespace netwright {

/// Adds to the first network of `project`, which must outlive it.
class Drawing {
 public:
  explicit Drawing(Project& project) : project_(project), network_(project.networks.front().id) {}

  /// Adds a layer and connects `sources` to its ports in order; without sources, the layer added last.
  LayerId add(const std::string& type, const std::string& name, const Settings& settings = {},
              std::vector<LayerId> sources = {});
  void connect(LayerId from, LayerId to, int port = 0, int from_port = 0);

  Network& network() { return *project_.find(network_); }
  /// The layer must be there.
  LayerId id(std::string_view name) { return network().find(name)->id; }
  LayerId last() const { return last_; }

 private:
  Project& project_;
  NetworkId network_;
  LayerId last_;
};

/// The mission's CNN: 62,006 parameters.
Project mission_cnn();
Project vgg16();
Project resnet18();

}  // namespace netwright
