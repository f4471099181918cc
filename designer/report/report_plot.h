#pragma once

#include <QWidget>
#include <optional>

#include "backend/report/report_content.h"
#include "designer/training/crosshair.h"
#include "designer/training/plot_painting.h"

namespace netwright {

/// A chart of a report; the values nearest to the pointer are told beside it.
class ReportPlot : public QWidget {
  Q_OBJECT

 public:
  explicit ReportPlot(ReportChart chart, QWidget* parent = nullptr);

  const ReportChart& chart() const { return chart_; }
  /// What the crosshair says at a place of the widget; empty outside of the plot.
  QStringList words_at(QPoint position) const;

  QSize sizeHint() const override { return {420, 236}; }
  QSize minimumSizeHint() const override { return {220, 180}; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  PlotFrame frame() const;
  double legend_height() const;
  /// Names and colours, as many to a line as fit.
  double paint_names(QPainter* painter) const;
  std::vector<HoverRow> rows_at(double x, const PlotFrame& frame) const;

  ReportChart chart_;
  std::optional<QPoint> pointer_;
};

/// A share for each of some names, as bars from 0 to 1.
class ReportBarsView : public QWidget {
  Q_OBJECT

 public:
  explicit ReportBarsView(ReportBars bars, QWidget* parent = nullptr);
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  ReportBars bars_;
};

}  // namespace netwright
