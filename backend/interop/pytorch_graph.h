#pragma once
// A network seen as PyTorch code needs it: who reads what, what runs, and what can't.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "backend/analysis/report.h"
#include "backend/graph/network.h"

namespace netwright {

/// A part of a module: a layer, or all that lies within a Block (`layers` then are those within).
struct PytorchPart {
  std::string name;
  std::vector<LayerId> layers;  ///< in the order in which they run
  bool is_layer = true;
  std::vector<PortRef> reads;  ///< what comes from outside, each once
  std::vector<PortRef> gives;  ///< what is read outside, each once
};

class PytorchGraph {
 public:
  /// Both must outlive it. Names may be paths (`block1.conv1`).
  PytorchGraph(const Network& network, const Report& report);

  const Network& network() const { return network_; }
  /// What feeds the ports of a layer; layers without a module (rows without a call) are seen through.
  const std::vector<PortRef>& sources(LayerId layer) const;
  /// True where some Output depends on it (or the network has none).
  bool is_needed(LayerId layer) const { return needed_.contains(layer); }
  /// Why a layer can't be written; empty where it can.
  const std::string& fault(LayerId layer) const;
  const LayerReport* figures(LayerId layer) const;
  /// All layers but Outputs, in the order in which they run; those on cycles last.
  const std::vector<LayerId>& order() const { return order_; }

  /// The parts of the module that holds `layers`, whose names begin with `depth` components in common, in an order in
  /// which they can run.
  std::vector<PytorchPart> parts(const std::vector<LayerId>& layers, std::size_t depth) const;

 private:
  void find_faults(const Report& report);
  void find_needed();
  std::vector<PytorchPart> sorted(std::vector<PytorchPart> parts) const;

  const Network& network_;
  const NetworkReport* report_;
  std::vector<LayerId> order_;
  std::map<LayerId, std::size_t> rank_;
  std::map<LayerId, std::vector<PortRef>> sources_;
  std::map<LayerId, std::vector<LayerId>> readers_;
  std::map<LayerId, std::vector<std::string>> paths_;
  std::map<LayerId, std::string> faults_;
  std::set<LayerId> needed_;
};

}  // namespace netwright
