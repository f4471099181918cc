#pragma once
// A report that follows its project: after an edit only what lies downstream is looked at again.

#include <vector>

#include "backend/analysis/network_analysis.h"
#include "backend/analysis/report.h"
#include "backend/graph/edit.h"
#include "backend/graph/flatten.h"
#include "backend/graph/project.h"

namespace netwright {

class LiveAnalysis {
 public:
  explicit LiveAnalysis(const Project& project);
  /// Of data that are known already: nothing is asked of their source until an edit changes it.
  LiveAnalysis(const Project& project, const DataDescription& data);

  /// `project` is the one that the report was about, with `edits` applied (in any grouping; inverses are edits too).
  void update(const Project& project, const std::vector<Edit>& edits);
  void restart(const Project& project);

  const Report& report() const { return report_; }
  /// How many layers the last update looked at.
  std::size_t visited() const;

 private:
  struct State {
    NetworkAnalysis analysis;
    /// Where the network holds Blocks: what they amount to.
    Structure drawn;
    std::vector<Diagnostic> drawn_diagnostics;
    FlatNetwork flat;
    NetworkReport flat_report;
    bool is_flattened = false;
  };
  void begin(const Project& project);
  void refresh(const Project& project, const Network& network, NetworkAnalysis::Change change);
  void refresh_flattened(const Project& project, const Network& network, State& state, NetworkReport& report);
  void explain_blocks(const Project& project, const Network& network);
  void collect(const Project& project);

  Report report_;
  std::map<NetworkId, State> states_;
  std::optional<DataDescription> data_;
};

}  // namespace netwright
