#pragma once
// The main figure against what it costs: a point for each run, the Pareto front as a staircase with its runs named.

#include <QWidget>
#include <vector>

#include "designer/sweep/sweep_plot.h"
#include "designer/training/plot_painting.h"

namespace netwright {

class ParetoView : public QWidget {
  Q_OBJECT

 public:
  explicit ParetoView(QWidget* parent = nullptr);

  /// `front`: which rows are on it; `is_higher_better`: of `main`.
  void show_runs(PlotAxis cost, PlotAxis main, std::vector<RunLook> looks, std::vector<bool> front,
                 bool is_higher_better);
  /// Runs that are filtered away are drawn faintly.
  void set_kept(std::vector<bool> kept);
  /// One drawn larger; −1: none.
  void set_highlighted(int run);

  /// The run under the mouse, or −1.
  int hovered() const { return hovered_; }
  /// Where a run's point is; no point has one where a number isn't known.
  QPointF place(std::size_t run) const;
  /// The corners of the staircase, from the cheapest run to the dearest.
  QPolygonF staircase() const;
  QSize sizeHint() const override { return {640, 220}; }
  QSize minimumSizeHint() const override { return {220, 120}; }

 signals:
  void hovered_changed(int run);
  void run_clicked(int run);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  void lay_out();
  bool has_point(std::size_t run) const;
  bool is_kept(std::size_t run) const { return run >= kept_.size() || kept_[run]; }
  int run_near(QPointF at) const;
  void set_hovered(int run);
  void paint_points(QPainter& painter) const;
  void paint_names(QPainter& painter) const;

  PlotAxis cost_;
  PlotAxis main_;
  std::vector<RunLook> looks_;
  std::vector<bool> front_;
  std::vector<bool> kept_;
  bool is_higher_better_ = true;
  PlotFrame frame_;
  std::vector<Tick> x_ticks_;
  std::vector<Tick> y_ticks_;
  int hovered_ = -1;
  int highlighted_ = -1;
};

}  // namespace netwright
