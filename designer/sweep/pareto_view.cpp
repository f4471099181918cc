#include "designer/sweep/pareto_view.h"

#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "designer/sweep/hover_box.h"
#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr double point_reach = 11;
constexpr double pareto_edge = 10;
constexpr double tick_pitch = 76;  // pixels that a figure below the plot takes

/// With room around the outermost points for their discs and names.
Range with_room(Range range) {
  const double air = range.width() * 0.07;
  return {range.low - air, range.high + air};
}

/// Ticks that don't run into each other, the first ones going before the others.
std::vector<Tick> spread_out(std::vector<Tick> ticks, const PlotFrame& frame) {
  const QFontMetricsF metrics(Theme::instance().small_figures());
  std::vector<Tick> kept;
  double end = -1e9;
  for (Tick& tick : ticks) {
    const double half = metrics.horizontalAdvance(QString::fromStdString(tick.text)) / 2;
    if (frame.to_x(tick.at) - half < end + 10) continue;
    end = frame.to_x(tick.at) + half;
    kept.push_back(std::move(tick));
  }
  return kept;
}

}  // namespace

ParetoView::ParetoView(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("sweep.pareto"));
  setAccessibleName(tr("Runs by their result and what it costs"));
  setMouseTracking(true);
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    lay_out();
    update();
  });
}

void ParetoView::show_runs(PlotAxis cost, PlotAxis main, std::vector<RunLook> looks, std::vector<bool> front,
                           bool is_higher_better) {
  cost_ = std::move(cost);
  main_ = std::move(main);
  looks_ = std::move(looks);
  front_ = std::move(front);
  is_higher_better_ = is_higher_better;
  if (hovered_ >= static_cast<int>(looks_.size())) set_hovered(-1);
  if (highlighted_ >= static_cast<int>(looks_.size())) highlighted_ = -1;
  lay_out();
  update();
}

void ParetoView::set_kept(std::vector<bool> kept) {
  kept_ = std::move(kept);
  update();
}

void ParetoView::set_highlighted(int run) {
  highlighted_ = run;
  update();
}

void ParetoView::resizeEvent(QResizeEvent* /*event*/) {
  lay_out();
}

void ParetoView::lay_out() {
  frame_.x = with_room(cost_.range);
  frame_.y = with_room(main_.range);
  y_ticks_.clear();
  for (const Tick& tick : main_.ticks) {
    if (frame_.y.contains(tick.at)) y_ticks_.push_back(tick);
  }
  const double line = caption_height();
  const double left = std::ceil(figures_width(y_ticks_, {})) + 14;
  frame_.area = QRectF(rect()).adjusted(left, pareto_edge + line + 2, -pareto_edge - 6, -2 * line - 12);
  x_ticks_ = cost_.ticks;
  const int fitting = std::max(2, static_cast<int>(frame_.area.width() / tick_pitch));
  if (static_cast<int>(x_ticks_.size()) > fitting) x_ticks_.resize(static_cast<std::size_t>(x_ticks_.size()));
  x_ticks_ = spread_out(std::move(x_ticks_), frame_);
}

bool ParetoView::has_point(std::size_t run) const {
  return run < cost_.places.size() && std::isfinite(cost_.places[run]) && std::isfinite(main_.places[run]);
}

QPointF ParetoView::place(std::size_t run) const {
  return {frame_.to_x(cost_.places[run]), frame_.to_y(main_.places[run])};
}

QPolygonF ParetoView::staircase() const {
  std::vector<std::size_t> runs;
  for (std::size_t run = 0; run < looks_.size(); ++run) {
    if (has_point(run) && front_[run]) runs.push_back(run);
  }
  std::sort(runs.begin(), runs.end(), [&](std::size_t a, std::size_t b) { return cost_.places[a] < cost_.places[b]; });
  QPolygonF steps;
  for (const std::size_t run : runs) {
    const QPointF at = place(run);
    if (!steps.isEmpty() && steps.back() == at) continue;  // a tie
    if (!steps.isEmpty()) steps << QPointF(at.x(), steps.back().y());
    steps << at;
  }
  return steps;
}

int ParetoView::run_near(QPointF at) const {
  int nearest = -1;
  double least = point_reach;
  for (std::size_t run = 0; run < looks_.size(); ++run) {
    if (!has_point(run)) continue;
    const QPointF away = place(run) - at;
    const double distance = std::hypot(away.x(), away.y());
    if (distance >= least) continue;
    least = distance;
    nearest = static_cast<int>(run);
  }
  return nearest;
}

void ParetoView::set_hovered(int run) {
  if (run == hovered_) return;
  hovered_ = run;
  setCursor(run >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
  update();
  emit hovered_changed(run);
}

void ParetoView::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.fillRect(rect(), colours().surface);
  painter.setRenderHint(QPainter::Antialiasing);
  const bool has_points = [&] {
    for (std::size_t run = 0; run < looks_.size(); ++run) {
      if (has_point(run)) return true;
    }
    return false;
  }();
  if (!has_points) {
    painter.setPen(colours().muted);
    painter.drawText(rect(), Qt::AlignCenter, tr("No run has finished an epoch yet"));
    return;
  }
  paint_grid(painter, frame_, x_ticks_, y_ticks_, {});
  painter.setFont(Theme::instance().caption());
  painter.setPen(colours().muted);
  const double line = caption_height();
  painter.drawText(QRectF(pareto_edge, 6, width() - 2 * pareto_edge, line), Qt::AlignLeft | Qt::AlignVCenter,
                   main_.title);
  painter.drawText(QRectF(frame_.area.left(), height() - line - 4, frame_.area.width(), line),
                   Qt::AlignRight | Qt::AlignVCenter, cost_.is_log ? cost_.title + tr(" (log)") : cost_.title);

  // From the cheapest on: nothing beyond the staircase was reached; it goes on to the right.
  const QPolygonF steps = staircase();
  if (!steps.isEmpty()) {
    QPolygonF drawn = steps;
    drawn << QPointF(frame_.area.right(), steps.back().y());
    painter.setPen(QPen(colours().accent, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(drawn);
  }
  paint_points(painter);
  paint_names(painter);
  if (hovered_ < 0) return;
  const auto run = static_cast<std::size_t>(hovered_);
  std::vector<std::pair<QString, QString>> rows{{main_.title, main_.texts[run]}, {cost_.title, cost_.texts[run]}};
  for (const QString& setting : looks_[run].values.split(QStringLiteral(", "))) {
    rows.emplace_back(setting.section(QLatin1Char(' '), 0, 0), setting.section(QLatin1Char(' '), 1));
  }
  paint_hover_box(painter, QRectF(rect()).adjusted(4, 4, -4, -4), place(run), looks_[run].name, rows);
}

void ParetoView::paint_points(QPainter& painter) const {
  const auto paint = [&](std::size_t run) {
    const bool is_over = static_cast<int>(run) == hovered_ || static_cast<int>(run) == highlighted_;
    const bool is_front = front_[run];
    const QColor ink = !is_kept(run) ? colours().outline : is_front ? colours().accent : colours().muted;
    const double radius = is_over ? 6.5 : is_front ? 5 : 4;
    QPen pen(ink, 1.6);
    if (looks_[run].is_going_on) pen.setDashPattern({1.6, 1.4});
    painter.setPen(pen);
    painter.setBrush(is_front && !looks_[run].is_going_on ? ink : colours().surface);
    painter.drawEllipse(place(run), radius, radius);
  };
  // Those on the front over the others.
  for (const bool is_front : {false, true}) {
    for (std::size_t run = 0; run < looks_.size(); ++run) {
      if (has_point(run) && front_[run] == is_front) paint(run);
    }
  }
}

void ParetoView::paint_names(QPainter& painter) const {
  painter.setFont(Theme::instance().caption());
  const QFontMetricsF metrics(painter.font());
  std::vector<QRectF> taken;
  for (std::size_t run = 0; run < looks_.size(); ++run) {
    if (has_point(run)) taken.push_back(QRectF(place(run) - QPointF(6, 6), QSizeF(12, 12)));
  }
  const QPolygonF steps = staircase();
  const auto crosses_steps = [&](const QRectF& box) {
    for (qsizetype i = 1; i < steps.size(); ++i) {
      if (QRectF(steps[i - 1], steps[i]).normalized().adjusted(-1, -1, 1, 1).intersects(box)) return true;
    }
    return false;
  };
  const auto is_free = [&](const QRectF& box) {
    return QRectF(rect()).adjusted(frame_.area.left() - 2, 4, -4, -4).contains(box) && !crosses_steps(box) &&
           std::none_of(taken.begin(), taken.end(), [&](const QRectF& other) { return other.intersects(box); });
  };
  for (std::size_t run = 0; run < looks_.size(); ++run) {
    if (!has_point(run) || !front_[run]) continue;
    const QPointF at = place(run);
    // The values where there is room for them, else which run it is; first where nothing better can be.
    for (const QString& text : {looks_[run].values, looks_[run].name}) {
      const QSizeF size(metrics.horizontalAdvance(text) + 2, metrics.height());
      const double up = is_higher_better_ ? -size.height() - 7 : 7;
      const double down = is_higher_better_ ? 7 : -size.height() - 7;
      const QPointF corners[] = {
          {-size.width() - 2, up}, {-size.width() / 2, up}, {2, up}, {9, down}, {-size.width() / 2, down}};
      const auto* const corner = std::find_if(std::begin(corners), std::end(corners),
                                              [&](QPointF offset) { return is_free(QRectF(at + offset, size)); });
      if (corner == std::end(corners)) continue;
      const QRectF box(at + *corner, size);
      taken.push_back(box);
      painter.setPen(is_kept(run) ? colours().text : colours().faint);
      painter.drawText(box, Qt::AlignCenter, text);
      break;
    }
  }
}

void ParetoView::mouseMoveEvent(QMouseEvent* event) {
  set_hovered(run_near(event->position()));
}

void ParetoView::mouseReleaseEvent(QMouseEvent* event) {
  const int run = run_near(event->position());
  if (event->button() == Qt::LeftButton && run >= 0) emit run_clicked(run);
}

void ParetoView::leaveEvent(QEvent* /*event*/) {
  set_hovered(-1);
}

}  // namespace netwright
