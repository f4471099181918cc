#include "designer/training/plot_painting.h"

#include <QFontMetricsF>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "designer/theme/theme.h"

namespace netwright {
namespace {

/// The middle of a device pixel, where a hairline is one pixel sharp.
double sharp(double at) {
  return std::floor(at) + 0.5;
}

QPen hairline(const QColor& colour, Qt::PenStyle style = Qt::SolidLine) {
  QPen pen(colour, 1, style);
  pen.setCosmetic(true);
  return pen;
}

QString text_of(const Tick& tick, const QString& unit) {
  return QString::fromStdString(tick.text) + unit;
}

constexpr double swatch_width = 14;
constexpr double wide_gap = 14;
constexpr double narrow_gap = 6;
constexpr double least_name = 48;

void paint_swatch(QPainter& painter, QPointF left_middle, const LegendEntry& entry) {
  painter.setPen(QPen(entry.colour, 2, Qt::SolidLine, Qt::RoundCap));
  painter.drawLine(left_middle + QPointF(1, 0), left_middle + QPointF(swatch_width - 1, 0));
  paint_marker(painter, left_middle + QPointF(swatch_width / 2, 0), entry);
}

}  // namespace

double figures_width(const std::vector<Tick>& ticks, const QString& unit) {
  const QFontMetricsF metrics(Theme::instance().small_figures());
  double width = 0;
  for (const Tick& tick : ticks) width = std::max(width, metrics.horizontalAdvance(text_of(tick, unit)));
  return width;
}

void paint_grid(QPainter& painter, const PlotFrame& frame, const std::vector<Tick>& x, const std::vector<Tick>& y,
                const QString& unit) {
  const QRectF& area = frame.area;
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setPen(hairline(colours().grid));
  for (const Tick& tick : y) {
    const double at = sharp(frame.to_y(tick.at));
    painter.drawLine(QPointF(area.left(), at), QPointF(area.right(), at));
  }
  painter.setPen(hairline(colours().outline));
  painter.drawLine(QPointF(area.left(), sharp(area.bottom())), QPointF(area.right(), sharp(area.bottom())));
  for (const Tick& tick : x) {
    const double at = sharp(frame.to_x(tick.at));
    painter.drawLine(QPointF(at, area.bottom()), QPointF(at, area.bottom() + 3));
  }

  painter.setFont(Theme::instance().small_figures());
  painter.setPen(colours().muted);
  const QFontMetricsF metrics(painter.font());
  for (const Tick& tick : y) {
    const QRectF place(0, frame.to_y(tick.at) - metrics.height() / 2, area.left() - 6, metrics.height());
    painter.drawText(place, Qt::AlignRight | Qt::AlignVCenter, text_of(tick, unit));
  }
  for (const Tick& tick : x) {
    const QString text = text_of(tick, {});
    const double width = metrics.horizontalAdvance(text) + 4;
    const double left = std::min(frame.to_x(tick.at) - width / 2, area.right() + 6 - width);
    painter.drawText(QRectF(left, area.bottom() + 4, width, metrics.height()), Qt::AlignCenter, text);
  }
  painter.restore();
}

void paint_marker(QPainter& painter, QPointF at, const LegendEntry& look) {
  if (look.shape == MarkerShape::None) return;
  painter.setPen(QPen(look.colour, 1.5));
  painter.setBrush(colours().surface);
  if (look.shape == MarkerShape::Disc) {
    painter.drawEllipse(at, 3, 3);
  } else {
    painter.drawRect(QRectF(at.x() - 2.75, at.y() - 2.75, 5.5, 5.5));
  }
  painter.setBrush(Qt::NoBrush);
}

namespace {

double width_of(const LegendEntry& entry, double gap) {
  const double value =
      entry.value.isEmpty() ? 0 : QFontMetricsF(Theme::instance().small_figures()).horizontalAdvance(entry.value) + 5;
  return swatch_width + 5 + QFontMetricsF(Theme::instance().caption()).horizontalAdvance(entry.name) + value + gap;
}

double width_of(const std::vector<LegendEntry>& entries, double gap) {
  return std::accumulate(entries.begin(), entries.end(), -gap,
                         [gap](double sum, const LegendEntry& entry) { return sum + width_of(entry, gap); });
}

/// Names end in `…` where all don't fit, and the last entries go where that would leave nothing to read.
void shorten_names(std::vector<LegendEntry>& entries, double room) {
  const QFontMetricsF metrics(Theme::instance().caption());
  const auto total = [&](double most) {
    return std::accumulate(entries.begin(), entries.end(), -narrow_gap, [&](double sum, const LegendEntry& entry) {
      return sum + swatch_width + 5 + std::min(most, metrics.horizontalAdvance(entry.name)) + narrow_gap;
    });
  };
  while (!entries.empty() && total(least_name) > room) entries.pop_back();
  double most = room;
  while (most > least_name && total(most) > room) --most;
  for (LegendEntry& entry : entries) entry.name = metrics.elidedText(entry.name, Qt::ElideRight, std::ceil(most));
}

}  // namespace

double legend_width(const std::vector<LegendEntry>& entries) {
  std::vector<LegendEntry> bare = entries;
  for (LegendEntry& entry : bare) entry.value.clear();
  return width_of(bare, narrow_gap);
}

void paint_legend(QPainter& painter, const QRectF& place, std::vector<LegendEntry> entries) {
  const QFont names = Theme::instance().caption();
  const QFont values = Theme::instance().small_figures();
  double gap = wide_gap;
  const auto total = [&] { return width_of(entries, gap); };
  if (total() > place.width()) {
    for (LegendEntry& entry : entries) entry.value.clear();
  }
  if (total() > place.width()) {
    gap = narrow_gap;
    shorten_names(entries, place.width());
  }
  double left = place.right() - total();
  for (const LegendEntry& entry : entries) {
    paint_swatch(painter, QPointF(left, place.center().y()), entry);
    painter.setFont(names);
    painter.setPen(colours().muted);
    const QRectF rest(left + swatch_width + 5, place.top(), width_of(entry, gap), place.height());
    painter.drawText(rest, Qt::AlignVCenter, entry.name);
    painter.setFont(values);
    painter.setPen(colours().text);
    painter.drawText(rest.adjusted(QFontMetricsF(names).horizontalAdvance(entry.name) + 5, 0, 0, 0), Qt::AlignVCenter,
                     entry.value);
    left += width_of(entry, gap);
  }
}

void paint_marks(QPainter& painter, const PlotFrame& frame, const std::vector<ChartMark>& marks, bool are_low) {
  painter.setFont(Theme::instance().caption());
  const QFontMetricsF metrics(painter.font());
  double row_ends[] = {-1e9, -1e9, -1e9};
  for (const ChartMark& mark : marks) {
    if (!frame.x.contains(mark.x)) continue;
    const double at = sharp(frame.to_x(mark.x));
    painter.setPen(hairline(mark.is_warning ? colours().warning : colours().faint, Qt::DashLine));
    painter.drawLine(QPointF(at, frame.area.top()), QPointF(at, frame.area.bottom()));
    const double width = metrics.horizontalAdvance(mark.text) + 6;
    const bool is_left = at + width + 4 > frame.area.right();
    const double left = is_left ? at - width - 2 : at + 2;
    auto* const row = std::find_if(std::begin(row_ends), std::end(row_ends), [&](double end) { return left > end; });
    if (row == std::end(row_ends)) continue;
    *row = left + width;
    const double row_height = metrics.height() + 1;
    const auto number = static_cast<double>(row - row_ends);
    const double top =
        are_low ? frame.area.bottom() - 2 - (number + 1) * row_height : frame.area.top() + 2 + number * row_height;
    const QRectF place(left, top, width, metrics.height());
    QColor under = colours().surface;
    under.setAlphaF(0.8F);
    painter.fillRect(place, under);
    painter.setPen(mark.is_warning ? colours().warning : colours().muted);
    painter.drawText(place, Qt::AlignCenter, mark.text);
  }
}

void paint_gaps(QPainter& painter, const PlotFrame& frame, const std::vector<double>& gaps) {
  painter.setPen(QPen(colours().error, 1.5, Qt::SolidLine, Qt::RoundCap));
  double last = -1e9;
  for (const double gap : gaps) {
    const QPointF at(frame.to_x(gap), frame.area.top() + 5);
    if (at.x() - last < 7) continue;
    last = at.x();
    painter.drawLine(at + QPointF(-2.5, -2.5), at + QPointF(2.5, 2.5));
    painter.drawLine(at + QPointF(-2.5, 2.5), at + QPointF(2.5, -2.5));
  }
}

void paint_crosshair(QPainter& painter, const PlotFrame& frame, double pixel_x, const QString& heading,
                     const std::vector<HoverRow>& rows) {
  const double line = sharp(pixel_x);
  painter.setPen(hairline(colours().muted));
  painter.drawLine(QPointF(line, frame.area.top()), QPointF(line, frame.area.bottom()));
  for (const HoverRow& row : rows) {
    if (!frame.area.adjusted(-1, -1, 1, 1).contains(row.at)) continue;
    painter.setPen(QPen(colours().surface, 1.5));
    painter.setBrush(row.entry.colour);
    painter.drawEllipse(row.at, 4, 4);
    painter.setBrush(Qt::NoBrush);
  }

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
  const double width =
      std::max(swatch_width + 6 + name_width + 12 + value_width, value_metrics.horizontalAdvance(heading));
  QRectF box(0, 0, width + 16, row_height * static_cast<double>(rows.size() + 1) + 12);
  const bool is_left = pixel_x + 12 + box.width() > frame.area.right();
  box.moveTo(is_left ? pixel_x - 12 - box.width() : pixel_x + 12, frame.area.top() + 4);
  box.moveLeft(std::max(2.0, std::floor(box.left())));

  QColor paper = colours().raised;
  paper.setAlphaF(0.96F);
  painter.setPen(QPen(colours().outline, 1));
  painter.setBrush(paper);
  painter.drawRoundedRect(box.translated(0.5, 0.5), 4, 4);
  painter.setBrush(Qt::NoBrush);

  const QRectF inner = box.adjusted(8, 6, -8, -6);
  painter.setFont(values);
  painter.setPen(colours().muted);
  painter.drawText(QRectF(inner.left(), inner.top(), inner.width(), row_height), Qt::AlignVCenter, heading);
  double top = inner.top() + row_height;
  for (const HoverRow& row : rows) {
    const QRectF place(inner.left(), top, inner.width(), row_height);
    paint_swatch(painter, QPointF(place.left(), place.center().y()), row.entry);
    painter.setFont(names);
    painter.setPen(colours().text);
    painter.drawText(place.adjusted(swatch_width + 6, 0, 0, 0), Qt::AlignVCenter, row.entry.name);
    painter.setFont(values);
    painter.drawText(place, Qt::AlignVCenter | Qt::AlignRight, row.entry.value);
    top += row_height;
  }
}

}  // namespace netwright
