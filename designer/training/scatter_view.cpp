#include "designer/training/scatter_view.h"

#include <QMouseEvent>
#include <QPainter>
#include <QScrollArea>
#include <algorithm>
#include <cmath>

#include "designer/theme/theme.h"
#include "designer/training/class_legend.h"

namespace netwright {
namespace {

constexpr double scatter_edge = 10;
constexpr double narrow = 400;  // below, the legend stands beneath the plot
constexpr double most_legend = 96;
constexpr double hover_reach = 9;
constexpr double air = 0.06;

/// The least rectangle around the points of a group (of all for −1); no points: around the origin.
QRectF bounds_of(const Scatter& scatter, int group) {
  double left = 0, right = 0, top = 0, bottom = 0;
  bool is_first = true;
  for (std::size_t i = 0; i < scatter.points.size(); ++i) {
    if (group >= 0 && scatter.labels[i] != group) continue;
    const QPointF& at = scatter.points[i];
    left = is_first ? at.x() : std::min(left, at.x());
    right = is_first ? at.x() : std::max(right, at.x());
    top = is_first ? at.y() : std::min(top, at.y());
    bottom = is_first ? at.y() : std::max(bottom, at.y());
    is_first = false;
  }
  if (is_first && group >= 0) return bounds_of(scatter, -1);
  return {QPointF(left, top), QPointF(right, bottom)};
}

}  // namespace

ScatterView::ScatterView(QWidget* parent)
    : SampleView(parent), legend_(new ClassLegend), scroll_(new QScrollArea(this)) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setMinimumSize(160, 140);
  scroll_->setWidget(legend_);
  scroll_->setWidgetResizable(true);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll_->setFocusPolicy(Qt::NoFocus);
  scroll_->setFrameShape(QFrame::NoFrame);
  scroll_->viewport()->setAutoFillBackground(false);
  legend_->setAutoFillBackground(false);
  connect(legend_, &ClassLegend::changed, this, &ScatterView::redraw);
  connect(&Theme::instance(), &Theme::changed, this, &ScatterView::lay_out);
}

void ScatterView::show_content(std::shared_ptr<const SampleContent> content, const SampleMoment& /*moment*/) {
  if (const auto* scatter = std::get_if<Scatter>(content.get())) show_scatter(*scatter);
}

void ScatterView::show_scatter(Scatter scatter) {
  scatter_ = std::move(scatter);
  hovered_ = -1;
  legend_->show_names(scatter_.groups);
  lay_out();
}

void ScatterView::lay_out() {
  QRectF area = QRectF(rect()).adjusted(scatter_edge, scatter_edge, -scatter_edge, -scatter_edge);
  const bool is_narrow = area.width() < narrow;
  scroll_->setVisible(!scatter_.groups.isEmpty());
  if (scroll_->isVisibleTo(this)) {
    legend_->set_flowing(is_narrow);
    const QSize wanted = legend_->sizeHint();
    QRectF place = area;
    if (is_narrow) {
      const double height = std::min<double>(most_legend, legend_->heightForWidth(static_cast<int>(area.width())));
      place.setTop(std::floor(area.bottom() - height));
      area.setBottom(place.top() - 4);
    } else {
      const bool overflows = wanted.height() > area.height();
      const double width = std::min<double>(area.width() * 0.4, wanted.width() + (overflows ? 12 : 0));
      place.setLeft(std::floor(area.right() - width));
      area.setRight(place.left() - 8);
    }
    scroll_->setGeometry(place.toRect());
  }

  QRectF bounds = bounds_of(scatter_, scatter_.framing_group);
  const double share = scatter_.framing_group >= 0 ? 0.25 : air;
  bounds.adjust(-bounds.width() * share, -bounds.height() * share, bounds.width() * share, bounds.height() * share);
  const double foot = caption_height() + 6 + (scatter_.x_title.isEmpty() ? 0 : caption_height());
  frame_.area = QRectF(QPointF(area.left() + 40 + (scatter_.y_title.isEmpty() ? 0 : caption_height()), area.top()),
                       QPointF(area.right(), area.bottom() - foot));
  frame_.area.setWidth(std::max(20.0, frame_.area.width()));
  frame_.area.setHeight(std::max(20.0, frame_.area.height()));
  // Points that are all in one place get some room around them; a double tells no less than 1e-9 of itself apart.
  const double size = std::max(std::abs(bounds.center().x()), std::abs(bounds.center().y()));
  const double least = bounds.width() > 0 || bounds.height() > 0 ? size * 1e-9 : std::max(size, 1.0) * 0.1;
  const double unit = std::max(
      {bounds.width() / frame_.area.width(), bounds.height() / frame_.area.height(), least / frame_.area.width()});
  const QSizeF span = frame_.area.size() * unit;
  frame_.x = {bounds.center().x() - span.width() / 2, bounds.center().x() + span.width() / 2};
  frame_.y = {bounds.center().y() - span.height() / 2, bounds.center().y() + span.height() / 2};
  x_ticks_ = linear_ticks(frame_.x, std::max(2, static_cast<int>(frame_.area.width() / 50)));
  y_ticks_ = linear_ticks(frame_.y, std::max(2, static_cast<int>(frame_.area.height() / 32)));
  outside_ = static_cast<int>(std::count_if(scatter_.points.begin(), scatter_.points.end(), [this](const QPointF& at) {
    return !frame_.x.contains(at.x()) || !frame_.y.contains(at.y());
  }));
  redraw();
}

void ScatterView::redraw() {
  drawn_ = {};
  update();
}

QPointF ScatterView::place(std::size_t point) const {
  return {frame_.to_x(scatter_.points[point].x()), frame_.to_y(scatter_.points[point].y())};
}

bool ScatterView::is_shown(std::size_t point) const {
  const int group = scatter_.labels[point];
  return group < 0 || !legend_->is_muted(group);
}

QColor ScatterView::colour_of_point(std::size_t point) const {
  const int group = scatter_.labels[point];
  QColor colour = group < 0 ? colours().muted : series_colour(static_cast<std::size_t>(group));
  const bool is_crowd = scatter_.points.size() > 4000;
  // The group under the mouse stands out.
  const int above = hovered_ >= 0 ? scatter_.labels[static_cast<std::size_t>(hovered_)] : legend_->hovered();
  colour.setAlphaF(above >= 0 && above != group ? 0.14F : is_crowd ? 0.6F : 0.82F);
  return colour;
}

double ScatterView::radius() const {
  const auto count = static_cast<double>(scatter_.points.size());
  return std::clamp(std::sqrt(frame_.area.width() * frame_.area.height() / std::max(1.0, count)) * 0.16, 1.4, 3.2);
}

void ScatterView::paint_points(QPainter& painter) const {
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setClipRect(frame_.area);
  const double size = radius();
  for (std::size_t i = 0; i < scatter_.points.size(); ++i) {
    if (is_shown(i)) paint_group_mark(painter, place(i), size, scatter_.labels[i], colour_of_point(i));
  }
  painter.setClipping(false);
}

void ScatterView::paint_titles(QPainter& painter) const {
  painter.setFont(Theme::instance().caption());
  painter.setPen(colours().muted);
  const double height = caption_height();
  const QRectF& area = frame_.area;
  painter.drawText(QRectF(area.left(), area.bottom() + height + 5, area.width(), height), Qt::AlignCenter,
                   scatter_.x_title);
  painter.save();
  painter.translate(scatter_edge, area.center().y());
  painter.rotate(-90);
  painter.drawText(QRectF(-area.height() / 2, 0, area.height(), height), Qt::AlignCenter, scatter_.y_title);
  painter.restore();

  QStringList remarks;
  if (outside_ > 0) remarks << tr("%n outside", nullptr, outside_);
  if (scatter_.left_out > 0) remarks << tr("%n not finite", nullptr, scatter_.left_out);
  if (remarks.isEmpty()) return;
  const QString words = remarks.join(QStringLiteral("  ·  "));
  QColor paper = colours().surface;
  paper.setAlphaF(0.85F);
  const QRectF place(area.right() - painter.fontMetrics().horizontalAdvance(words) - 10, area.top() + 3,
                     painter.fontMetrics().horizontalAdvance(words) + 8, height);
  painter.fillRect(place, paper);
  painter.setPen(colours().warning);
  painter.drawText(place, Qt::AlignCenter, words);
}

void ScatterView::paint_hovered(QPainter& painter) const {
  const auto index = static_cast<std::size_t>(hovered_);
  const QPointF at = place(index);
  const int group = scatter_.labels[index];
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(colours().surface, 1.5));
  painter.setBrush(group < 0 ? colours().muted : series_colour(static_cast<std::size_t>(group)));
  painter.drawEllipse(at, radius() + 2, radius() + 2);

  const QString name = hovered_name();
  painter.setFont(Theme::instance().caption());
  const double width = painter.fontMetrics().horizontalAdvance(name) + 14;
  QRectF box(at.x() + 8, at.y() - caption_height() - 12, width, caption_height() + 6);
  if (box.right() > frame_.area.right()) box.moveRight(at.x() - 8);
  box.moveTop(std::max(box.top(), frame_.area.top() + 2));
  painter.setPen(QPen(colours().outline, 1));
  painter.setBrush(colours().raised);
  painter.drawRoundedRect(QRectF(box.toRect()).translated(0.5, 0.5), 4, 4);
  painter.setPen(colours().text);
  painter.drawText(box, Qt::AlignCenter, name);
}

void ScatterView::paintEvent(QPaintEvent* /*event*/) {
  if (drawn_.isNull()) {
    const double ratio = devicePixelRatioF();
    drawn_ = QPixmap((QSizeF(size()) * ratio).toSize());
    drawn_.setDevicePixelRatio(ratio);
    drawn_.fill(colours().surface);
    QPainter painter(&drawn_);
    paint_grid(painter, frame_, x_ticks_, y_ticks_, {});
    paint_points(painter);
    paint_titles(painter);
    if (scatter_.points.empty()) {
      painter.setPen(colours().faint);
      painter.drawText(frame_.area, Qt::AlignCenter, tr("No points"));
    }
  }
  QPainter painter(this);
  painter.drawPixmap(0, 0, drawn_);
  if (hovered_ >= 0) paint_hovered(painter);
}

void ScatterView::resizeEvent(QResizeEvent* event) {
  SampleView::resizeEvent(event);
  lay_out();
}

QString ScatterView::hovered_name() const {
  if (hovered_ < 0) return {};
  const auto index = static_cast<std::size_t>(hovered_);
  const int group = scatter_.labels[index];
  const QString name = group < 0 ? tr("no class") : scatter_.groups[group];
  if (scatter_.errors.empty()) return name;
  const QString error = tr("error %1").arg(QString::fromStdString(figure_text(scatter_.errors[index])));
  return group < 0 ? error : QStringLiteral("%1  ·  %2").arg(name, error);
}

void ScatterView::mouseMoveEvent(QMouseEvent* event) {
  int found = -1;
  double nearest = hover_reach * hover_reach;
  for (std::size_t i = 0; i < scatter_.points.size(); ++i) {
    if (!is_shown(i)) continue;
    const QPointF away = place(i) - event->position();
    const double distance = QPointF::dotProduct(away, away);
    if (distance > nearest || !frame_.area.contains(place(i))) continue;
    nearest = distance;
    found = static_cast<int>(i);
  }
  if (found == hovered_) return;
  const auto group_of = [this](int point) { return point < 0 ? -2 : scatter_.labels[static_cast<std::size_t>(point)]; };
  const bool is_other_group = group_of(found) != group_of(hovered_);
  hovered_ = found;
  is_other_group ? redraw() : update();
}

void ScatterView::leaveEvent(QEvent* /*event*/) {
  hovered_ = -1;
  redraw();
}

}  // namespace netwright
