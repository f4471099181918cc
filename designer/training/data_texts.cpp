#include "designer/training/data_texts.h"

#include <QPaintEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "backend/data/dataset.h"
#include "designer/theme/theme.h"
#include "designer/training/data_words.h"

namespace netwright {
namespace {

constexpr double texts_between = 2;
constexpr double chip_padding = 4;
constexpr double narrowest_chip = 15;
constexpr double label_width = 84;
constexpr double after_text = 7;

double chip_height() {
  return std::ceil(QFontMetricsF(Theme::instance().small_figures()).height()) + 3;
}

QString more_words(int hidden) {
  return DataTexts::tr("+ %1 more").arg(hidden);
}

}  // namespace

DataTexts::DataTexts(QWidget* parent) : PreviewPart(parent) {
  setObjectName(QStringLiteral("data.texts"));
}

DataTexts::Block DataTexts::block(std::size_t index, double top, double width) const {
  const SampleText& text = sample().texts[index];
  const QFontMetricsF metrics(Theme::instance().small_figures());
  const double height = chip_height();
  const bool has_words = !sample().words.value(static_cast<qsizetype>(index)).isEmpty();
  const double left = has_words ? std::min(label_width, width * 0.3) : 0;
  Block out;
  out.words = {0, top, left - 8, height};
  QPointF at(left, top);
  const auto next = [&](double wide) {
    if (at.x() > left && at.x() + wide > width) at = {left, at.y() + height + texts_between};
    const QRectF place(at, QSizeF(wide, height));
    at.rx() += wide + texts_between;
    return place;
  };
  for (qsizetype token = 0; token < text.tokens.size(); ++token) {
    // Padding ends where the line does.
    if (token >= text.own && at.x() > left && at.x() + narrowest_chip > width) break;
    const double wide = std::ceil(metrics.horizontalAdvance(shown_token(text.tokens[token]))) + 2 * chip_padding;
    out.chips.push_back({next(std::clamp(wide, narrowest_chip, std::max(narrowest_chip, width - left))), token});
  }
  if (text.hidden > 0) {
    out.more = next(metrics.horizontalAdvance(more_words(text.hidden)) + chip_padding);
  }
  out.bottom = at.y() + height;
  return out;
}

int DataTexts::heightForWidth(int width) const {
  double top = 0;
  for (std::size_t i = 0; i < sample().texts.size(); ++i) top = block(i, top, width).bottom + after_text;
  return static_cast<int>(std::ceil(top));
}

void DataTexts::paintEvent(QPaintEvent* event) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  double top = 0;
  for (std::size_t i = 0; i < sample().texts.size(); ++i) {
    const Block now = block(i, top, width());
    top = now.bottom + after_text;
    if (now.bottom < event->rect().top() || now.words.top() > event->rect().bottom()) continue;
    painter.setFont(Theme::instance().caption());
    painter.setPen(colours().muted);
    painter.drawText(
        now.words, Qt::AlignVCenter,
        QFontMetricsF(painter.font())
            .elidedText(sample().words.value(static_cast<qsizetype>(i)), Qt::ElideRight, now.words.width()));
    painter.setFont(Theme::instance().small_figures());
    const QFontMetricsF metrics(painter.font());
    const SampleText& text = sample().texts[i];
    for (const Chip& chip : now.chips) {
      const QString& token = text.tokens[chip.token];
      const bool is_padding = chip.token >= text.own;
      const bool is_unknown = token == QLatin1String("<unk>");
      painter.setPen(Qt::NoPen);
      painter.setBrush(is_padding ? Qt::NoBrush : QBrush(colours().raised));
      painter.drawRoundedRect(chip.place, 3, 3);
      painter.setPen(is_padding ? colours().faint : is_unknown ? colours().warning : colours().text);
      painter.drawText(chip.place, Qt::AlignCenter,
                       metrics.elidedText(shown_token(token), Qt::ElideRight, chip.place.width() - 2));
    }
    painter.setPen(colours().muted);
    if (text.hidden > 0) painter.drawText(now.more, Qt::AlignCenter, more_words(text.hidden));
  }
}

}  // namespace netwright
