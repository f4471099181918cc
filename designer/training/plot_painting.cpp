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

constexpr double wide_gap = 14;
constexpr double narrow_gap = 6;
constexpr double least_name = 48;

}  // namespace

void paint_swatch(QPainter& painter, QPointF left_middle, const LegendEntry& entry) {
  QPen pen(entry.colour, 2, Qt::SolidLine, entry.is_dashed ? Qt::FlatCap : Qt::RoundCap);
  if (entry.is_dashed) pen.setDashPattern({2, 1.5});
  painter.setPen(pen);
  painter.drawLine(left_middle + QPointF(1, 0), left_middle + QPointF(swatch_width - 1, 0));
  paint_marker(painter, left_middle + QPointF(swatch_width / 2, 0), entry);
}

bool is_colour_again(std::size_t series) {
  return series / std::size(colours().series) % 2 == 1;
}

double figures_width(const std::vector<Tick>& ticks, const QString& unit) {
  const QFontMetricsF metrics(Theme::instance().small_figures());
  double width = 0;
  for (const Tick& tick : ticks) width = std::max(width, metrics.horizontalAdvance(text_of(tick, unit)));
  return width;
}

void paint_grid(QPainter& painter, const PlotFrame& frame, const std::vector<Tick>& x, const std::vector<Tick>& y,
                const QString& unit, const QString& x_unit) {
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
    const QString text = text_of(tick, x_unit);
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

}  // namespace netwright
