#include "designer/canvas/note_item.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QStyleOptionGraphicsItem>

#include "designer/canvas/geometry.h"
#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr qreal note_padding = 16;
constexpr qreal strip = 3;
constexpr qreal note_gap = 6;  // from the heading to the text
constexpr qreal readable_note_zoom = 0.35;
constexpr int wrapping = Qt::TextWordWrap | Qt::AlignLeft | Qt::AlignTop;

QFont heading_font() {
  QFont font = Theme::instance().body();
  font.setPixelSize(15);
  font.setWeight(QFont::DemiBold);
  return font;
}

QFont text_font() {
  QFont font = Theme::instance().body();
  font.setPixelSize(12);
  return font;
}

struct Words {
  QString heading;
  QString text;
};

/// A first line that is no sentence is a heading.
Words words_of(const CanvasNote& note) {
  const QString all = QString::fromStdString(note.text).trimmed();
  const QString first = all.section(QLatin1Char('\n'), 0, 0).trimmed();
  const bool is_heading = first.size() <= 60 && !first.endsWith(QLatin1Char('.')) && all.contains(QLatin1Char('\n'));
  if (!is_heading) return {{}, all};
  return {first, all.section(QLatin1Char('\n'), 1).trimmed()};
}

qreal height_of(const QString& text, const QFont& font, qreal width) {
  if (text.isEmpty()) return 0;
  return QFontMetricsF(font).boundingRect(QRectF(0, 0, width, 1e6), wrapping, text).height();
}

qreal height_of(const CanvasNote& note) {
  const Words words = words_of(note);
  const qreal width = note.width - 2 * note_padding;
  const qreal heading = height_of(words.heading, heading_font(), width);
  const qreal text = height_of(words.text, text_font(), width);
  return std::max(2 * note_padding + heading + (heading > 0 && text > 0 ? note_gap : 0) + text, 2 * note_padding + 16);
}

}  // namespace

NoteItem::NoteItem(std::size_t index, CanvasNote note)
    : index_(index), note_(std::move(note)), height_(height_of(note_)) {
  setFlag(ItemIsSelectable);
  setZValue(-1);  // a wire or a node that lies on it stays in reach
  setPos(to_qt(note_.position));
}

void NoteItem::set_note(CanvasNote note) {
  prepareGeometryChange();
  note_ = std::move(note);
  height_ = height_of(note_);
  setPos(to_qt(note_.position));
  update();
}

QRectF NoteItem::rect() const {
  return QRectF(pos(), QSizeF(note_.width, height_));
}

QRectF NoteItem::boundingRect() const {
  return QRectF(0, 0, note_.width, height_).adjusted(-2, -2, 2, 2);
}

void NoteItem::paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget*) {
  const QRectF card(0, 0, note_.width, height_);
  painter->setRenderHint(QPainter::Antialiasing);
  painter->setPen(isSelected() ? QPen(colours().accent, 2) : QPen(colours().outline, 1));
  painter->setBrush(colours().raised);
  painter->drawRoundedRect(card, 6, 6);
  painter->fillRect(QRectF(0, 8, strip, height_ - 16), colours().accent);
  if (option->levelOfDetailFromTransform(painter->worldTransform()) < readable_note_zoom) return;
  QRectF inner = card.adjusted(note_padding, note_padding, -note_padding, -note_padding);
  const Words words = words_of(note_);
  if (!words.heading.isEmpty()) {
    painter->setFont(heading_font());
    painter->setPen(colours().text);
    painter->drawText(inner, wrapping, words.heading);
    inner.setTop(inner.top() + height_of(words.heading, heading_font(), inner.width()) + note_gap);
  }
  painter->setFont(text_font());
  painter->setPen(words.text.isEmpty() ? colours().faint : colours().text);
  painter->drawText(inner, wrapping, words.text);
}

}  // namespace netwright
