#include "designer/training/data_table.h"

#include <QHelpEvent>
#include <QPainter>
#include <QScrollArea>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "designer/theme/theme.h"
#include "designer/training/axis_scale.h"

namespace netwright {
namespace {

constexpr double table_padding = 8;
constexpr double histogram_height = 22;
constexpr double table_narrowest = 54;
constexpr double widest = 150;

double table_line_height() {
  return std::ceil(QFontMetricsF(Theme::instance().small_figures()).height()) + 4;
}

double name_height() {
  return std::ceil(QFontMetricsF(Theme::instance().caption()).height()) + 4;
}

double head_height() {
  return name_height() + histogram_height + table_line_height() + 4;
}

QString range_of(const SampleColumn& column) {
  if (column.histogram.empty()) return {};
  const auto text = [](double value) {
    return value == std::round(value) && std::abs(value) < 1e6 ? QString::number(value, 'f', 0)
                                                               : QString::number(value, 'g', 3);
  };
  return QStringLiteral("%1 … %2").arg(text(column.least), text(column.greatest));
}

}  // namespace

DataRows::DataRows(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("data.rows"));
}

double DataRows::width_of(const SampleColumn& column) const {
  const QFontMetricsF names(Theme::instance().caption());
  const QFontMetricsF figures(Theme::instance().small_figures());
  double width =
      std::max({table_narrowest, names.horizontalAdvance(column.name), figures.horizontalAdvance(range_of(column))});
  for (const QString& value : column.values) width = std::max(width, figures.horizontalAdvance(value));
  return std::min(widest, std::ceil(width)) + 2 * table_padding;
}

void DataRows::show_columns(const DataSample& sample) {
  columns_ = sample.columns;
  hidden_ = sample.hidden_columns;
  lefts_ = {0};
  for (const SampleColumn& column : columns_) lefts_.push_back(lefts_.back() + width_of(column));
  updateGeometry();
  update();
}

QSize DataRows::sizeHint() const {
  const qsizetype rows = columns_.empty() ? 0 : columns_.front().values.size();
  const double more =
      hidden_ > 0
          ? QFontMetricsF(Theme::instance().caption()).horizontalAdvance(tr("and %1 more columns").arg(hidden_)) +
                2 * table_padding
          : 0;
  return {static_cast<int>(std::ceil((lefts_.empty() ? 0 : lefts_.back()) + more)),
          static_cast<int>(std::ceil(head_height() + table_line_height() * static_cast<double>(rows) + 2))};
}

QRectF DataRows::column_place(std::size_t index) const {
  return {lefts_[index], 0, lefts_[index + 1] - lefts_[index], static_cast<double>(height())};
}

void DataRows::paint_head(QPainter& painter, std::size_t index) const {
  const SampleColumn& column = columns_[index];
  const QRectF place = column_place(index).adjusted(table_padding, 0, -table_padding, 0);
  painter.setFont(Theme::instance().caption());
  painter.setPen(column.is_target ? colours().accent : colours().text);
  const QRectF name(place.left(), 0, place.width(), name_height());
  painter.drawText(name, (column.histogram.empty() ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter,
                   QFontMetricsF(painter.font()).elidedText(column.name, Qt::ElideMiddle, name.width()));
  if (column.histogram.empty()) return;
  const QRectF bars(place.left(), name.bottom(), place.width(), histogram_height);
  const double step = bars.width() / static_cast<double>(column.histogram.size());
  for (std::size_t i = 0; i < column.histogram.size(); ++i) {
    const double left = std::round(bars.left() + step * static_cast<double>(i));
    const double right = std::round(bars.left() + step * static_cast<double>(i + 1));
    const double share = column.histogram[i];
    const double high = share > 0 ? std::max(1.0, std::round(share * (histogram_height - 2))) : 0;
    QColor colour = column.is_target ? colours().accent : colours().wire;
    painter.fillRect(QRectF(left, bars.bottom() - high, std::max(1.0, right - left - 1), high), colour);
  }
  painter.fillRect(QRectF(bars.left(), bars.bottom(), bars.width(), 1), colours().outline);
  painter.setFont(Theme::instance().small_figures());
  painter.setPen(colours().muted);
  painter.drawText(
      QRectF(place.left() - table_padding, bars.bottom() + 1, place.width() + table_padding, table_line_height()),
      Qt::AlignRight | Qt::AlignVCenter, range_of(column));
}

void DataRows::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.fillRect(rect(), colours().surface);
  const double line = table_line_height();
  const double top = head_height();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const SampleColumn& column = columns_[i];
    if (column.is_target) {
      QColor tint = colours().selection;
      painter.fillRect(column_place(i), tint);
    }
    paint_head(painter, i);
    painter.setFont(Theme::instance().small_figures());
    const QFontMetricsF metrics(painter.font());
    const QRectF place = column_place(i).adjusted(table_padding, 0, -table_padding, 0);
    painter.setPen(colours().text);
    for (qsizetype row = 0; row < column.values.size(); ++row) {
      const QRectF cell(place.left(), top + line * static_cast<double>(row), place.width(), line);
      painter.drawText(cell, (column.histogram.empty() ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter,
                       metrics.elidedText(column.values[row], Qt::ElideRight, cell.width()));
    }
  }
  painter.setPen(QPen(colours().outline, 1));
  painter.drawLine(QPointF(0, top - 0.5), QPointF(lefts_.back(), top - 0.5));
  if (hidden_ == 0) return;
  painter.setFont(Theme::instance().caption());
  painter.setPen(colours().muted);
  painter.drawText(QRectF(lefts_.back() + table_padding, 0, width() - lefts_.back() - table_padding, name_height()),
                   Qt::AlignVCenter, tr("and %1 more columns").arg(hidden_));
}

bool DataRows::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  QString words;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (!column_place(i).contains(help->pos())) continue;
    const auto row = static_cast<qsizetype>(std::floor((help->pos().y() - head_height()) / table_line_height()));
    words = row < 0 ? columns_[i].name : columns_[i].values.value(row);
    if (row < 0 && !columns_[i].histogram.empty()) words += QStringLiteral("\n") + range_of(columns_[i]);
  }
  words.isEmpty() ? QToolTip::hideText() : QToolTip::showText(help->globalPos(), words, this);
  return true;
}

DataTable::DataTable(QWidget* parent) : PreviewPart(parent), rows_(new DataRows), scroll_(new QScrollArea(this)) {
  setObjectName(QStringLiteral("data.table"));
  scroll_->setWidget(rows_);
  scroll_->setFrameShape(QFrame::NoFrame);
  scroll_->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
}

void DataTable::resizeEvent(QResizeEvent* /*event*/) {
  scroll_->setGeometry(rect());
}

int DataTable::heightForWidth(int width) const {
  const QSize wanted = rows_->sizeHint();
  return wanted.height() + (wanted.width() > width ? scroll_->horizontalScrollBar()->sizeHint().height() : 0);
}

void DataTable::refresh() {
  rows_->show_columns(sample());
  rows_->resize(rows_->sizeHint());
}

}  // namespace netwright
