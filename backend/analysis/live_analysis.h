#pragma once
// A report that follows its project: after an edit only what lies downstream is looked at again.

#include <functional>
#include <vector>

#include "backend/analysis/network_analysis.h"
#include "backend/analysis/report.h"
#include "backend/data/data_catalogue.h"
#include "backend/graph/edit.h"
#include "backend/graph/flatten.h"
#include "backend/graph/project.h"

namespace netwright {

class LiveAnalysis {
 public:
  /// Whom to ask what data give.
  using Describe = std::function<std::optional<DataDescription>(const DataSource&)>;

  explicit LiveAnalysis(const Project& project, Describe describe = netwright::describe);

  /// `project` is the one that the report was about, with `edits` applied (in any grouping; inverses are edits too).
  void update(const Project& project, const std::vector<Edit>& edits);
  void restart(const Project& project);
  /// Where what describes data learnt more of the project's than it had said.
  void describe_data(const Project& project, const std::optional<DataDescription>& data);

  const Report& report() const { return report_; }
  /// What the project's data are known to give.
  const std::optional<DataDescription>& data() const { return data_; }
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
  void refresh(const Project& project, const Network& network, NetworkAnalysis::Change change);
  void refresh_flattened(const Project& project, const Network& network, State& state, NetworkReport& report);
  void explain_blocks(const Project& project, const Network& network);
  void collect(const Project& project);

  Describe describe_;
  Report report_;
  std::map<NetworkId, State> states_;
  std::optional<DataDescription> data_;
};

}  // namespace netwright
