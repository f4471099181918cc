#include "designer/sweep/hover_box.h"

#include <QFontMetricsF>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "designer/theme/theme.h"

namespace netwright {

void paint_hover_box(QPainter& painter, const QRectF& room, QPointF at, const QString& heading,
                     const std::vector<std::pair<QString, QString>>& rows) {
  const QFont names = Theme::instance().caption();
  const QFont values = Theme::instance().small_figures();
  const QFontMetricsF name_metrics(names);
  const QFontMetricsF value_metrics(values);
  double name_width = 0;
  double value_width = 0;
  for (const auto& [name, value] : rows) {
    name_width = std::max(name_width, name_metrics.horizontalAdvance(name));
    value_width = std::max(value_width, value_metrics.horizontalAdvance(value));
  }
  const double height = std::ceil(name_metrics.height()) + 2;
  const double width = std::max(name_width + 14 + value_width, name_metrics.horizontalAdvance(heading) + 2);
  QRectF box(0, 0, std::ceil(width) + 16, height * static_cast<double>(rows.size() + 1) + 12);
  const bool is_left = at.x() + 14 + box.width() > room.right();
  box.moveLeft(std::max(room.left(), std::floor(is_left ? at.x() - 14 - box.width() : at.x() + 14)));
  box.moveTop(std::max(room.top(), std::floor(std::min(at.y() - box.height() / 2, room.bottom() - box.height()))));

  painter.save();
  QColor paper = colours().raised;
  paper.setAlphaF(0.97F);
  painter.setPen(QPen(colours().outline, 1));
  painter.setBrush(paper);
  painter.drawRoundedRect(box.translated(0.5, 0.5), 4, 4);
  const QRectF inner = box.adjusted(8, 6, -8, -6);
  painter.setFont(names);
  painter.setPen(colours().muted);
  painter.drawText(QRectF(inner.left(), inner.top(), inner.width(), height), Qt::AlignVCenter, heading);
  double top = inner.top() + height;
  painter.setPen(colours().text);
  for (const auto& [name, value] : rows) {
    const QRectF place(inner.left(), top, inner.width(), height);
    painter.setFont(names);
    painter.drawText(place, Qt::AlignVCenter, name);
    painter.setFont(values);
    painter.drawText(place, Qt::AlignVCenter | Qt::AlignRight, value);
    top += height;
  }
  painter.restore();
}

}  // namespace netwright
