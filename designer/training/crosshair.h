#pragma once
// What a plot says of the place under the mouse: a line, a dot on each curve and a box of their values.

#include <QPointF>
#include <QString>
#include <vector>

#include "designer/training/plot_painting.h"

namespace netwright {

/// One row of the crosshair's box.
struct HoverRow {
  LegendEntry entry;
  std::vector<QPointF> points;  ///< where its values are; those outside of the frame's area aren't drawn
};

/// The box stands beside the line, in as many columns as it takes to stay within the plot's height; names end in `…`
/// where there isn't room.
void paint_crosshair(QPainter& painter, const PlotFrame& frame, double pixel_x, const QString& heading,
                     const std::vector<HoverRow>& rows);

}  // namespace netwright
