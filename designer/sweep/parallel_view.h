#pragma once
// Parallel coordinates: a line for each run through its values on every axis, coloured by the main figure. Dragging
// along an axis keeps only the runs that pass there; dragging a title moves its axis.

#include <QWidget>
#include <map>
#include <optional>
#include <vector>

#include "designer/sweep/sweep_plot.h"

namespace netwright {

class ParallelView : public QWidget {
  Q_OBJECT

 public:
  explicit ParallelView(QWidget* parent = nullptr);

  /// What was filtered and moved stays for the axes whose titles are there again.
  void show_runs(std::vector<PlotAxis> axes, std::vector<RunLook> looks);
  /// One drawn over all others; −1: none.
  void set_highlighted(int run);
  /// Whether each run passes where the axes are filtered.
  std::vector<bool> kept() const;
  void clear_filters();
  bool has_filters() const { return !brushes_.empty(); }

  /// The run under the mouse, or −1.
  int hovered() const { return hovered_; }
  /// The titles from left to right.
  QStringList order() const;
  /// Where a run's line crosses an axis, and where the axis' title stands.
  QPointF place(std::size_t axis, std::size_t run) const;
  QRectF title_place(std::size_t axis) const;
  QSize sizeHint() const override { return {640, 220}; }
  QSize minimumSizeHint() const override { return {240, 120}; }

 signals:
  void hovered_changed(int run);
  void run_clicked(int run);
  void filters_changed();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  enum class Drag { None, Pending, Brush, Title };

  bool are_titles_staggered() const;
  QRectF area() const;
  double axis_x(std::size_t axis) const;
  double to_y(const PlotAxis& axis, double place) const;
  double from_y(const PlotAxis& axis, double y) const;
  int axis_near(QPointF at) const;
  int title_at(QPointF at) const;
  int run_near(QPointF at) const;
  QPolygonF line_of(std::size_t run) const;
  bool is_kept(std::size_t run) const;
  void set_hovered(int run);
  void drag_brush(QPointF at);
  void drag_title(QPointF at);
  void paint_lines(QPainter& painter) const;
  void paint_axis(QPainter& painter, std::size_t axis) const;

  std::vector<PlotAxis> axes_;  ///< from left to right
  std::vector<RunLook> looks_;
  std::map<QString, Range> brushes_;  ///< by the axis' title, in places
  int hovered_ = -1;
  int highlighted_ = -1;
  Drag drag_ = Drag::None;
  int dragged_ = -1;
  QPointF pressed_;
  QPointF mouse_;
};

}  // namespace netwright
