#include "designer/sweep/parallel_view.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "designer/sweep/hover_box.h"
#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr double axis_reach = 9;  // from an axis, in pixels, to take hold of it
constexpr double line_reach = 7;  // from a line
constexpr double parallel_air = 10;
constexpr double least_drag = 4;

double distance_to_piece(QPointF p, QPointF a, QPointF b) {
  const QPointF along = b - a;
  const double length = QPointF::dotProduct(along, along);
  const double t = length > 0 ? std::clamp(QPointF::dotProduct(p - a, along) / length, 0.0, 1.0) : 0;
  const QPointF away = p - (a + t * along);
  return std::hypot(away.x(), away.y());
}

double widest_tick(const PlotAxis& axis) {
  const QFontMetricsF metrics(Theme::instance().small_figures());
  double width = 0;
  for (const Tick& tick : axis.ticks)
    width = std::max(width, metrics.horizontalAdvance(QString::fromStdString(tick.text)));
  return width;
}

/// A hairline in the middle of a pixel.
double on_pixel(double at) {
  return std::floor(at) + 0.5;
}

}  // namespace

ParallelView::ParallelView(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("sweep.parallel"));
  setAccessibleName(tr("Parallel coordinates of the runs"));
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void ParallelView::show_runs(std::vector<PlotAxis> axes, std::vector<RunLook> looks) {
  // As the user has arranged them.
  const QStringList before = order();
  std::vector<std::size_t> places(axes.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  const bool are_known =
      before.size() == static_cast<qsizetype>(axes.size()) &&
      std::all_of(axes.begin(), axes.end(), [&](const PlotAxis& axis) { return before.contains(axis.title); });
  if (are_known) {
    std::stable_sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
      return before.indexOf(axes[a].title) < before.indexOf(axes[b].title);
    });
  }
  std::vector<PlotAxis> arranged;
  for (const std::size_t place : places) arranged.push_back(std::move(axes[place]));
  axes_ = std::move(arranged);
  looks_ = std::move(looks);
  std::erase_if(brushes_, [&](const auto& brush) {
    return std::none_of(axes_.begin(), axes_.end(), [&](const PlotAxis& axis) { return axis.title == brush.first; });
  });
  if (hovered_ >= static_cast<int>(looks_.size())) set_hovered(-1);
  if (highlighted_ >= static_cast<int>(looks_.size())) highlighted_ = -1;
  update();
}

void ParallelView::set_highlighted(int run) {
  highlighted_ = run;
  update();
}

QStringList ParallelView::order() const {
  QStringList titles;
  for (const PlotAxis& axis : axes_) titles += axis.title;
  return titles;
}

/// Every second title stands a line lower where they would run into each other.
bool ParallelView::are_titles_staggered() const {
  if (axes_.size() < 3) return false;
  const QFontMetricsF metrics(Theme::instance().caption());
  const double pitch = (width() - 2 * parallel_air - 34) / static_cast<double>(axes_.size());
  return std::any_of(axes_.begin(), axes_.end(),
                     [&](const PlotAxis& axis) { return metrics.horizontalAdvance(axis.title) > pitch - 8; });
}

QRectF ParallelView::area() const {
  const double title = caption_height() * (are_titles_staggered() ? 2 : 1);
  const double left = axes_.empty() ? 0 : std::max(widest_tick(axes_.front()) + 8, 34.0);
  return QRectF(rect()).adjusted(parallel_air + left, 8 + title + 12, -parallel_air - 34, -parallel_air - 2);
}

double ParallelView::axis_x(std::size_t axis) const {
  const QRectF room = area();
  if (axes_.size() < 2) return room.center().x();
  const double x = room.left() + room.width() * static_cast<double>(axis) / static_cast<double>(axes_.size() - 1);
  return drag_ == Drag::Title && static_cast<int>(axis) == dragged_ ? std::clamp(mouse_.x(), room.left(), room.right())
                                                                    : x;
}

double ParallelView::to_y(const PlotAxis& axis, double place) const {
  const QRectF room = area();
  return room.bottom() - (place - axis.range.low) / axis.range.width() * room.height();
}

double ParallelView::from_y(const PlotAxis& axis, double y) const {
  const QRectF room = area();
  return axis.range.low + (room.bottom() - y) / room.height() * axis.range.width();
}

QPointF ParallelView::place(std::size_t axis, std::size_t run) const {
  return {axis_x(axis), to_y(axes_[axis], axes_[axis].places[run])};
}

QRectF ParallelView::title_place(std::size_t axis) const {
  const QRectF room = area();
  const double pitch = axes_.size() < 2 ? room.width() : room.width() / static_cast<double>(axes_.size() - 1);
  const bool is_staggered = are_titles_staggered();
  const double width = std::max((is_staggered ? 2 : 1) * pitch - 8, 40.0);
  const double height = caption_height();
  // The outer ones may stand out to the edge, no further.
  QRectF place(axis_x(axis) - width / 2, is_staggered && axis % 2 == 1 ? 8 + height : 8, width, height);
  if (place.left() < 4) place.setLeft(4);
  if (place.right() > this->width() - 4) place.setRight(this->width() - 4);
  return place;
}

QPolygonF ParallelView::line_of(std::size_t run) const {
  QPolygonF line;
  for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
    if (std::isfinite(axes_[axis].places[run])) line << place(axis, run);
  }
  // While an axis is moved it may stand anywhere.
  if (drag_ == Drag::Title) {
    std::sort(line.begin(), line.end(), [](QPointF a, QPointF b) { return a.x() < b.x(); });
  }
  return line;
}

bool ParallelView::is_kept(std::size_t run) const {
  return std::all_of(axes_.begin(), axes_.end(), [&](const PlotAxis& axis) {
    const auto brush = brushes_.find(axis.title);
    return brush == brushes_.end() || brush->second.contains(axis.places[run]);
  });
}

std::vector<bool> ParallelView::kept() const {
  std::vector<bool> kept;
  for (std::size_t run = 0; run < looks_.size(); ++run) kept.push_back(is_kept(run));
  return kept;
}

void ParallelView::clear_filters() {
  if (brushes_.empty()) return;
  brushes_.clear();
  update();
  emit filters_changed();
}

int ParallelView::axis_near(QPointF at) const {
  const QRectF room = area().adjusted(-axis_reach, -axis_reach, axis_reach, axis_reach);
  if (!room.contains(at)) return -1;
  for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
    if (std::abs(at.x() - axis_x(axis)) <= axis_reach) return static_cast<int>(axis);
  }
  return -1;
}

int ParallelView::title_at(QPointF at) const {
  for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
    if (title_place(axis).adjusted(0, -6, 0, 2).contains(at)) return static_cast<int>(axis);
  }
  return -1;
}

int ParallelView::run_near(QPointF at) const {
  int nearest = -1;
  double least = line_reach;
  for (std::size_t run = 0; run < looks_.size(); ++run) {
    if (!is_kept(run)) continue;
    const QPolygonF line = line_of(run);
    for (qsizetype i = 1; i < line.size(); ++i) {
      const double distance = distance_to_piece(at, line[i - 1], line[i]);
      if (distance >= least) continue;
      least = distance;
      nearest = static_cast<int>(run);
    }
  }
  return nearest;
}

void ParallelView::set_hovered(int run) {
  if (run == hovered_) return;
  hovered_ = run;
  emit hovered_changed(run);
}

void ParallelView::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.fillRect(rect(), colours().surface);
  painter.setRenderHint(QPainter::Antialiasing);
  if (axes_.empty() || looks_.empty()) {
    painter.setPen(colours().muted);
    painter.drawText(rect(), Qt::AlignCenter, tr("The first run of the sweep hasn't begun"));
    return;
  }
  paint_lines(painter);
  for (std::size_t axis = 0; axis < axes_.size(); ++axis) paint_axis(painter, axis);
  const int over = hovered_ >= 0 && drag_ == Drag::None ? hovered_ : -1;
  if (over < 0) return;
  std::vector<std::pair<QString, QString>> rows;
  for (const PlotAxis& axis : axes_) rows.emplace_back(axis.title, axis.texts[static_cast<std::size_t>(over)]);
  paint_hover_box(painter, QRectF(rect()).adjusted(4, 4, -4, -4), mouse_, looks_[static_cast<std::size_t>(over)].name,
                  rows);
}

void ParallelView::paint_lines(QPainter& painter) const {
  // The better ones over the others, and what is pointed at over all.
  std::vector<std::size_t> runs(looks_.size());
  std::iota(runs.begin(), runs.end(), std::size_t{0});
  const auto rank = [&](std::size_t run) {
    const bool is_front = static_cast<int>(run) == hovered_ || static_cast<int>(run) == highlighted_;
    const double goodness = std::isnan(looks_[run].goodness) ? -1 : looks_[run].goodness;
    return (is_front ? 20.0 : 0.0) + (is_kept(run) ? 10.0 : 0.0) + goodness;
  };
  std::stable_sort(runs.begin(), runs.end(), [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
  for (const std::size_t run : runs) {
    const bool is_over = static_cast<int>(run) == hovered_ || static_cast<int>(run) == highlighted_;
    QColor colour = is_kept(run) ? goodness_colour(looks_[run].goodness) : colours().grid;
    if (is_kept(run) && !is_over && hovered_ >= 0) colour.setAlphaF(0.35F);
    QPen pen(colour, is_over ? 3 : 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
    if (looks_[run].is_going_on) pen.setDashPattern({4, 3});
    const QPolygonF line = line_of(run);
    if (is_over) {
      painter.setPen(QPen(colours().surface, 5.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
      painter.drawPolyline(line);
    }
    painter.setPen(pen);
    painter.drawPolyline(line);
  }
}

void ParallelView::paint_axis(QPainter& painter, std::size_t number) const {
  const PlotAxis& axis = axes_[number];
  const QRectF room = area();
  const double x = on_pixel(axis_x(number));
  painter.setPen(QPen(colours().muted, 1));
  painter.drawLine(QPointF(x, room.top()), QPointF(x, room.bottom()));

  if (const auto brush = brushes_.find(axis.title); brush != brushes_.end()) {
    const double top = std::max(room.top() - 3, to_y(axis, brush->second.high));
    const double bottom = std::min(room.bottom() + 3, to_y(axis, brush->second.low));
    painter.setPen(QPen(colours().accent, 1));
    painter.setBrush(colours().selection);
    painter.drawRoundedRect(QRectF(x - 5, top, 10, std::max(2.0, bottom - top)), 3, 3);
    painter.setBrush(Qt::NoBrush);
  }

  const QFontMetricsF metrics(Theme::instance().small_figures());
  painter.setFont(Theme::instance().small_figures());
  std::vector<double> taken;
  // The outer ones first, so that both ends are named where room is short.
  std::vector<std::size_t> order;
  for (std::size_t low = 0, high = axis.ticks.size(); low < high;) {
    order.push_back(low++);
    if (low < high) order.push_back(--high);
  }
  for (const std::size_t i : order) {
    const Tick& tick = axis.ticks[i];
    const double y = to_y(axis, tick.at);
    if (y < room.top() - 1 || y > room.bottom() + 1) continue;
    painter.setPen(QPen(colours().muted, 1));
    painter.drawLine(QPointF(x - 3, on_pixel(y)), QPointF(x, on_pixel(y)));
    const bool is_free = std::none_of(taken.begin(), taken.end(),
                                      [&](double other) { return std::abs(other - y) < metrics.height() - 1; });
    if (!is_free) continue;
    taken.push_back(y);
    const QString text = QString::fromStdString(tick.text);
    const double width = metrics.horizontalAdvance(text);
    const QRectF place(x - 6 - width, y - metrics.height() / 2, width, metrics.height());
    // Readable over the lines.
    QColor under = colours().surface;
    under.setAlphaF(0.78F);
    painter.fillRect(place.adjusted(-2, 1, 2, -1), under);
    painter.setPen(colours().text);
    painter.drawText(place, Qt::AlignCenter, text);
  }

  const bool is_moved = drag_ == Drag::Title && static_cast<int>(number) == dragged_;
  painter.setFont(Theme::instance().caption());
  painter.setPen(is_moved ? colours().accent : colours().muted);
  const QRectF title = title_place(number);
  const QFontMetricsF caption(painter.font());
  const QString with_scale = axis.title + tr(" (log)");
  const bool names_scale = axis.is_log && caption.horizontalAdvance(with_scale) <= title.width();
  const QString words =
      caption.elidedText(names_scale ? with_scale : axis.title, Qt::ElideRight, std::max(title.width(), 60.0));
  // Over its axis, but never beyond the edge.
  const double wide = caption.horizontalAdvance(words) + 2;
  const double left = std::clamp(x - wide / 2, 4.0, std::max(4.0, width() - 4 - wide));
  painter.drawText(QRectF(left, title.top(), wide, title.height()), Qt::AlignCenter, words);
}

void ParallelView::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  pressed_ = mouse_ = event->position();
  dragged_ = title_at(pressed_);
  drag_ = Drag::Pending;
  if (dragged_ < 0) dragged_ = axis_near(pressed_);
}

void ParallelView::mouseMoveEvent(QMouseEvent* event) {
  mouse_ = event->position();
  if (drag_ == Drag::Pending && dragged_ >= 0) {
    const QPointF way = mouse_ - pressed_;
    if (title_at(pressed_) >= 0) {
      if (std::abs(way.x()) >= least_drag) drag_ = Drag::Title;
    } else if (std::abs(way.y()) >= least_drag) {
      drag_ = Drag::Brush;
    }
  }
  if (drag_ == Drag::Brush) {
    drag_brush(mouse_);
  } else if (drag_ == Drag::Title) {
    drag_title(mouse_);
  } else if (drag_ == Drag::None) {
    set_hovered(run_near(mouse_));
    setCursor(title_at(mouse_) >= 0    ? Qt::SizeHorCursor
              : hovered_ >= 0          ? Qt::PointingHandCursor
              : axis_near(mouse_) >= 0 ? Qt::SizeVerCursor
                                       : Qt::ArrowCursor);
  }
  update();
}

void ParallelView::drag_brush(QPointF at) {
  const PlotAxis& axis = axes_[static_cast<std::size_t>(dragged_)];
  const double a = from_y(axis, pressed_.y());
  const double b = from_y(axis, at.y());
  brushes_[axis.title] = {std::min(a, b), std::max(a, b)};
  set_hovered(-1);
  emit filters_changed();
}

/// The axis changes places with the one it passes.
void ParallelView::drag_title(QPointF at) {
  const QRectF room = area();
  const auto last = static_cast<double>(axes_.size() - 1);
  const int target = static_cast<int>(std::lround(std::clamp((at.x() - room.left()) / room.width(), 0.0, 1.0) * last));
  while (dragged_ != target) {
    const int next = dragged_ + (target > dragged_ ? 1 : -1);
    std::swap(axes_[static_cast<std::size_t>(dragged_)], axes_[static_cast<std::size_t>(next)]);
    dragged_ = next;
  }
}

void ParallelView::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  const Drag was = drag_;
  drag_ = Drag::None;
  update();
  if (was != Drag::Pending) return;
  if (const int run = run_near(event->position()); run >= 0) {
    emit run_clicked(run);
  } else if (dragged_ >= 0 && brushes_.erase(axes_[static_cast<std::size_t>(dragged_)].title) > 0) {
    emit filters_changed();  // a click on the axis takes its filter away
  }
}

void ParallelView::mouseDoubleClickEvent(QMouseEvent* event) {
  if (run_near(event->position()) < 0) clear_filters();
}

void ParallelView::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape && has_filters()) {
    clear_filters();
    return;
  }
  QWidget::keyPressEvent(event);
}

void ParallelView::leaveEvent(QEvent* /*event*/) {
  set_hovered(-1);
  update();
}

}  // namespace netwright
