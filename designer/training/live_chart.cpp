#include "designer/training/live_chart.h"

#include <QChart>
#include <QElapsedTimer>
#include <QGraphicsLayout>
#include <QLineSeries>
#include <QMouseEvent>
#include <QPainter>
#include <QValueAxis>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr int shortest_wait_ms = 50;
constexpr int longest_wait_ms = 500;
constexpr int rest_for_work = 12;  // times the cost of drawing
constexpr double header_height = 26;
constexpr double legend_line = 16;
constexpr int most_tries = 12;
constexpr double smallest_drag = 5;
constexpr double marker_distance = 10;
constexpr double hover_reach = 8;  // pixels from a curve's end

/// Index of the point of the curve nearest to x; the curve isn't empty.
std::size_t nearest(const Curve& curve, double x) {
  const auto after = std::lower_bound(curve.x.begin(), curve.x.end(), x);
  if (after == curve.x.begin()) return 0;
  if (after == curve.x.end()) return curve.size() - 1;
  const auto index = static_cast<std::size_t>(after - curve.x.begin());
  return x - curve.x[index - 1] < curve.x[index] - x ? index - 1 : index;
}

QColor colour_of(const CurveLook& look) {
  return series_colour(static_cast<std::size_t>(look.series));
}

QPen line_pen(const CurveLook& look, double width, float opacity) {
  QColor colour = colour_of(look);
  colour.setAlphaF(opacity);
  QPen pen(colour, width, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
  if (is_colour_again(static_cast<std::size_t>(look.series))) {
    pen.setCapStyle(Qt::FlatCap);
    pen.setDashPattern({4, 2.5});
  }
  pen.setCosmetic(true);
  return pen;
}

}  // namespace

LiveChart::LiveChart(const QString& title, QWidget* parent)
    : QChartView(new QChart, parent), title_(title), x_axis_(new QValueAxis(this)), y_axis_(new QValueAxis(this)) {
  chart()->legend()->hide();
  chart()->setBackgroundVisible(false);
  chart()->setMargins({});
  chart()->layout()->setContentsMargins(0, 0, 0, 0);
  for (QValueAxis* axis : {x_axis_, y_axis_}) {
    axis->setVisible(false);  // their figures would move the plot while it grows: ours are drawn by hand
  }
  chart()->addAxis(x_axis_, Qt::AlignBottom);
  chart()->addAxis(y_axis_, Qt::AlignLeft);

  setRenderHint(QPainter::Antialiasing);
  setFrameShape(QFrame::NoFrame);
  setViewportUpdateMode(FullViewportUpdate);
  setMouseTracking(true);
  setMinimumSize(160, 110);

  redraw_.setSingleShot(true);
  connect(&redraw_, &QTimer::timeout, this, &LiveChart::rebuild);
  connect(&Theme::instance(), &Theme::changed, this, &LiveChart::rebuild);
}

LiveChart::~LiveChart() = default;

int LiveChart::add_curve(const CurveLook& look) {
  lines_.push_back({look, {}, {}, {}, {}});
  return static_cast<int>(lines_.size()) - 1;
}

void LiveChart::append(int curve, double x, double y) {
  lines_[static_cast<std::size_t>(curve)].points.add(x, y);
  schedule();
}

void LiveChart::set_marks(std::vector<ChartMark> marks) {
  marks_ = std::move(marks);
  schedule();
}

void LiveChart::clear() {
  for (Line& line : lines_) line.points = {};
  marks_.clear();
  end_ = 0;
  reset_zoom();
}

void LiveChart::set_end(double x) {
  if (x == end_) return;
  end_ = x;
  schedule();
}

void LiveChart::set_axis(ChartAxis axis) {
  axis_ = std::move(axis);
  reset_zoom();
}

void LiveChart::set_log(bool is_log) {
  is_log_ = is_log;
  zoom_y_.reset();
  rebuild();
}

void LiveChart::set_smoothing(double beta) {
  smoothing_ = std::clamp(beta, 0.0, 0.999);
  schedule();
}

void LiveChart::reset_zoom() {
  zoom_x_.reset();
  zoom_y_.reset();
  rebuild();
}

void LiveChart::schedule() {
  if (redraw_.isActive() || !isVisible()) return;
  const auto wait = static_cast<int>((rebuild_ns_ + paint_ns_) * rest_for_work / 1000000);
  redraw_.start(std::clamp(wait, shortest_wait_ms, longest_wait_ms));
}

Range LiveChart::all_x() const {
  bool has_points = false;
  Range range{0, end_};
  for (const Line& line : lines_) {
    if (line.points.size() == 0) continue;
    if (axis_.is_log) range.low = has_points ? std::min(range.low, line.points.x.front()) : line.points.x.front();
    range.high = has_points || !axis_.is_log ? std::max(range.high, line.points.x.back()) : line.points.x.back();
    has_points = true;
  }
  return range.width() > 0 ? range : Range{range.low, range.low + 1};
}

const Curve& LiveChart::in_axis(const Curve& curve, Curve& decades) const {
  if (!is_log_) return curve;
  decades = in_decades(curve);
  return decades;
}

Range LiveChart::auto_y(Range visible) const {
  if (fixed_y_ && !is_log_) return *fixed_y_;
  Range range;
  bool has_range = false;
  for (const Line& line : lines_) {
    Curve decades;
    has_range = join_finite_range(in_axis(line.points, decades), visible, range, has_range);
  }
  return has_range ? with_air(range, is_log_) : Range{0, 1};
}

double LiveChart::title_width() const {
  return QFontMetricsF(Theme::instance().heading()).horizontalAdvance(title_);
}

void LiveChart::place_frame() {
  const QSizeF size = viewport()->size();
  const double foot = QFontMetricsF(Theme::instance().caption()).height() + 8;
  frame_.is_log = is_log_;
  frame_.x = zoom_x_.value_or(all_x());
  frame_.y = zoom_y_.value_or(auto_y(frame_.x));
  const std::vector<LegendEntry> entries = legend();
  const bool has_room = entries.empty() || legend_width(entries) <= size.width() - title_width() - 28;
  is_legend_hidden_ = !has_room && is_legend_spare_;
  is_legend_below_ = !has_room && !is_legend_spare_;
  const double top = is_legend_below_ ? header_height + legend_line : header_height;
  const double height = std::max(20.0, size.height() - top - foot);
  // Fewer than two figures say nothing of the scale.
  y_ticks_.clear();
  for (int count = std::max(2, static_cast<int>(height / 32)); y_ticks_.size() < 2 && count <= most_tries; ++count) {
    y_ticks_ = is_log_ ? log_ticks(frame_.y, count) : linear_ticks(frame_.y, count);
  }
  const double left = std::ceil(std::max(30.0, figures_width(y_ticks_, unit_) + 14));
  frame_.area = QRectF(left, top, std::max(20.0, size.width() - left - 12), height);
  const int x_count = std::max(2, static_cast<int>(frame_.area.width() / 50));
  x_ticks_ = axis_.is_log ? log_ticks(frame_.x, x_count) : linear_ticks(frame_.x, x_count);

  chart()->setPlotArea(frame_.area);
  x_axis_->setRange(frame_.x.low, frame_.x.high);
  y_axis_->setRange(frame_.y.low, frame_.y.high);
}

void LiveChart::Pieces::show(LiveChart& chart, const std::vector<Curve>& segments, const QPen& pen) {
  while (series.size() < segments.size()) {
    auto* piece = new QLineSeries(&chart);
    chart.chart()->addSeries(piece);
    piece->attachAxis(chart.x_axis_);
    piece->attachAxis(chart.y_axis_);
    series.push_back(piece);
  }
  for (std::size_t i = 0; i < series.size(); ++i) {
    QList<QPointF> points;
    if (i < segments.size()) {
      points.reserve(static_cast<qsizetype>(segments[i].size()));
      for (std::size_t p = 0; p < segments[i].size(); ++p) points.append({segments[i].x[p], segments[i].y[p]});
    } else if (series[i]->count() == 0) {
      continue;
    }
    series[i]->setPen(pen);
    series[i]->replace(points);
  }
}

void LiveChart::rebuild_line(Line& line, int columns) {
  Curve decades;
  const Decimated raw = decimate(in_axis(line.points, decades), frame_.x, columns);
  const bool is_smooth = line.look.is_smoothable && smoothing_ > 0;
  line.raw.show(*this, raw.segments, line_pen(line.look, is_smooth ? 1.0 : 1.6, is_smooth ? 0.3F : 1.0F));
  gaps_.insert(gaps_.end(), raw.gaps.begin(), raw.gaps.end());

  std::vector<Curve> smooth;
  if (is_smooth) {
    const Curve mean{line.points.x, smoothed(line.points.y, smoothing_)};
    smooth = decimate(in_axis(mean, decades), frame_.x, columns).segments;
  }
  line.smooth.show(*this, smooth, line_pen(line.look, 1.8, 1.0F));

  line.dots.clear();
  const double apart = marker_distance / frame_.area.width() * frame_.x.width();
  for (const Curve& segment : raw.segments) {
    if (line.look.marker == MarkerShape::None && segment.size() > 1) continue;
    for (std::size_t i = 0; i < segment.size(); ++i) {
      // Many epochs would make a band of markers.
      if (i == 0 || segment.x[i] - line.dots.back().x() >= apart) line.dots.emplace_back(segment.x[i], segment.y[i]);
    }
  }
}

void LiveChart::rebuild() {
  redraw_.stop();
  QElapsedTimer clock;
  clock.start();
  place_frame();
  gaps_.clear();
  const int columns = std::max(1, static_cast<int>(frame_.area.width() * devicePixelRatioF()));
  for (Line& line : lines_) rebuild_line(line, columns);
  std::sort(gaps_.begin(), gaps_.end());
  rebuild_ns_ = clock.nsecsElapsed();
  viewport()->update();
}

QString LiveChart::text_of(double value) const {
  return QString::fromStdString(figure_text(value)) + (std::isfinite(value) ? unit_ : QString());
}

LegendEntry LiveChart::entry_of(const Line& line) const {
  LegendEntry entry{line.look.name,
                    {},
                    colour_of(line.look),
                    line.look.marker,
                    is_colour_again(static_cast<std::size_t>(line.look.series))};
  if (line.points.size() > 0) entry.value = QString::fromStdString(figure_text(line.points.y.back()));
  return entry;
}

std::vector<LegendEntry> LiveChart::legend() const {
  std::vector<LegendEntry> entries;
  const auto is_listed = [](const Line& line) { return line.look.is_in_legend && line.points.size() > 0; };
  QStringList groups;
  for (const Line& line : lines_) {
    const bool has_colour = std::any_of(lines_.begin(), lines_.end(), [&](const Line& other) {
      return other.look.series == line.look.series && is_listed(other);
    });
    if (is_listed(line)) {
      entries.push_back(entry_of(line));
    } else if (!has_colour && line.points.size() > 0 && !groups.contains(line.look.group)) {
      LegendEntry entry = entry_of(line);
      entry.name = line.look.group;
      entry.shape = MarkerShape::None;
      if (!entry.name.isEmpty()) entries.push_back(entry);
      groups << line.look.group;
    }
  }
  for (LegendEntry key : keys_) {
    const bool is_used = std::any_of(lines_.begin(), lines_.end(), [&](const Line& line) {
      return line.look.marker == key.shape && line.points.size() > 0;
    });
    key.colour = colours().muted;
    if (is_used) entries.push_back(key);
  }
  return entries;
}

QString LiveChart::hover_heading(double x) const {
  if (axis_.words) return axis_.words(axis_.is_log ? std::pow(10, x) : x);
  const QString heading = tr("epoch %1").arg(x, 0, 'f', 2);
  if (steps_per_epoch_ <= 0) return heading;
  return heading + tr("  ·  step %L1").arg(std::llround(x * steps_per_epoch_));
}

bool LiveChart::is_within(const Curve& curve, double x) const {
  const double reach = hover_reach / frame_.area.width() * frame_.x.width();
  return x >= curve.x.front() - reach && x <= curve.x.back() + reach;
}

std::vector<HoverRow> LiveChart::hover_rows(double x) const {
  std::vector<HoverRow> rows;
  const QString none = QStringLiteral("–");
  int last_row = -1;
  for (const Line& line : lines_) {
    const bool has_row = line.look.row >= 0;
    if (line.points.size() == 0 && !has_row) continue;
    const bool is_shared = has_row && line.look.row == last_row;
    last_row = line.look.row;
    if (!is_shared) {
      rows.push_back({entry_of(line), {}});
      rows.back().entry.value.clear();
    }
    QString text = none;
    if (line.points.size() > 0 && (!are_values_within_ || is_within(line.points, x))) {
      const std::size_t index = nearest(line.points, x);
      const double value = line.points.y[index];
      text = text_of(value);
      const double at = is_log_ ? std::log10(value) : value;
      if (std::isfinite(at)) rows.back().points.emplace_back(frame_.to_x(line.points.x[index]), frame_.to_y(at));
    }
    rows.back().entry.value += is_shared ? QStringLiteral("  /  ") + text : text;
  }
  return rows;
}

void LiveChart::paintEvent(QPaintEvent* event) {
  QElapsedTimer clock;
  clock.start();
  QChartView::paintEvent(event);
  paint_ns_ = clock.nsecsElapsed();
}

void LiveChart::drawBackground(QPainter* painter, const QRectF& /*rect*/) {
  painter->fillRect(viewport()->rect(), colours().surface);
  paint_grid(*painter, frame_, x_ticks_, y_ticks_, unit_, axis_.unit);
}

void LiveChart::drawForeground(QPainter* painter, const QRectF& /*rect*/) {
  painter->save();
  painter->setFont(Theme::instance().heading());
  painter->setPen(colours().text);
  painter->drawText(QRectF(10, 0, title_width() + 4, header_height), Qt::AlignVCenter, title_);
  const bool is_empty =
      std::all_of(lines_.begin(), lines_.end(), [](const Line& line) { return line.points.size() == 0; });
  const double legend_left = is_legend_below_ ? 10 : title_width() + 16;
  if (!is_legend_hidden_) {
    paint_legend(*painter,
                 QRectF(legend_left, is_legend_below_ ? header_height - 4 : 0, frame_.area.right() - legend_left,
                        is_legend_below_ ? legend_line : header_height),
                 legend());
  }
  if (is_empty) {
    painter->setFont(Theme::instance().caption());
    painter->setPen(colours().faint);
    painter->drawText(frame_.area, Qt::AlignCenter, tr("No points yet"));
  }

  painter->setClipRect(frame_.area.adjusted(-5, -5, 5, 5));
  for (const Line& line : lines_) {
    LegendEntry look = entry_of(line);
    if (look.shape == MarkerShape::None) look.shape = MarkerShape::Disc;
    for (const QPointF& dot : line.dots) paint_marker(*painter, {frame_.to_x(dot.x()), frame_.to_y(dot.y())}, look);
  }
  paint_marks(*painter, frame_, marks_, are_marks_low_);
  paint_gaps(*painter, frame_, gaps_);
  painter->setClipping(false);

  if (drag_from_ && hover_) {
    painter->setPen(QPen(colours().accent, 1));
    painter->setBrush(colours().selection);
    painter->drawRect(QRectF(*drag_from_, *hover_).normalized().intersected(frame_.area));
    painter->setBrush(Qt::NoBrush);
  } else if (hover_ && !is_empty && frame_.area.contains(*hover_)) {
    const double x = frame_.from_x(hover_->x());
    paint_crosshair(*painter, frame_, hover_->x(), hover_heading(x), hover_rows(x));
  }
  painter->restore();
}

void LiveChart::zoom_to(const QRectF& rectangle) {
  const QRectF inside = rectangle.intersected(frame_.area);
  if (inside.width() < smallest_drag || inside.height() < smallest_drag) return;
  const Range x{frame_.from_x(inside.left()), frame_.from_x(inside.right())};
  const Range y{frame_.from_y(inside.bottom()), frame_.from_y(inside.top())};
  // Below this, doubles no longer tell the pixels apart.
  if (x.width() < 1e-9 * std::max(1.0, std::abs(x.high)) || y.width() < 1e-9 * std::max(1e-6, std::abs(y.high))) return;
  zoom_x_ = x;
  zoom_y_ = y;
  rebuild();
}

void LiveChart::resizeEvent(QResizeEvent* event) {
  QChartView::resizeEvent(event);
  rebuild();
}

void LiveChart::showEvent(QShowEvent* event) {
  QChartView::showEvent(event);
  rebuild();
}

void LiveChart::changeEvent(QEvent* event) {
  QChartView::changeEvent(event);
  if (event->type() == QEvent::FontChange) schedule();
}

void LiveChart::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton && frame_.area.contains(event->position())) drag_from_ = event->position();
}

void LiveChart::mouseMoveEvent(QMouseEvent* event) {
  hover_ = event->position();
  viewport()->update();
}

void LiveChart::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || !drag_from_) return;
  const QRectF rectangle = QRectF(*drag_from_, event->position()).normalized();
  drag_from_.reset();
  zoom_to(rectangle);
  viewport()->update();
}

void LiveChart::mouseDoubleClickEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) reset_zoom();
}

void LiveChart::leaveEvent(QEvent* event) {
  QChartView::leaveEvent(event);
  hover_.reset();
  viewport()->update();
}

void LiveChart::wheelEvent(QWheelEvent* event) {
  event->accept();
  const double turns = event->angleDelta().y() / 120.0;
  if (turns == 0 || !frame_.area.contains(event->position())) return;
  const Range all = all_x();
  const double at = frame_.from_x(event->position().x());
  const double width = frame_.x.width() * std::pow(0.8, turns);
  if (width >= all.width()) {
    zoom_x_.reset();
    zoom_y_.reset();
  } else if (width > 1e-9 * std::max(1.0, all.high)) {
    const double part = (at - frame_.x.low) / frame_.x.width();
    const double low = std::clamp(at - part * width, all.low, all.high - width);
    zoom_x_ = Range{low, low + width};
  }
  rebuild();
}

}  // namespace netwright
