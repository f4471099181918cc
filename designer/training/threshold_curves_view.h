#pragma once
// How well each class is told from all others at every threshold: ROC and precision-recall curves, side by side where
// there is room, else one of them.

#include <QWidget>

#include "designer/training/plot_painting.h"
#include "designer/training/sample_view.h"

class QScrollArea;
class QToolButton;

namespace netwright {

class ClassLegend;

class ThresholdCurvesView : public SampleView {
  Q_OBJECT

 public:
  explicit ThresholdCurvesView(QWidget* parent = nullptr);

  void show_content(std::shared_ptr<const SampleContent> content, const SampleMoment& moment) override;

  /// The plots that are seen now: `ROC`, `Precision–recall`.
  QStringList visible_plots() const;
  /// The class whose curve is under the mouse, with its area; empty where there is none.
  QString hovered_name() const;
  /// The widget's place for a point of a plot; for tests.
  QPointF place(int plot, QPointF at) const;
  QSize sizeHint() const override { return {460, 320}; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  static constexpr int plot_count = 2;
  struct Plot {
    PlotFrame frame;
    bool is_visible = false;
  };
  void lay_out();
  const std::vector<QPointF>& points(int plot, std::size_t curve) const;
  double area_of(int plot, std::size_t curve) const;
  void paint_plot(QPainter& painter, int plot) const;

  ThresholdCurves curves_;
  Plot plots_[plot_count];
  int chosen_ = 0;
  int hovered_plot_ = -1;
  int hovered_ = -1;
  QToolButton* chips_[plot_count];
  ClassLegend* legend_;
  QScrollArea* scroll_;
};

}  // namespace netwright
