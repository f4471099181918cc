#pragma once
// The curves of several runs together: one chart for each figure that all of them measure, one colour for each run.

#include <memory>
#include <string>
#include <vector>

#include "designer/training/chart_grid.h"
#include "designer/training/run_record.h"

namespace netwright {

/// One of the runs that are compared.
struct ComparedCurves {
  QString title;
  int colour = 0;                           ///< the theme's series colours in turn
  std::shared_ptr<const RunRecord> record;  ///< of a run under way it grows
};

/// What is drawn of each run.
enum class ComparedSplits { Both, Training, HeldOut };

class CompareCharts : public ChartGrid {
  Q_OBJECT

 public:
  explicit CompareCharts(QWidget* parent = nullptr);

  void show_runs(std::vector<ComparedCurves> runs);
  /// The same runs, one of which has more in it: what is new is added.
  void follow();

  void set_axis(TimeAxis axis);
  /// The logarithm of steps, epochs or time.
  void set_log_x(bool is_log);
  /// Of every chart but those of shares.
  void set_log_y(bool is_log);
  void set_smoothing(double beta);
  void set_splits(ComparedSplits splits);

  /// Figures that not all runs measure, in words, and so aren't drawn; empty where all are.
  QString left_out() const;

 private:
  /// What one chart draws.
  struct Plan {
    QString title;
    FigureSpec figure;  ///< without a name: the learning rate
    bool operator==(const Plan&) const = default;
  };
  /// One curve, and how much of the record it has taken.
  struct Source {
    std::size_t run;
    int curve;
    Curve FigureCurves::*split;
    std::size_t taken = 0;
    std::size_t at = 0;  ///< in the run's clock
  };
  struct Entry {
    Plan plan;
    LiveChart* chart;
    std::vector<Source> sources;
  };

  std::vector<Plan> plans() const;
  void rebuild();
  Entry make_entry(const Plan& plan);
  void add_run(Entry& entry, std::size_t run);
  void add_new_points(Entry& entry);
  /// Seconds in one of the time axis' units, as long as the longest run asks for.
  double time_unit() const;

  std::vector<ComparedCurves> runs_;
  std::vector<Entry> entries_;
  TimeAxis axis_ = TimeAxis::Step;
  ComparedSplits splits_ = ComparedSplits::Both;
  double smoothing_ = 0;
  double unit_ = 1;  ///< of the time axis as it is drawn
  bool is_log_x_ = false;
  bool is_log_y_ = false;
};

}  // namespace netwright
