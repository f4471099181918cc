#pragma once
// What a plot shows besides its lines: grid, axis figures, legend, epoch markers and command marks.

#include <QColor>
#include <QPointF>
#include <QRectF>
#include <QString>
#include <vector>

#include "designer/training/axis_scale.h"

class QPainter;

namespace netwright {

/// True where the colour of this series was another one's before: it is dashed, to be told from that.
bool is_colour_again(std::size_t series);

/// From axis coordinates (log10 of the value on a log axis) to the widget's.
struct PlotFrame {
  QRectF area;
  Range x;
  Range y;
  bool is_log = false;

  double to_x(double at) const { return area.left() + (at - x.low) / x.width() * area.width(); }
  double to_y(double at) const { return area.bottom() - (at - y.low) / y.width() * area.height(); }
  double from_x(double pixel) const { return x.low + (pixel - area.left()) / area.width() * x.width(); }
  double from_y(double pixel) const { return y.low + (area.bottom() - pixel) / area.height() * y.width(); }
};

enum class MarkerShape { None, Disc, Square };

struct LegendEntry {
  QString name;
  QString value;  ///< the latest, in words
  QColor colour;
  MarkerShape shape = MarkerShape::None;
  bool is_dashed = false;
};

struct ChartMark {
  double x = 0;
  QString text;
  bool is_warning = false;
};

/// Width of the figures left of the plot.
double figures_width(const std::vector<Tick>& ticks, const QString& unit);
/// The units follow the figures.
void paint_grid(QPainter& painter, const PlotFrame& frame, const std::vector<Tick>& x, const std::vector<Tick>& y,
                const QString& unit, const QString& x_unit = {});
/// Of the legend without values.
double legend_width(const std::vector<LegendEntry>& entries);
/// At the right of `place`; where it is narrow, first without values, then with shorter names and fewer entries.
void paint_legend(QPainter& painter, const QRectF& place, std::vector<LegendEntry> entries);
void paint_marker(QPainter& painter, QPointF at, const LegendEntry& look);
inline constexpr double swatch_width = 14;
/// A piece of the curve, as legends show it.
void paint_swatch(QPainter& painter, QPointF left_middle, const LegendEntry& entry);
/// Dashed lines, labelled in up to three rows, from the upper or the lower edge, where there is room.
void paint_marks(QPainter& painter, const PlotFrame& frame, const std::vector<ChartMark>& marks, bool are_low);
/// A small cross at the plot's upper edge for each place whose value can't be drawn.
void paint_gaps(QPainter& painter, const PlotFrame& frame, const std::vector<double>& gaps);

}  // namespace netwright
