#pragma once
// A sweep's runs as a table of values and results, sorted by any column.

#include <QTreeWidget>
#include <vector>

#include "designer/sweep/sweep_plot.h"

namespace netwright {

class RunsTable : public QTreeWidget {
  Q_OBJECT

 public:
  explicit RunsTable(QWidget* parent = nullptr);

  /// The order and the selection stay. `front`: which runs get a mark; `cost` says in what.
  void show_runs(const SweepTable& table, const std::vector<PlotAxis>& axes, const std::vector<RunLook>& looks,
                 const std::vector<bool>& front, const QString& cost);
  /// Runs that are filtered away are hidden.
  void set_kept(const std::vector<bool>& kept);
  /// The selected one, or −1.
  int selected() const;

 signals:
  void run_selected(int run);
  void run_opened(int run);

 private:
  void set_columns(const std::vector<PlotAxis>& axes);
  QTreeWidgetItem* item_of(int run) const;

  bool is_filling_ = false;
};

}  // namespace netwright
