#include "designer/training/crosshair.h"

#include <QFontMetricsF>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr double box_padding = 8;
constexpr double column_gap = 14;
constexpr double value_gap = 12;
constexpr double name_left = swatch_width + 6;
constexpr double least_hover_name = 30;
constexpr double room_below = 18;  // the axis' figures may be covered

void paint_points(QPainter& painter, const PlotFrame& frame, double pixel_x, const std::vector<HoverRow>& rows) {
  QPen line(colours().muted, 1);
  line.setCosmetic(true);
  painter.setPen(line);
  const double at = std::floor(pixel_x) + 0.5;
  painter.drawLine(QPointF(at, frame.area.top()), QPointF(at, frame.area.bottom()));
  for (const HoverRow& row : rows) {
    for (const QPointF& point : row.points) {
      if (!frame.area.adjusted(-1, -1, 1, 1).contains(point)) continue;
      painter.setPen(QPen(colours().surface, 1.5));
      painter.setBrush(row.entry.colour);
      painter.drawEllipse(point, 4, 4);
      painter.setBrush(Qt::NoBrush);
    }
  }
}

}  // namespace

void paint_crosshair(QPainter& painter, const PlotFrame& frame, double pixel_x, const QString& heading,
                     const std::vector<HoverRow>& rows) {
  paint_points(painter, frame, pixel_x, rows);
  const QFont names = Theme::instance().caption();
  const QFont values = Theme::instance().small_figures();
  const QFontMetricsF name_metrics(names);
  const QFontMetricsF value_metrics(values);
  double name_width = 0;
  double value_width = 0;
  for (const HoverRow& row : rows) {
    name_width = std::max(name_width, name_metrics.horizontalAdvance(row.entry.name));
    value_width = std::max(value_width, value_metrics.horizontalAdvance(row.entry.value));
  }
  const double row_height = std::ceil(name_metrics.height()) + 2;
  const double room = frame.area.bottom() + room_below - 4;
  const int most_rows = std::max(1, static_cast<int>((room - 12) / row_height) - 1);
  const int count = static_cast<int>(rows.size());
  const int columns = std::max(1, (count + most_rows - 1) / most_rows);
  const int lines = (count + columns - 1) / columns;
  const auto width_of_columns = [&] {
    return columns * (name_left + name_width + value_gap + value_width) + (columns - 1) * column_gap;
  };
  const double most_width = frame.area.right() - 2 * box_padding - 4;
  name_width = std::max(std::min(name_width, least_hover_name),
                        std::min(name_width, name_width - (width_of_columns() - most_width) / columns));
  const double width = std::max(width_of_columns(), std::ceil(value_metrics.horizontalAdvance(heading)));
  const double column_width = (width - (columns - 1) * column_gap) / columns;

  QRectF box(0, 0, width + 2 * box_padding, row_height * (lines + 1) + 12);
  const bool is_left = pixel_x + 12 + box.width() > frame.area.right();
  box.moveTo(is_left ? pixel_x - 12 - box.width() : pixel_x + 12,
             std::clamp(room + 2 - box.height(), 2.0, frame.area.top() + 4));
  box.moveLeft(std::max(2.0, std::floor(box.left())));

  QColor paper = colours().raised;
  paper.setAlphaF(0.96F);
  painter.setPen(QPen(colours().outline, 1));
  painter.setBrush(paper);
  painter.drawRoundedRect(box.translated(0.5, 0.5), 4, 4);
  painter.setBrush(Qt::NoBrush);

  const QRectF inner = box.adjusted(box_padding, 6, -box_padding, -6);
  painter.setFont(values);
  painter.setPen(colours().muted);
  painter.drawText(QRectF(inner.left(), inner.top(), inner.width(), row_height), Qt::AlignVCenter, heading);
  for (int i = 0; i < count; ++i) {
    const LegendEntry& entry = rows[static_cast<std::size_t>(i)].entry;
    const int column = i / lines;
    const QRectF place(inner.left() + column * (column_width + column_gap), inner.top() + (1 + i % lines) * row_height,
                       column_width, row_height);
    paint_swatch(painter, QPointF(place.left(), place.center().y()), entry);
    painter.setFont(names);
    painter.setPen(colours().text);
    painter.drawText(place.adjusted(name_left, 0, 0, 0), Qt::AlignVCenter,
                     name_metrics.elidedText(entry.name, Qt::ElideRight, std::ceil(name_width)));
    painter.setFont(values);
    painter.drawText(place, Qt::AlignVCenter | Qt::AlignRight, entry.value);
  }
}

}  // namespace netwright
