#include "designer/training/class_legend.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

namespace netwright {
namespace {

constexpr double mark_width = 16;
constexpr double class_padding = 4;
constexpr double longest_name = 130;

QFontMetricsF metrics() {
  return QFontMetricsF(Theme::instance().caption());
}

double class_row_height() {
  return std::ceil(metrics().height()) + 4;
}

double width_of(const QString& name) {
  return mark_width + std::min(longest_name, std::ceil(metrics().horizontalAdvance(name))) + 2 * class_padding;
}

}  // namespace

void paint_group_mark(QPainter& painter, QPointF at, double radius, int group, const QColor& colour) {
  painter.setPen(Qt::NoPen);
  painter.setBrush(colour);
  const int shape = std::max(0, group) / static_cast<int>(std::size(colours().series)) % 4;
  const double r = radius * 1.1;
  if (shape == 0) {
    painter.drawEllipse(at, radius, radius);
  } else if (shape == 1) {
    painter.drawRect(QRectF(at.x() - radius * 0.9, at.y() - radius * 0.9, radius * 1.8, radius * 1.8));
  } else if (shape == 2) {
    painter.drawPolygon(QPolygonF({at + QPointF(0, -r), at + QPointF(r, r * 0.8), at + QPointF(-r, r * 0.8)}));
  } else {
    painter.drawPolygon(
        QPolygonF({at + QPointF(0, -r * 1.2), at + QPointF(r, 0), at + QPointF(0, r * 1.2), at + QPointF(-r, 0)}));
  }
}

ClassLegend::ClassLegend(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("samples.legend"));
  setAccessibleName(tr("Classes"));
  setMouseTracking(true);
  setFocusPolicy(Qt::TabFocus);
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    updateGeometry();
    update();
  });
}

void ClassLegend::show_names(const QStringList& names) {
  if (names == names_) return;
  names_ = names;
  muted_.assign(static_cast<std::size_t>(names.size()), false);
  hovered_ = -1;
  current_ = 0;
  updateGeometry();
  update();
}

void ClassLegend::set_flowing(bool is_flowing) {
  if (is_flowing == is_flowing_) return;
  is_flowing_ = is_flowing;
  updateGeometry();
  update();
}

std::vector<QRectF> ClassLegend::places(double width) const {
  std::vector<QRectF> out;
  QPointF at;
  for (const QString& name : names_) {
    const double wide = std::min(width_of(name), std::max(width, mark_width));
    if (is_flowing_ && at.x() > 0 && at.x() + wide > width) at = {0, at.y() + class_row_height()};
    out.emplace_back(at, QSizeF(wide, class_row_height()));
    at = is_flowing_ ? at + QPointF(wide + 2, 0) : at + QPointF(0, class_row_height());
  }
  return out;
}

QRectF ClassLegend::place(int group) const {
  return places(width())[static_cast<std::size_t>(group)];
}

int ClassLegend::heightForWidth(int width) const {
  const std::vector<QRectF> all = places(width);
  return all.empty() ? 0 : static_cast<int>(std::ceil(all.back().bottom()));
}

QSize ClassLegend::sizeHint() const {
  double widest = 0;
  for (const QString& name : names_) widest = std::max(widest, width_of(name));
  const auto width = static_cast<int>(std::ceil(widest));
  return {width, is_flowing_ ? heightForWidth(width)
                             : static_cast<int>(std::ceil(class_row_height() * static_cast<double>(names_.size())))};
}

int ClassLegend::group_at(QPointF position) const {
  const std::vector<QRectF> all = places(width());
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const QRectF& place) { return place.contains(position); });
  return found == all.end() ? -1 : static_cast<int>(found - all.begin());
}

void ClassLegend::toggle(int group) {
  if (group < 0) return;
  current_ = group;
  const auto index = static_cast<std::size_t>(group);
  muted_[index] = !muted_[index];
  update();
  emit changed();
}

void ClassLegend::set_hovered(int group) {
  if (group == hovered_) return;
  hovered_ = group;
  setCursor(group >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
  update();
  emit changed();
}

void ClassLegend::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QFont font = Theme::instance().caption();
  const QFontMetricsF caption(font);
  const std::vector<QRectF> all = places(width());
  for (int group = 0; group < names_.size(); ++group) {
    const QRectF& place = all[static_cast<std::size_t>(group)];
    const bool is_faint = is_muted(group);
    if (group == hovered_ || (hasFocus() && group == current_)) {
      painter.setPen(hasFocus() && group == current_ ? QPen(colours().accent, 1) : Qt::NoPen);
      painter.setBrush(colours().raised);
      painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3);
    }
    const QPointF mark(place.left() + class_padding + 5, place.center().y());
    paint_group_mark(painter, mark, 4, group,
                     is_faint ? colours().outline : series_colour(static_cast<std::size_t>(group)));
    painter.setFont(font);
    painter.setPen(is_faint ? colours().faint : colours().text);
    const QRectF text = place.adjusted(class_padding + mark_width - 1, 0, -class_padding + 2, 0);
    painter.drawText(text, Qt::AlignVCenter, caption.elidedText(names_[group], Qt::ElideRight, text.width()));
  }
}

bool ClassLegend::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const int group = group_at(help->pos());
    if (group < 0) {
      QToolTip::hideText();
    } else {
      QToolTip::showText(
          help->globalPos(),
          is_muted(group) ? tr("%1: click to show").arg(names_[group]) : tr("%1: click to hide").arg(names_[group]),
          this);
    }
    return true;
  }
  return QWidget::event(event);
}

void ClassLegend::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) toggle(group_at(event->position()));
}

void ClassLegend::mouseMoveEvent(QMouseEvent* event) {
  set_hovered(group_at(event->position()));
}

void ClassLegend::leaveEvent(QEvent* /*event*/) {
  set_hovered(-1);
}

void ClassLegend::keyPressEvent(QKeyEvent* event) {
  const auto count = static_cast<int>(names_.size());
  const bool is_up = event->key() == Qt::Key_Up;
  if (count > 0 && event->key() == Qt::Key_Space) {
    toggle(current_);
  } else if (count > 0 && (is_up || event->key() == Qt::Key_Down)) {
    current_ = std::clamp(current_ + (is_up ? -1 : 1), 0, count - 1);
    update();
  } else {
    QWidget::keyPressEvent(event);
  }
}

void ClassLegend::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  update();
}

void ClassLegend::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  update();
}

}  // namespace netwright
