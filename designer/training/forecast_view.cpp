#include "designer/training/forecast_view.h"

#include <QMouseEvent>
#include <QPaintEvent>
#include <QPainter>
#include <QPainterPath>
#include <QScrollArea>
#include <algorithm>
#include <cmath>

#include "designer/theme/theme.h"
#include "designer/training/crosshair.h"

namespace netwright {
namespace {

constexpr double forecast_edge = 10;
constexpr double forecast_gap = 14;
constexpr double forecast_narrowest = 160;
constexpr double lowest = 100;
constexpr double forecast_legend_height = 26;

QColor truth_colour() {
  return series_colour(0);
}

QColor forecast_colour() {
  return series_colour(1);
}

std::vector<LegendEntry> legend() {
  return {{ForecastCharts::tr("past"), {}, colours().muted},
          {ForecastCharts::tr("truth"), {}, truth_colour()},
          {ForecastCharts::tr("forecast"), {}, forecast_colour()}};
}

/// Steps before 0 and after it, together with the last of the past.
Range steps_of(const ForecastSeries& series) {
  const auto after = static_cast<double>(std::max<std::size_t>({series.truth.size(), series.forecast.size(), 1}));
  return {-static_cast<double>(std::max<std::size_t>(series.past.size(), 1)) + 1, after};
}

/// The last value of the past, from which truth and forecast go on.
std::vector<double> continued(const std::vector<double>& past, const std::vector<double>& values) {
  std::vector<double> out;
  out.reserve(values.size() + 1);
  out.push_back(past.empty() ? std::nan("") : past.back());
  out.insert(out.end(), values.begin(), values.end());
  return out;
}

}  // namespace

ForecastCharts::ForecastCharts(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("samples.forecast_charts"));
  setMouseTracking(true);
  connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void ForecastCharts::show_series(std::vector<ForecastSeries> series) {
  series_ = std::move(series);
  fit_height();
  update();
}

void ForecastCharts::set_visible_height(int height) {
  visible_height_ = height;
  fit_height();
}

ForecastCharts::Grid ForecastCharts::grid() const {
  const auto count = static_cast<int>(std::max<std::size_t>(1, series_.size()));
  const double width = this->width() - 2 * forecast_edge;
  const int most = std::clamp(static_cast<int>((width + forecast_gap) / (forecast_narrowest + forecast_gap)), 1, count);
  // Of the numbers of columns that fit, the one whose charts have the pleasantest form.
  Grid best;
  double best_distance = 1e9;
  for (int columns = 1; columns <= most; ++columns) {
    const int rows = (count + columns - 1) / columns;
    const QSizeF chart((width - forecast_gap * (columns - 1)) / columns,
                       std::max(lowest, (visible_height_ - 2 * forecast_edge - forecast_gap * (rows - 1)) / rows));
    const double distance = std::abs(std::log(chart.width() / chart.height() / 2.2)) +
                            (rows * (chart.height() + forecast_gap) > visible_height_ + forecast_gap ? 1 : 0);
    if (distance < best_distance) {
      best = {columns, chart};
      best_distance = distance;
    }
  }
  return best;
}

void ForecastCharts::fit_height() {
  const Grid now = grid();
  const auto rows = static_cast<int>((series_.size() + static_cast<std::size_t>(now.columns) - 1) /
                                     static_cast<std::size_t>(now.columns));
  setMinimumHeight(
      rows > 0 ? static_cast<int>(rows * (now.chart.height() + forecast_gap) - forecast_gap + 2 * forecast_edge) : 0);
}

QRectF ForecastCharts::place(std::size_t index) const {
  const Grid now = grid();
  const int column = static_cast<int>(index) % now.columns;
  const int row = static_cast<int>(index) / now.columns;
  const QPointF corner(forecast_edge + column * (now.chart.width() + forecast_gap),
                       forecast_edge + row * (now.chart.height() + forecast_gap));
  return {QPointF(corner.toPoint()), now.chart};
}

PlotFrame ForecastCharts::frame(std::size_t index) const {
  const ForecastSeries& series = series_[index];
  PlotFrame frame;
  frame.x = steps_of(series);
  Range range;
  bool has_range = false;
  for (const auto* values : {&series.past, &series.truth, &series.forecast}) {
    const Curve curve = curve_of(*values, 0);
    has_range = join_finite_range(curve, {0, static_cast<double>(values->size())}, range, has_range);
  }
  if (has_range) {
    // Not from 0: a series lives where it lives.
    const double air = std::max(range.width() * 0.08, std::max(std::abs(range.high), 1e-9) * 1e-6);
    frame.y = {range.low - air, range.high + air};
  }
  const QRectF whole = place(index);
  const std::vector<Tick> ticks = linear_ticks(frame.y, std::max(2, static_cast<int>(whole.height() / 32)));
  const double left = std::ceil(figures_width(ticks, {})) + 8;
  frame.area = QRectF(QPointF(whole.left() + left, whole.top() + caption_height() + 4),
                      QPointF(whole.right() - 6, whole.bottom() - caption_height() - 6));
  return frame;
}

void ForecastCharts::paint_line(QPainter& painter, const PlotFrame& frame, const std::vector<double>& values, int from,
                                const QPen& pen) const {
  const int columns = std::max(1, static_cast<int>(frame.area.width() * devicePixelRatioF()));
  painter.setPen(pen);
  for (const Curve& piece : decimate(curve_of(values, from), frame.x, columns).segments) {
    QPolygonF line;
    for (std::size_t i = 0; i < piece.size(); ++i) line << QPointF(frame.to_x(piece.x[i]), frame.to_y(piece.y[i]));
    line.size() == 1 ? painter.drawPoint(line.front()) : painter.drawPolyline(line);
  }
}

void ForecastCharts::paint_chart(QPainter& painter, std::size_t index) const {
  const ForecastSeries& series = series_[index];
  const QRectF whole = place(index);
  const PlotFrame now = frame(index);
  painter.save();
  painter.translate(whole.left(), 0);  // figures of the axis stand left of the plot, within the chart
  PlotFrame shifted = now;
  shifted.area.translate(-whole.left(), 0);
  const auto x_ticks = linear_ticks(now.x, std::max(2, static_cast<int>(now.area.width() / 40)));
  const auto y_ticks = linear_ticks(now.y, std::max(2, static_cast<int>(now.area.height() / 22)));
  paint_grid(painter, shifted, x_ticks, y_ticks, {});
  painter.restore();

  painter.setFont(Theme::instance().caption());
  painter.setPen(colours().text);
  const QString name = series.name.isEmpty() ? tr("series %1").arg(index + 1) : series.name;
  painter.drawText(QRectF(now.area.left(), whole.top(), now.area.width(), caption_height()), Qt::AlignVCenter,
                   QFontMetricsF(painter.font()).elidedText(name, Qt::ElideRight, now.area.width()));

  painter.setRenderHint(QPainter::Antialiasing);
  QPen present(colours().faint, 1, Qt::DashLine);
  present.setCosmetic(true);
  painter.setPen(present);
  const double x = std::floor(now.to_x(0)) + 0.5;
  painter.drawLine(QPointF(x, now.area.top()), QPointF(x, now.area.bottom()));
  const auto pen = [](const QColor& colour, double width) {
    return QPen(colour, width, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
  };
  const int begin = 1 - static_cast<int>(series.past.size());
  paint_line(painter, now, series.past, begin, pen(colours().muted, 1.2));
  // A good forecast covers the truth: that one is broader, so that it is still seen.
  QColor broad = truth_colour();
  broad.setAlphaF(0.55F);
  paint_line(painter, now, continued(series.past, series.truth), 0, pen(broad, 4));
  paint_line(painter, now, continued(series.past, series.forecast), 0, pen(forecast_colour(), 1.6));
  if (!now.area.contains(hover_)) return;

  const auto step = static_cast<std::int64_t>(std::llround(now.from_x(hover_.x())));
  std::vector<HoverRow> rows;
  const auto add = [&](LegendEntry entry, const std::vector<double>& values, std::int64_t first) {
    const std::int64_t at = step - first;
    if (at < 0 || at >= static_cast<std::int64_t>(values.size())) return;
    const double value = values[static_cast<std::size_t>(at)];
    entry.value = QString::fromStdString(figure_text(value));
    HoverRow row{entry, {}};
    if (std::isfinite(value)) row.points.emplace_back(now.to_x(static_cast<double>(step)), now.to_y(value));
    rows.push_back(row);
  };
  const std::vector<LegendEntry> entries = legend();
  add(entries[0], series.past, begin);
  add(entries[1], series.truth, 1);
  add(entries[2], series.forecast, 1);
  if (!rows.empty()) {
    paint_crosshair(painter, now, now.to_x(static_cast<double>(step)), tr("step %1").arg(step), rows);
  }
}

void ForecastCharts::paintEvent(QPaintEvent* event) {
  QPainter painter(this);
  painter.fillRect(event->rect(), colours().surface);
  if (series_.empty()) {
    painter.setFont(Theme::instance().caption());
    painter.setPen(colours().faint);
    painter.drawText(rect(), Qt::AlignCenter, tr("No series"));
    return;
  }
  std::size_t hovered = series_.size();
  for (std::size_t i = 0; i < series_.size(); ++i) {
    const QRectF whole = place(i);
    if (whole.contains(hover_)) {
      hovered = i;
    } else if (whole.intersects(QRectF(event->rect()))) {
      paint_chart(painter, i);
    }
  }
  if (hovered < series_.size()) paint_chart(painter, hovered);  // its box may reach over its neighbours
}

void ForecastCharts::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  if (event->size().width() != event->oldSize().width()) fit_height();
}

void ForecastCharts::mouseMoveEvent(QMouseEvent* event) {
  hover_ = event->position();
  update();
}

void ForecastCharts::leaveEvent(QEvent* /*event*/) {
  hover_ = {-1, -1};
  update();
}

ForecastView::ForecastView(QWidget* parent)
    : SampleView(parent), charts_(new ForecastCharts), scroll_(new QScrollArea(this)) {
  setMinimumSize(180, 140);
  setFocusPolicy(Qt::StrongFocus);
  scroll_->setWidget(charts_);
  scroll_->setWidgetResizable(true);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll_->setFocusPolicy(Qt::NoFocus);
  connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void ForecastView::show_content(std::shared_ptr<const SampleContent> content, const SampleMoment& /*moment*/) {
  if (const auto* forecasts = std::get_if<Forecasts>(content.get())) charts_->show_series(forecasts->series);
}

void ForecastView::resizeEvent(QResizeEvent* event) {
  SampleView::resizeEvent(event);
  scroll_->setGeometry(rect().adjusted(0, static_cast<int>(forecast_legend_height), 0, 0));
  charts_->set_visible_height(scroll_->height());
}

void ForecastView::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.fillRect(rect(), colours().surface);
  painter.setRenderHint(QPainter::Antialiasing);
  paint_legend(painter, QRectF(forecast_edge, 4, width() - 2 * forecast_edge, forecast_legend_height - 4), legend());
}

}  // namespace netwright
