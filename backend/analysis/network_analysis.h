#pragma once
// One network's part of a report, kept with what it was made of, so that an edit costs what lies downstream of it.

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "backend/analysis/receptive_field.h"
#include "backend/analysis/report.h"
#include "backend/analysis/structure.h"
#include "backend/data/data_catalogue.h"
#include "backend/graph/project.h"

namespace netwright {

class NetworkAnalysis {
 public:
  /// What changed since the last time.
  struct Change {
    std::set<LayerId> layers;   ///< whose settings, name or inputs' names did
    bool is_structural = true;  ///< layers, connections, names or numbers of ports did
    bool is_everything = true;
  };

  /// Brings `report` up to date. The first time everything must have changed.
  void refresh(const Project& project, const Network& network, const std::optional<DataDescription>& data,
               const Change& change, NetworkReport& report);

  const Structure& structure() const { return structure_; }
  const std::vector<Diagnostic>& structure_diagnostics() const { return structure_diagnostics_; }
  /// By layer, those that have any.
  const std::map<LayerId, std::vector<Diagnostic>>& layer_diagnostics() const { return layer_diagnostics_; }
  /// The layers that the last refresh() looked at: all that an edit may have changed.
  std::size_t visited() const { return visited_; }

 private:
  void restructure(const Project& project, const Network& network, NetworkReport& report, std::set<LayerId>& touched);
  bool finds_time_first(const Network& network) const;
  ReceptiveField positions_of(const CarriedField& carried) const;
  void summarise(const Network& network, NetworkReport& report) const;

  Structure structure_;
  std::map<LayerId, std::size_t> places_;  ///< in the order
  std::vector<Diagnostic> structure_diagnostics_;
  std::map<LayerId, std::vector<Diagnostic>> layer_diagnostics_;
  std::map<LayerId, std::vector<CarriedField>> fields_;  ///< by output
  bool is_time_first_ = false;
  std::size_t visited_ = 0;
};

}  // namespace netwright
