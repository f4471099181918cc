#pragma once
// The charts of a run, one for each group of its figures.

#include <string>
#include <vector>

#include "designer/training/chart_grid.h"
#include "designer/training/run_record.h"

namespace netwright {

/// What one chart draws.
struct ChartPlan {
  QString title;
  std::vector<FigureSpec> figures;  ///< none: the learning rate
  QString held_out = {};            ///< what the split is called by which epochs are judged
  bool is_share() const;            ///< in percent
  bool operator==(const ChartPlan&) const = default;
};

/// One for each `chart` that the figures name, in their order, then the learning rate's where it changes.
std::vector<ChartPlan> charts_of(const RunRecord& record);

class RunCharts : public ChartGrid {
  Q_OBJECT

 public:
  explicit RunCharts(QWidget* parent = nullptr);

  /// Another run.
  void show_run(const RunRecord& record);
  /// The same run with more in it: what is new is added.
  void follow(const RunRecord& record);
  void set_smoothing(double beta);
  /// Of every chart but those of shares.
  void set_log(bool is_log);

 private:
  /// A curve of a chart, by what of the record it follows.
  struct Source {
    int curve;
    std::string figure;  ///< empty: the learning rate
    Curve FigureCurves::*split;
  };
  struct Entry {
    ChartPlan plan;
    LiveChart* chart;
    std::vector<Source> sources;
  };

  void rebuild(const RunRecord& record, const std::vector<ChartPlan>& plans);
  Entry make_entry(const ChartPlan& plan);
  static QStringList usual_charts(const RunRecord& record, QStringList titles);

  std::vector<Entry> entries_;
  double smoothing_ = 0;
  bool is_log_ = false;
};

}  // namespace netwright
