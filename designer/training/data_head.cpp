#include "designer/training/data_head.h"

#include <QHelpEvent>
#include <QLocale>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr double bars_height = 24;
constexpr double splits_height = 6;
constexpr double between = 10;
constexpr double swatch = 8;

double height_of(const QFont& font) {
  return std::ceil(QFontMetricsF(font).height());
}

}  // namespace

DataHead::DataHead(QWidget* parent) : PreviewPart(parent) {
  setObjectName(QStringLiteral("data.head"));
}

std::vector<DataHead::Share> DataHead::shares() const {
  std::vector<Share> all = {{sample().train_samples, tr("training"), 1},
                            {sample().validation_samples, tr("validation"), 0.55},
                            {sample().test_samples, tr("test"), 0.26}};
  std::erase_if(all, [](const Share& share) { return share.samples == 0; });
  return all;
}

QString DataHead::words_of(const Share& share) const {
  return QStringLiteral("%1 %2").arg(QLocale().toString(share.samples), share.name);
}

QString DataHead::words_of_classes() const {
  const auto& counts = sample().class_counts;
  const auto [least, greatest] = std::minmax_element(counts.begin(), counts.end());
  const QLocale locale;
  const QString number = locale.toString(static_cast<qlonglong>(counts.size()));
  if (sample().are_pixels_counted) return tr("%1 classes, by their pixels").arg(number);
  if (*least == *greatest) return tr("%1 classes of %2 training samples each").arg(number, locale.toString(*least));
  return tr("%1 classes of %2 to %3 training samples").arg(number, locale.toString(*least), locale.toString(*greatest));
}

QString DataHead::words_of_mask(std::size_t index) const {
  qint64 total = 0;
  for (const qint64 count : sample().class_counts) total += count;
  const double share =
      static_cast<double>(sample().class_counts[index]) / static_cast<double>(std::max<qint64>(1, total));
  return tr("%1 %2 %").arg(sample().classes.value(static_cast<qsizetype>(index))).arg(100 * share, 0, 'f', 1);
}

/// Where samples are drawn in their classes' colours, or masks are, the bars say which is which.
QColor DataHead::colour_of(std::size_t index) const {
  if (!sample().points.empty() || (!sample().masks.empty() && index > 0)) return series_colour(index);
  return colours().wire;
}

DataHead::Plan DataHead::plan(double width) const {
  const Theme& theme = Theme::instance();
  Plan out;
  out.heading = {0, 0, width, height_of(theme.heading())};
  double top = out.heading.bottom() + 6;
  out.splits = {0, top, width, splits_height};
  top = out.splits.bottom() + 4;
  const QFontMetricsF figures(theme.small_figures());
  const double line = height_of(theme.small_figures());
  double left = 0;
  for (const Share& share : shares()) {
    const double wide = swatch + 5 + figures.horizontalAdvance(words_of(share));
    if (left > 0 && left + wide > width) {
      left = 0;
      top += line;
    }
    out.split_lines.emplace_back(left, top, wide, line);
    left += wide + 12;
  }
  top += line + between;
  if (!sample().class_counts.empty()) {
    out.classes = {0, top, width, bars_height};
    out.classes_words = {0, top + bars_height + 3, width, line};
    top = out.classes_words.bottom() + (sample().masks.empty() ? between : 3);
  }
  const QFontMetricsF names(theme.caption());
  left = 0;
  for (std::size_t i = 0; i < sample().class_counts.size() && !sample().masks.empty(); ++i) {
    const double wide = swatch + 5 + names.horizontalAdvance(words_of_mask(i));
    if (left > 0 && left + wide > width) {
      left = 0;
      top += line + 1;
    }
    out.masks.emplace_back(left, top, wide, line + 1);
    left += wide + 12;
  }
  if (!out.masks.empty()) top = out.masks.back().bottom() + between;
  if (!sample().figures.isEmpty()) {
    out.figures = {0, top, width, (line + 1) * static_cast<double>(sample().figures.size())};
    top = out.figures.bottom() + between;
  }
  out.bottom = top;
  return out;
}

int DataHead::heightForWidth(int width) const {
  return static_cast<int>(std::ceil(plan(width).bottom));
}

QRectF DataHead::bar(const Plan& plan, std::size_t index) const {
  const double step = plan.classes.width() / static_cast<double>(sample().class_counts.size());
  const double left = std::round(plan.classes.left() + step * static_cast<double>(index));
  const double right = std::round(plan.classes.left() + step * static_cast<double>(index + 1));
  return {left, plan.classes.top(), std::max(1.0, right - left - (step > 6 ? 2 : 0)), plan.classes.height()};
}

QRectF DataHead::bar(std::size_t index) const {
  return bar(plan(width()), index);
}

void DataHead::paint_splits(QPainter& painter, const Plan& plan) const {
  const std::vector<Share> all = shares();
  double total = 0;
  for (const Share& share : all) total += static_cast<double>(share.samples);
  if (total <= 0) return;
  painter.setFont(Theme::instance().small_figures());
  double left = plan.splits.left();
  for (std::size_t i = 0; i < all.size(); ++i) {
    QColor colour = colours().accent;
    colour.setAlphaF(static_cast<float>(all[i].strength));
    const double wide = plan.splits.width() * static_cast<double>(all[i].samples) / total;
    const double right = i + 1 == all.size() ? plan.splits.right() : std::round(left + wide);
    painter.fillRect(QRectF(left, plan.splits.top(), std::max(1.0, right - left - (i + 1 == all.size() ? 0 : 1)),
                            plan.splits.height()),
                     colour);
    left = right;
    const QRectF& line = plan.split_lines[i];
    painter.fillRect(QRectF(line.left(), std::round(line.center().y() - swatch / 2), swatch, swatch), colour);
    painter.setPen(colours().muted);
    painter.drawText(line.adjusted(swatch + 5, 0, 4, 0), Qt::AlignVCenter, words_of(all[i]));
  }
}

void DataHead::paint_classes(QPainter& painter, const Plan& plan) const {
  const auto& counts = sample().class_counts;
  if (counts.empty()) return;
  const auto most = static_cast<double>(std::max<qint64>(1, *std::max_element(counts.begin(), counts.end())));
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const QRectF whole = bar(plan, i);
    painter.fillRect(whole, colours().window);
    const double height =
        std::max(counts[i] > 0 ? 1.0 : 0.0, std::round(whole.height() * static_cast<double>(counts[i]) / most));
    painter.fillRect(QRectF(whole.left(), whole.bottom() - height, whole.width(), height), colour_of(i));
  }
  painter.setFont(Theme::instance().small_figures());
  painter.setPen(colours().muted);
  painter.drawText(
      plan.classes_words, Qt::AlignVCenter,
      QFontMetricsF(painter.font()).elidedText(words_of_classes(), Qt::ElideRight, plan.classes_words.width()));
  painter.setFont(Theme::instance().caption());
  for (std::size_t i = 0; i < plan.masks.size(); ++i) {
    const QRectF& place = plan.masks[i];
    painter.fillRect(QRectF(place.left(), std::round(place.center().y() - swatch / 2), swatch, swatch), colour_of(i));
    painter.drawText(place.adjusted(swatch + 5, 0, 4, 0), Qt::AlignVCenter, words_of_mask(i));
  }
}

void DataHead::paint_figures(QPainter& painter, const Plan& plan) const {
  const Theme& theme = Theme::instance();
  double names = 0;
  for (const QString& name : sample().figure_names) {
    names = std::max(names, QFontMetricsF(theme.caption()).horizontalAdvance(name));
  }
  const double line = height_of(theme.small_figures()) + 1;
  for (int i = 0; i < sample().figures.size(); ++i) {
    const QRectF place(plan.figures.left(), plan.figures.top() + line * i, plan.figures.width(), line);
    painter.setFont(theme.caption());
    painter.setPen(colours().muted);
    painter.drawText(place, Qt::AlignVCenter, sample().figure_names[i]);
    painter.setFont(theme.small_figures());
    painter.setPen(colours().text);
    const QRectF value = place.adjusted(std::ceil(names) + 10, 0, 0, 0);
    painter.drawText(value, Qt::AlignVCenter,
                     QFontMetricsF(painter.font()).elidedText(sample().figures[i], Qt::ElideRight, value.width()));
  }
}

void DataHead::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  const Theme& theme = Theme::instance();
  const Plan now = plan(width());
  painter.setFont(theme.heading());
  painter.setPen(colours().text);
  const QFontMetricsF heading(painter.font());
  const double shape_width = QFontMetricsF(theme.small_figures()).horizontalAdvance(sample().shape);
  const QString name = heading.elidedText(sample().name, Qt::ElideRight, now.heading.width() - shape_width - 12);
  painter.drawText(now.heading, Qt::AlignVCenter, name);
  painter.setFont(theme.small_figures());
  painter.setPen(colours().muted);
  painter.drawText(now.heading, Qt::AlignRight | Qt::AlignVCenter, sample().shape);
  paint_splits(painter, now);
  paint_classes(painter, now);
  paint_figures(painter, now);
}

QString DataHead::words_at(QPointF position) const {
  const Plan now = plan(width());
  if (now.heading.contains(position)) return tr("%1: samples of shape %2").arg(sample().name, sample().shape);
  for (std::size_t i = 0; i < sample().class_counts.size(); ++i) {
    if (!bar(now, i).contains(position)) continue;
    const QString name = sample().classes.value(static_cast<qsizetype>(i), QString::number(i));
    const QString count = QLocale().toString(sample().class_counts[i]);
    return sample().are_pixels_counted ? tr("%1: %2 pixels").arg(name, count)
                                       : tr("%1: %2 training samples").arg(name, count);
  }
  if (!now.figures.contains(position)) return {};
  const auto line = static_cast<int>((position.y() - now.figures.top()) / now.figures.height() *
                                     static_cast<double>(sample().figures.size()));
  return sample().figures.value(line);
}

bool DataHead::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const QString words = words_at(help->pos());
    words.isEmpty() ? QToolTip::hideText() : QToolTip::showText(help->globalPos(), words, this);
    return true;
  }
  return PreviewPart::event(event);
}

}  // namespace netwright
