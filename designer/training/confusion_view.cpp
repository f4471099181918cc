#include "designer/training/confusion_view.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr double title_height = 22;
constexpr double confusion_edge = 8;
constexpr double smallest_cell = 6;
constexpr double smallest_scale = 0.75;  // of the figures in cells; below it they are left out

QString percent(std::int64_t part, std::int64_t whole, int digits = 1) {
  if (whole == 0) return QStringLiteral("–");
  return QString::number(100.0 * static_cast<double>(part) / static_cast<double>(whole), 'f', digits);
}

}  // namespace

ConfusionView::ConfusionView(QWidget* parent) : QWidget(parent) {
  setMouseTracking(true);
  setMinimumSize(180, 140);
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    measured_size_ = {};
    update();
  });
}

QSize ConfusionView::sizeHint() const {
  return {380, 300};
}

void ConfusionView::show_matrix(const std::vector<std::string>& classes, const ConfusionEvent& matrix) {
  const std::size_t size = matrix.counts.size();
  counts_ = matrix.counts;
  epoch_ = matrix.epoch;
  classes_.clear();
  row_sums_.assign(size, 0);
  column_sums_.assign(size, 0);
  for (std::size_t row = 0; row < size; ++row) {
    classes_ << (row < classes.size() ? QString::fromStdString(classes[row]) : QString::number(row));
    counts_[row].resize(size);
    for (std::size_t column = 0; column < size; ++column) {
      row_sums_[row] += counts_[row][column];
      column_sums_[column] += counts_[row][column];
    }
  }
  measured_size_ = {};
  update();
}

void ConfusionView::clear() {
  show_matrix({}, {});
}

const ConfusionView::Geometry& ConfusionView::geometry() const {
  if (measured_size_ == size()) return geometry_;
  measured_size_ = size();
  const QFontMetricsF metrics(Theme::instance().caption());
  const auto count = static_cast<double>(std::max<std::size_t>(1, counts_.size()));
  double longest = 0;
  for (const QString& name : classes_) longest = std::max(longest, metrics.horizontalAdvance(name));
  Geometry& g = geometry_;
  g.label_width = std::min(longest + 10, width() * 0.26);
  g.margin_width = QFontMetricsF(Theme::instance().small_figures()).horizontalAdvance(QStringLiteral("100.00")) + 2;
  g.column_width = std::max(0.01, (width() - 2 * confusion_edge - g.label_width - g.margin_width) / count);
  g.is_head_upright = longest + 6 > g.column_width;
  g.head_height = g.is_head_upright ? std::min(longest + 8, height() * 0.24) : metrics.height() + 6;
  const double rest = height() - title_height - g.head_height - (metrics.height() + 6) - confusion_edge;
  g.row_height = std::max(0.01, rest / count);
  return g;
}

QRectF ConfusionView::cell(std::size_t row, std::size_t column) const {
  const Geometry& g = geometry();
  const double left = confusion_edge + g.label_width;
  const double top = title_height + g.head_height;
  const auto at = [](double start, double step, std::size_t index) {
    return std::round(start + step * static_cast<double>(index));
  };
  const QPointF from(at(left, g.column_width, column), at(top, g.row_height, row));
  return {from, QPointF(at(left, g.column_width, column + 1), at(top, g.row_height, row + 1))};
}

QColor ConfusionView::tint(std::size_t row, std::size_t column) const {
  const auto whole = static_cast<double>(std::max<std::int64_t>(1, row_sums_[row]));
  // The square root lets a class's few mistakes show beside its many hits.
  const double share = std::sqrt(std::clamp(static_cast<double>(counts_[row][column]) / whole, 0.0, 1.0)) * 0.92;
  const auto mixed = [share](int paper, int ink) {
    return static_cast<int>(std::lround(paper + (ink - paper) * share));
  };
  const QColor& paper = colours().window;
  const QColor& ink = colours().accent;
  return {mixed(paper.red(), ink.red()), mixed(paper.green(), ink.green()), mixed(paper.blue(), ink.blue())};
}

void ConfusionView::paint_tints(QPainter& painter) const {
  const auto size = static_cast<int>(counts_.size());
  QImage image(size, size, QImage::Format_RGB32);
  for (int row = 0; row < size; ++row) {
    auto* line = reinterpret_cast<QRgb*>(image.scanLine(row));
    for (int column = 0; column < size; ++column) {
      line[column] = tint(static_cast<std::size_t>(row), static_cast<std::size_t>(column)).rgb();
    }
  }
  painter.drawImage(QRectF(cell(0, 0).topLeft(), cell(counts_.size() - 1, counts_.size() - 1).bottomRight()), image);
}

QFont ConfusionView::cell_font(const Geometry& g) const {
  std::int64_t most = 0;
  for (const auto& row : counts_) most = std::max(most, *std::max_element(row.begin(), row.end()));
  QFont font = Theme::instance().small_figures();
  const double wanted = QFontMetricsF(font).horizontalAdvance(QLocale().toString(static_cast<qlonglong>(most))) + 3;
  font.setPointSizeF(font.pointSizeF() * std::clamp(g.column_width / wanted, smallest_scale, 1.0));
  return font;
}

void ConfusionView::paint_cells(QPainter& painter, const Geometry& g) const {
  if (std::min(g.column_width, g.row_height) < smallest_cell) {
    paint_tints(painter);
    return;
  }
  const QLocale locale;
  painter.setFont(cell_font(g));
  const QFontMetricsF metrics(painter.font());
  for (std::size_t row = 0; row < counts_.size(); ++row) {
    for (std::size_t column = 0; column < counts_.size(); ++column) {
      const QRectF place = cell(row, column);
      const std::int64_t count = counts_[row][column];
      const QRectF inner = place.adjusted(0, 0, -1, -1);
      painter.fillRect(inner, tint(row, column));
      const QString text = locale.toString(static_cast<qlonglong>(count));
      if (metrics.horizontalAdvance(text) > place.width() - 1 || metrics.height() > place.height() + 2) continue;
      const bool is_strong = count * 25 > row_sums_[row] * 9;
      painter.setPen(count == 0 ? colours().faint : is_strong ? colours().on_accent : colours().text);
      painter.drawText(inner, Qt::AlignCenter, count == 0 ? QStringLiteral("·") : text);
    }
  }
}

void ConfusionView::paint_heads(QPainter& painter, const Geometry& g) const {
  const QFont caption = Theme::instance().caption();
  const QFontMetricsF metrics(caption);
  const double bottom = cell(counts_.size() - 1, 0).bottom();
  const double right = cell(0, counts_.size() - 1).right();
  const double row_step = std::ceil(metrics.height() / g.row_height);  // labels that would overlap are left out
  const double column_step =
      std::ceil((g.is_head_upright ? metrics.height() : metrics.height() * 1.2) / g.column_width);
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    const auto index = static_cast<int>(i);
    const QString name = classes_[index];
    if (index % static_cast<int>(row_step) == 0) {
      const QRectF row = cell(i, 0);
      painter.setFont(caption);
      painter.setPen(index == hover_row_ ? colours().text : colours().muted);
      const QRectF label(confusion_edge, row.center().y() - metrics.height() / 2, g.label_width - 8, metrics.height());
      painter.drawText(label, Qt::AlignRight | Qt::AlignVCenter,
                       metrics.elidedText(name, Qt::ElideRight, label.width()));
      painter.setFont(Theme::instance().small_figures());
      painter.drawText(QRectF(right, label.top(), g.margin_width - 2, label.height()),
                       Qt::AlignRight | Qt::AlignVCenter, percent(counts_[i][i], row_sums_[i]));
    }
    if (index % static_cast<int>(column_step) == 0) {
      const QRectF column = cell(0, i);
      painter.setFont(caption);
      painter.setPen(index == hover_column_ ? colours().text : colours().muted);
      painter.save();
      if (g.is_head_upright) {
        painter.translate(column.center().x(), column.top() - 4);
        painter.rotate(-90);
        painter.drawText(QRectF(0, -metrics.height() / 2, g.head_height - 4, metrics.height()), Qt::AlignVCenter,
                         metrics.elidedText(name, Qt::ElideRight, g.head_height - 6));
      } else {
        painter.drawText(QRectF(column.left(), column.top() - g.head_height, column.width(), g.head_height),
                         Qt::AlignCenter, name);
      }
      painter.restore();
      painter.setFont(Theme::instance().small_figures());
      const QString figure = percent(counts_[i][i], column_sums_[i], 0);
      if (QFontMetricsF(painter.font()).horizontalAdvance(figure) < column.width() - 2) {
        painter.drawText(QRectF(column.left() - 4, bottom + 3, column.width() + 8, metrics.height()), Qt::AlignCenter,
                         figure);
      }
    }
  }
  painter.setFont(caption);
  painter.setPen(colours().faint);
  painter.drawText(QRectF(right, title_height, g.margin_width - 2, g.head_height - 3), Qt::AlignRight | Qt::AlignBottom,
                   tr("Recall"));
  painter.drawText(QRectF(confusion_edge, bottom + 3, g.label_width - 8, metrics.height()),
                   Qt::AlignRight | Qt::AlignVCenter, tr("Precision"));
}

void ConfusionView::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.fillRect(rect(), colours().surface);
  if (counts_.empty()) {
    painter.setFont(Theme::instance().caption());
    painter.setPen(colours().faint);
    painter.drawText(rect().adjusted(16, 0, -16, 0), Qt::AlignCenter | Qt::TextWordWrap,
                     tr("After the first epoch, this shows which classes are taken for which."));
    return;
  }
  const Geometry& g = geometry();
  painter.setFont(Theme::instance().caption());
  painter.setPen(colours().muted);
  painter.drawText(QRectF(confusion_edge, 0, width() - 2 * confusion_edge, title_height), Qt::AlignVCenter,
                   tr("True class ↓  taken for →   epoch %1").arg(epoch_));
  paint_cells(painter, g);
  paint_heads(painter, g);
  if (hover_row_ >= 0 && hover_column_ >= 0) {
    painter.setPen(QPen(colours().text, 1));
    painter.drawRect(cell(static_cast<std::size_t>(hover_row_), static_cast<std::size_t>(hover_column_))
                         .adjusted(-0.5, -0.5, -0.5, -0.5));
  }
}

QString ConfusionView::words_at(QPoint position) const {
  for (std::size_t row = 0; row < counts_.size(); ++row) {
    if (const QRectF first = cell(row, 0); position.y() < first.top() || position.y() >= first.bottom()) continue;
    for (std::size_t column = 0; column < counts_.size(); ++column) {
      if (!cell(row, column).contains(position)) continue;
      const QLocale locale;
      const QString share = percent(counts_[row][column], row_sums_[row]);
      const QString count = locale.toString(static_cast<qlonglong>(counts_[row][column]));
      const QString whole = locale.toString(static_cast<qlonglong>(row_sums_[row]));
      const QString name = classes_[static_cast<int>(row)];
      if (row == column) return tr("%1, recognised: %2 of %3 (%4 %)").arg(name, count, whole, share);
      return tr("%1, taken for %2: %3 of %4 (%5 %)").arg(name, classes_[static_cast<int>(column)], count, whole, share);
    }
  }
  return {};
}

bool ConfusionView::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    QString words = words_at(help->pos());
    if (can_open(hover_row_, hover_column_)) words += tr("\nA click shows them.");
    words.isEmpty() ? QToolTip::hideText() : QToolTip::showText(help->globalPos(), words, this);
    return true;
  }
  return QWidget::event(event);
}

void ConfusionView::mouseMoveEvent(QMouseEvent* event) {
  hover_row_ = hover_column_ = -1;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    const QRectF place = cell(i, i);
    const QPointF at = event->position();
    if (at.y() >= place.top() && at.y() < place.bottom()) hover_row_ = static_cast<int>(i);
    if (at.x() >= place.left() && at.x() < place.right()) hover_column_ = static_cast<int>(i);
  }
  can_open(hover_row_, hover_column_) ? setCursor(Qt::PointingHandCursor) : unsetCursor();
  update();
}

void ConfusionView::leaveEvent(QEvent* /*event*/) {
  hover_row_ = hover_column_ = -1;
  unsetCursor();
  update();
}

void ConfusionView::set_has_samples(bool has_samples) {
  has_samples_ = has_samples;
}

bool ConfusionView::can_open(int row, int column) const {
  return has_samples_ && row >= 0 && column >= 0 &&
         counts_[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)] > 0;
}

void ConfusionView::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || !rect().contains(event->position().toPoint())) return;
  mouseMoveEvent(event);
  if (can_open(hover_row_, hover_column_)) {
    emit cell_chosen(static_cast<std::size_t>(hover_row_), static_cast<std::size_t>(hover_column_));
  }
}

}  // namespace netwright
