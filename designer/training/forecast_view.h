#pragma once
// Forecasts beside what came: for each series a chart of its past, the truth and the forecast.

#include "designer/training/plot_painting.h"
#include "designer/training/sample_view.h"

class QScrollArea;

namespace netwright {

/// One chart a series, as many beside each other as the width allows.
class ForecastCharts : public QWidget {
  Q_OBJECT

 public:
  explicit ForecastCharts(QWidget* parent = nullptr);

  void show_series(std::vector<ForecastSeries> series);
  std::size_t count() const { return series_.size(); }
  /// Of a chart's plot, with x counted in steps from the last of the past.
  PlotFrame frame(std::size_t index) const;
  void set_visible_height(int height);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  struct Grid {
    int columns = 1;
    QSizeF chart;
  };
  Grid grid() const;
  void fit_height();
  QRectF place(std::size_t index) const;
  void paint_chart(QPainter& painter, std::size_t index) const;
  void paint_line(QPainter& painter, const PlotFrame& frame, const std::vector<double>& values, int from,
                  const QPen& pen) const;

  std::vector<ForecastSeries> series_;
  int visible_height_ = 0;
  QPointF hover_{-1, -1};
};

class ForecastView : public SampleView {
  Q_OBJECT

 public:
  explicit ForecastView(QWidget* parent = nullptr);

  void show_content(std::shared_ptr<const SampleContent> content, const SampleMoment& moment) override;
  ForecastCharts* charts() const { return charts_; }
  QSize sizeHint() const override { return {520, 300}; }

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  ForecastCharts* charts_;
  QScrollArea* scroll_;
};

}  // namespace netwright
