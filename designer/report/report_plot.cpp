#include "designer/report/report_plot.h"

#include <QFontMetricsF>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr double plot_margin_right = 14;
constexpr double name_gap = 14;
constexpr double name_swatch = 12;
constexpr int bar_row = 26;

double shown_value(const ReportChart& chart, double value) {
  return chart.is_share ? 100 * value : value;
}

QString unit_of_chart(const ReportChart& chart) {
  return chart.is_share ? QStringLiteral(" %") : QString();
}

bool has_share_axis(const ReportChart& chart) {
  return chart.is_share && chart.x_high == 1.0;
}

}  // namespace

ReportPlot::ReportPlot(ReportChart chart, QWidget* parent) : QWidget(parent), chart_(std::move(chart)) {
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  setAccessibleName(QString::fromStdString(chart_.title));
  // One line alone is named by the title.
  if (chart_.series.size() == 1) chart_.series.front().name.clear();
  connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

double ReportPlot::paint_names(QPainter* painter) const {
  const QFont font = Theme::instance().caption();
  const QFontMetricsF metrics(font);
  double left = 0;
  double top = 0;
  bool has_names = false;
  for (const ReportSeries& series : chart_.series) {
    if (series.name.empty() || series.is_faint) continue;
    has_names = true;
    const QString name = metrics.elidedText(QString::fromStdString(series.name), Qt::ElideRight, width() - 40.0);
    const double wide = name_swatch + 5 + metrics.horizontalAdvance(name);
    if (left > 0 && left + wide > width()) {
      left = 0;
      top += metrics.height() + 2;
    }
    if (painter) {
      const double middle = top + metrics.height() / 2;
      painter->setPen(QPen(series_colour(series.colour), 2.5, Qt::SolidLine, Qt::RoundCap));
      painter->drawLine(QPointF(left + 1, middle), QPointF(left + name_swatch - 1, middle));
      painter->setPen(colours().muted);
      painter->setFont(font);
      painter->drawText(QRectF(left + name_swatch + 5, top, wide, metrics.height()), Qt::AlignVCenter, name);
    }
    left += wide + name_gap;
  }
  return has_names ? top + metrics.height() + 6 : 0;
}

double ReportPlot::legend_height() const {
  return paint_names(nullptr);
}

PlotFrame ReportPlot::frame() const {
  Range x;
  Range y;
  bool has_range = false;
  for (const ReportSeries& series : chart_.series) {
    for (const PlotPoint& point : series.points) {
      const double value = shown_value(chart_, point.y);
      if (!std::isfinite(point.x) || !std::isfinite(value)) continue;
      x = has_range ? Range{std::min(x.low, point.x), std::max(x.high, point.x)} : Range{point.x, point.x};
      y = has_range ? Range{std::min(y.low, value), std::max(y.high, value)} : Range{value, value};
      has_range = true;
    }
  }
  if (!has_range) x = y = {0, 1};
  y = with_air(y, false);
  if (chart_.is_share) y = {std::max(0.0, y.low), std::min(100.0, y.high)};
  if (chart_.x_low) x.low = *chart_.x_low;
  if (chart_.x_high) x.high = *chart_.x_high;
  if (chart_.y_low) y.low = shown_value(chart_, *chart_.y_low);
  if (chart_.y_high) y.high = shown_value(chart_, *chart_.y_high);
  if (!(x.width() > 0)) x.high = x.low + 1;
  if (!(y.width() > 0)) y.high = y.low + 1;
  const double line = QFontMetricsF(Theme::instance().small_figures()).height();
  const double left = figures_width(linear_ticks(y, 5), unit_of_chart(chart_)) + 10;
  const double top = legend_height() + 4;
  return {{left, top, width() - left - plot_margin_right, std::max(20.0, height() - top - 2 * line - 10)}, x, y};
}

std::vector<HoverRow> ReportPlot::rows_at(double x, const PlotFrame& frame) const {
  std::vector<HoverRow> rows;
  for (const ReportSeries& series : chart_.series) {
    if (series.points.empty() || (series.is_faint && chart_.series.size() > 1)) continue;
    const auto nearest =
        std::min_element(series.points.begin(), series.points.end(),
                         [x](const PlotPoint& a, const PlotPoint& b) { return std::abs(a.x - x) < std::abs(b.x - x); });
    if (!std::isfinite(nearest->y)) continue;
    HoverRow row;
    row.entry.name = QString::fromStdString(series.name);
    row.entry.value = QString::fromStdString(tick_words(nearest->y, chart_.is_share));
    row.entry.colour = series_colour(series.colour);
    row.entry.shape = MarkerShape::Disc;
    row.points = {QPointF(frame.to_x(nearest->x), frame.to_y(shown_value(chart_, nearest->y)))};
    rows.push_back(std::move(row));
  }
  return rows;
}

QStringList ReportPlot::words_at(QPoint position) const {
  const PlotFrame place = frame();
  if (!place.area.contains(position)) return {};
  QStringList words;
  for (const HoverRow& row : rows_at(place.from_x(position.x()), place)) {
    words << (row.entry.name.isEmpty() ? row.entry.value : row.entry.name + QLatin1Char(' ') + row.entry.value);
  }
  return words;
}

void ReportPlot::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  paint_names(&painter);
  const PlotFrame place = frame();
  // Ticks of a share's axis are shares of 100.
  std::vector<Tick> x_ticks = linear_ticks(place.x, static_cast<int>(std::clamp(place.area.width() / 70, 2.0, 8.0)));
  if (has_share_axis(chart_)) {
    for (Tick& tick : x_ticks) tick.text = tick_words(tick.at, true);
  }
  const double line = QFontMetricsF(Theme::instance().small_figures()).height();
  const int y_count = static_cast<int>(std::clamp(place.area.height() / 32, 2.0, 6.0));
  paint_grid(painter, place, x_ticks, linear_ticks(place.y, y_count), unit_of_chart(chart_));
  painter.setFont(Theme::instance().caption());
  painter.setPen(colours().muted);
  painter.drawText(QRectF(place.area.left(), place.area.bottom() + line + 5, place.area.width(), line + 3),
                   Qt::AlignHCenter | Qt::AlignTop, QString::fromStdString(chart_.x_title));
  if (chart_.has_diagonal) {
    painter.setPen(QPen(colours().faint, 1, Qt::DashLine));
    painter.drawLine(QPointF(place.to_x(place.x.low), place.to_y(place.y.low)),
                     QPointF(place.to_x(place.x.high), place.to_y(place.y.high)));
  }
  painter.setClipRect(place.area.adjusted(-4, -4, 4, 4));
  for (const bool is_faint : {true, false}) {
    for (const ReportSeries& series : chart_.series) {
      if (series.is_faint != is_faint) continue;
      QPainterPath path;
      std::vector<QPointF> dots;
      bool is_on = false;
      for (const PlotPoint& point : series.points) {
        const double value = shown_value(chart_, point.y);
        if (!std::isfinite(point.x) || !std::isfinite(value)) {
          is_on = false;
          continue;
        }
        const QPointF at(place.to_x(point.x), place.to_y(value));
        is_on ? path.lineTo(at) : path.moveTo(at);
        is_on = true;
        if (series.has_marks || series.points.size() == 1) dots.push_back(at);
      }
      QColor colour = series_colour(series.colour);
      if (is_faint) colour.setAlphaF(0.32F);
      painter.setPen(QPen(colour, is_faint ? 1 : 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
      painter.setBrush(Qt::NoBrush);
      painter.drawPath(path);
      painter.setPen(QPen(colours().surface, 1));
      painter.setBrush(colour);
      for (const QPointF& dot : dots) painter.drawEllipse(dot, 3, 3);
    }
  }
  painter.setClipping(false);
  if (!pointer_ || !place.area.contains(*pointer_)) return;
  const double x = place.from_x(pointer_->x());
  const QString heading =
      QStringLiteral("%1 %2").arg(QString::fromStdString(chart_.x_title).section(QLatin1Char(','), 0, 0),
                                  QString::fromStdString(tick_words(x, has_share_axis(chart_))));
  paint_crosshair(painter, place, pointer_->x(), heading, rows_at(x, place));
}

void ReportPlot::mouseMoveEvent(QMouseEvent* event) {
  pointer_ = event->pos();
  update();
}

void ReportPlot::leaveEvent(QEvent* /*event*/) {
  pointer_.reset();
  update();
}

ReportBarsView::ReportBarsView(ReportBars bars, QWidget* parent) : QWidget(parent), bars_(std::move(bars)) {
  setAccessibleName(QString::fromStdString(bars_.title));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

QSize ReportBarsView::sizeHint() const {
  return {360, bar_row * static_cast<int>(bars_.rows.size()) + 4};
}

QSize ReportBarsView::minimumSizeHint() const {
  return {200, 18 * static_cast<int>(bars_.rows.size())};
}

void ReportBarsView::paintEvent(QPaintEvent* /*event*/) {
  if (bars_.rows.empty()) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QFontMetricsF names(Theme::instance().caption());
  const QFontMetricsF figures(Theme::instance().small_figures());
  double name_width = 0;
  for (const ReportBars::Row& row : bars_.rows) {
    name_width = std::max(name_width, names.horizontalAdvance(QString::fromStdString(row.name)));
  }
  name_width = std::min(name_width, width() * 0.36);
  const double value_width = figures.horizontalAdvance(QStringLiteral("100.0 %")) + 6;
  const double left = name_width + 10;
  const double span = std::max(10.0, width() - left - value_width - 8);
  const double each = std::min<double>(36, static_cast<double>(height()) / static_cast<double>(bars_.rows.size()));
  for (std::size_t i = 0; i < bars_.rows.size(); ++i) {
    const ReportBars::Row& row = bars_.rows[i];
    const double value = row.values.empty() ? 0 : std::clamp(row.values.front(), 0.0, 1.0);
    const QRectF line(0, each * static_cast<double>(i), width(), each);
    painter.setFont(Theme::instance().caption());
    painter.setPen(colours().text);
    painter.drawText(QRectF(0, line.top(), name_width, each), Qt::AlignRight | Qt::AlignVCenter,
                     names.elidedText(QString::fromStdString(row.name), Qt::ElideRight, name_width));
    const QRectF track(left, line.center().y() - 4.5, span, 9);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colours().grid);
    painter.drawRoundedRect(track, 3, 3);
    painter.setBrush(series_colour(0));
    painter.drawRoundedRect(QRectF(track.topLeft(), QSizeF(std::max(2.0, span * value), 9)), 3, 3);
    painter.setFont(Theme::instance().small_figures());
    painter.setPen(colours().muted);
    painter.drawText(QRectF(width() - value_width, line.top(), value_width, each), Qt::AlignRight | Qt::AlignVCenter,
                     QStringLiteral("%1 %").arg(100 * value, 0, 'f', 1));
  }
}

}  // namespace netwright
