#pragma once
// Points of a plane, coloured by group: the map of a code, points real and generated. Both axes have one scale, so that
// distances are what they look like.

#include <QPixmap>

#include "designer/training/plot_painting.h"
#include "designer/training/sample_view.h"

class QScrollArea;

namespace netwright {

class ClassLegend;

class ScatterView : public SampleView {
  Q_OBJECT

 public:
  explicit ScatterView(QWidget* parent = nullptr);

  void show_content(std::shared_ptr<const SampleContent> content, const SampleMoment& moment) override;
  void show_scatter(Scatter scatter);

  ClassLegend* legend() const { return legend_; }
  /// The point's place on the widget.
  QPointF place(std::size_t point) const;
  /// The group of the point under the mouse, and its error where that is known; empty where there is none.
  QString hovered_name() const;
  QSize sizeHint() const override { return {460, 320}; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  void lay_out();
  void redraw();
  bool is_shown(std::size_t point) const;
  QColor colour_of_point(std::size_t point) const;
  double radius() const;
  void paint_points(QPainter& painter) const;
  void paint_hovered(QPainter& painter) const;
  void paint_titles(QPainter& painter) const;

  Scatter scatter_;
  int outside_ = 0;  ///< points beyond the frame
  PlotFrame frame_;
  std::vector<Tick> x_ticks_;
  std::vector<Tick> y_ticks_;
  QPixmap drawn_;
  int hovered_ = -1;
  ClassLegend* legend_;
  QScrollArea* scroll_;
};

}  // namespace netwright
