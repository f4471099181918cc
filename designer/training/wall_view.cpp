#include "designer/training/wall_view.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr double wall_edge = 10;
constexpr double wall_between = 2;
constexpr double between_past = 8;
constexpr double detail_share = 0.46;
constexpr double smallest_past = 24;  // logical pixels

void outline(QPainter& painter, const QRectF& place, const QColor& colour, double width) {
  painter.setPen(QPen(colour, width));
  painter.setBrush(Qt::NoBrush);
  const double out = width / 2;
  painter.drawRect(place.adjusted(-out, -out, out, out));
}

}  // namespace

WallView::WallView(QWidget* parent) : SampleView(parent) {
  setObjectName(QStringLiteral("samples.wall"));
  setAccessibleName(tr("Generated samples"));
  setToolTip(tr("Click a picture to see how it came to be"));
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setMinimumSize(160, 120);
  connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void WallView::show_content(std::shared_ptr<const SampleContent> content, const SampleMoment& moment) {
  content_ = std::move(content);
  moment_ = moment;
  const PictureGrid* shown = grid();
  if (!shown || (chosen_ && (chosen_->row >= shown->rows || chosen_->column >= shown->columns))) choose({});
  update();
}

void WallView::show_history(const std::vector<PastSample>& history) {
  history_ = history;
  // A wall of another form isn't of this run's noise.
  std::erase_if(history_, [](const PastSample& past) { return !std::holds_alternative<PictureGrid>(*past.content); });
  update();
}

const PictureGrid* WallView::grid() const {
  return content_ ? std::get_if<PictureGrid>(content_.get()) : nullptr;
}

WallView::Plan WallView::plan() const {
  const PictureGrid* shown = grid();
  if (!shown) return {};
  QRectF area = QRectF(rect()).adjusted(wall_edge, wall_edge, -wall_edge, -wall_edge);
  Plan out;
  if (chosen_) {
    out.detail = area;
    if (area.width() > area.height() * 1.2) {
      out.detail.setLeft(std::round(area.right() - area.width() * detail_share));
      area.setRight(out.detail.left() - 2 * wall_edge);
    } else {
      out.detail.setTop(std::round(area.bottom() - area.height() * detail_share));
      area.setBottom(out.detail.top() - 2 * wall_edge);
    }
  }
  out.sheet = PictureSheet(*shown, area, devicePixelRatioF(), {.between = wall_between});
  if (chosen_) plan_detail(out, *shown);
  return out;
}

void WallView::plan_detail(Plan& plan, const PictureGrid& grid) const {
  const double ratio = devicePixelRatioF();
  QRectF rest = plan.detail;
  rest.setTop(rest.top() + caption_height() + 6);
  // Beside the history where there is width for both, else above it.
  const bool is_beside = rest.width() > 1.5 * rest.height();
  const QSizeF room =
      is_beside ? QSizeF(rest.width() * 0.42, rest.height()) : QSizeF(rest.width(), rest.height() * 0.5);
  plan.enlarged = QRectF(rest.topLeft(), fitting_size(grid.cell(), room, ratio));
  if (is_beside) {
    rest.setLeft(plan.enlarged.right() + 14);
  } else {
    rest.setTop(plan.enlarged.bottom() + 12);
  }

  const double label = caption_height() + 1;
  const auto count = static_cast<int>(history_.size());
  const auto wanted_width = QFontMetricsF(Theme::instance().small_figures()).horizontalAdvance(QStringLiteral("8888"));
  for (double scale = 8 * ratio; scale >= 1; --scale) {
    const QSizeF size = QSizeF(grid.cell()) * scale / ratio;
    const double step = std::max(size.width(), wanted_width) + between_past;
    const int columns = std::max(1, static_cast<int>((rest.width() + between_past) / step));
    const int rows = std::max(1, static_cast<int>((rest.height() + 4) / (size.height() + label + 4)));
    const bool is_smallest = scale - 1 < 1 || (size * (scale - 1) / scale).width() < smallest_past;
    if (columns * rows < count && !is_smallest) continue;
    const int most = std::min(count, columns * rows);
    plan.past.assign(history_.size(), QRectF());
    for (int i = 0; i < most; ++i) {
      // Where not all fit, those shown are spread over the whole.
      const int index = most == 1 ? count - 1 : static_cast<int>(std::lround(double(i) * (count - 1) / (most - 1)));
      const int row = i / columns;
      const QPointF corner(rest.left() + step * (i % columns), rest.top() + (size.height() + label + 4) * row);
      plan.past[static_cast<std::size_t>(index)] = QRectF(corner, size);
    }
    return;
  }
}

QRectF WallView::place(int row, int column) const {
  return plan().sheet.place({row, column});
}

QRectF WallView::history_place(std::size_t index) const {
  const Plan now = plan();
  return index < now.past.size() ? now.past[index] : QRectF();
}

void WallView::choose(std::optional<PictureSheet::Cell> cell) {
  if (cell == chosen_) return;
  chosen_ = cell;
  hovered_past_ = -1;
  emit history_wanted();
  update();
}

void WallView::paint_detail(QPainter& painter, const Plan& plan, const PictureGrid& grid) const {
  const Theme& theme = Theme::instance();
  const QRect source = grid.source(chosen_->row, chosen_->column);
  draw_picture(painter, plan.enlarged, grid.image, source);

  painter.setFont(theme.caption());
  painter.setPen(colours().muted);
  const QRectF head(plan.detail.left(), plan.detail.top(), plan.detail.width(), caption_height());
  const int number = chosen_->row * grid.columns + chosen_->column + 1;
  painter.drawText(head, Qt::AlignVCenter | Qt::AlignLeft,
                   tr("Picture %1 of %2, and how it came to be").arg(number).arg(grid.rows * grid.columns));
  if (history_.empty()) {
    painter.setPen(colours().faint);
    painter.drawText(QRectF(plan.enlarged.right() + 14, plan.enlarged.top(), 200, caption_height()),
                     Qt::AlignVCenter | Qt::AlignLeft, tr("Reading its past…"));
    return;
  }
  painter.setFont(theme.small_figures());
  for (std::size_t i = 0; i < history_.size(); ++i) {
    const QRectF& place = plan.past[i];
    const auto& past = std::get<PictureGrid>(*history_[i].content);
    if (place.isEmpty() || chosen_->row >= past.rows || chosen_->column >= past.columns) continue;
    draw_picture(painter, place, past.image, past.source(chosen_->row, chosen_->column));
    const bool is_now = history_[i].moment == moment_;
    if (is_now) {
      outline(painter, place, colours().accent, 2);
    } else if (hovered_past_ == static_cast<int>(i)) {
      outline(painter, place, colours().muted, 1);
    }
    painter.setPen(is_now ? colours().accent : colours().muted);
    painter.drawText(QRectF(place.center().x() - 40, place.bottom() + 2, 80, caption_height()), Qt::AlignCenter,
                     QString::number(history_[i].moment.epoch));
  }
}

void WallView::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.fillRect(rect(), colours().surface);
  const PictureGrid* shown = grid();
  if (!shown) return;
  const Plan now = plan();
  now.sheet.paint(painter, *shown);
  if (hovered_ && hovered_ != chosen_) outline(painter, now.sheet.place(*hovered_), colours().text, 1);
  if (chosen_) {
    outline(painter, now.sheet.place(*chosen_), colours().accent, 2);
    paint_detail(painter, now, *shown);
  }
}

void WallView::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || !grid()) return;
  const Plan now = plan();
  for (std::size_t i = 0; i < now.past.size(); ++i) {
    if (now.past[i].contains(event->position())) {
      emit moment_chosen(history_[i].position);
      return;
    }
  }
  const auto cell = now.sheet.cell_at(event->position());
  if (cell) choose(cell == chosen_ ? std::nullopt : cell);
}

void WallView::mouseMoveEvent(QMouseEvent* event) {
  const Plan now = plan();
  hovered_ = now.sheet.cell_at(event->position());
  const auto past = std::find_if(now.past.begin(), now.past.end(),
                                 [&](const QRectF& place) { return place.contains(event->position()); });
  hovered_past_ = past == now.past.end() ? -1 : static_cast<int>(past - now.past.begin());
  setCursor(hovered_ || hovered_past_ >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
  update();
}

void WallView::leaveEvent(QEvent* /*event*/) {
  hovered_.reset();
  hovered_past_ = -1;
  update();
}

void WallView::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape && chosen_) {
    choose({});
    return;
  }
  SampleView::keyPressEvent(event);
}

}  // namespace netwright
