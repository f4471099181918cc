#include "designer/panels/palette_delegate.h"

#include <QPainter>
#include <QPainterPath>

#include "designer/panels/palette_model.h"
#include "designer/theme/theme.h"

namespace netwright {

namespace {

constexpr int row_height = 25;
constexpr int heading_height = 30;
constexpr int left_margin = 12;
constexpr qreal edge_width = 3;
constexpr qreal fold_size = 7;

QColor edge_colour(const QModelIndex& index) {
  return Theme::instance().category(static_cast<Category>(index.data(PaletteModel::CategoryRole).toInt()));
}

/// The mark of a heading: it points down where what is beneath is shown, else to the right.
void paint_fold(QPainter& painter, QPointF middle, bool is_closed) {
  QPainterPath mark;
  mark.moveTo(-fold_size / 2, -fold_size / 4);
  mark.lineTo(0, fold_size / 4);
  mark.lineTo(fold_size / 2, -fold_size / 4);
  painter.save();
  painter.translate(middle);
  painter.rotate(is_closed ? -90 : 0);
  QPen pen = painter.pen();
  pen.setWidthF(1.4);
  pen.setCapStyle(Qt::RoundCap);
  pen.setJoinStyle(Qt::RoundJoin);
  painter.setBrush(Qt::NoBrush);
  painter.strokePath(mark, pen);
  painter.restore();
}

}  // namespace

void PaletteDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const Colours& c = colours();
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  if (index.data(PaletteModel::IsHeadingRole).toBool()) {
    QFont font = Theme::instance().caption();
    font.setWeight(QFont::DemiBold);
    painter->setFont(font);
    const bool is_pointed_at = option.state.testFlag(QStyle::State_MouseOver) && index.flags() != Qt::NoItemFlags;
    painter->setPen(is_pointed_at ? c.text : c.muted);
    const QRect line = option.rect.adjusted(left_margin, 8, -left_margin, -4);
    painter->drawText(line, Qt::AlignLeft | Qt::AlignVCenter, index.data().toString());
    if (index.flags() != Qt::NoItemFlags) {
      paint_fold(*painter, QPointF(line.right() - fold_size, line.center().y() + 0.5),
                 index.data(PaletteModel::IsClosedRole).toBool());
    }
    painter->restore();
    return;
  }
  const QRectF row = QRectF(option.rect).adjusted(left_margin - 4, 1, -6, -1);
  const bool is_selected = option.state.testFlag(QStyle::State_Selected);
  if (is_selected || option.state.testFlag(QStyle::State_MouseOver)) {
    painter->setPen(Qt::NoPen);
    painter->setBrush(is_selected ? c.selection : c.raised);
    painter->drawRoundedRect(row, 4, 4);
  }
  painter->setPen(Qt::NoPen);
  painter->setBrush(edge_colour(index));
  painter->drawRoundedRect(QRectF(row.left() + 4, row.center().y() - 7, edge_width, 14), 1.5, 1.5);
  painter->setFont(Theme::instance().body());
  painter->setPen(c.text);
  const QRectF text = row.adjusted(15, 0, -4, 0);
  painter->drawText(text, Qt::AlignLeft | Qt::AlignVCenter,
                    QFontMetricsF(painter->font()).elidedText(index.data().toString(), Qt::ElideRight, text.width()));
  painter->restore();
}

QSize PaletteDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
  return {option.rect.width(), index.data(PaletteModel::IsHeadingRole).toBool() ? heading_height : row_height};
}

QPixmap PaletteDelegate::drag_picture(const QModelIndex& index, qreal device_pixel_ratio) {
  const Colours& c = colours();
  QFont font = Theme::instance().body();
  font.setWeight(QFont::DemiBold);
  const QString type = index.data().toString();
  const QSizeF size(std::max(120.0, QFontMetricsF(font).horizontalAdvance(type) + 36), 40);
  QPixmap picture((size * device_pixel_ratio).toSize());
  picture.setDevicePixelRatio(device_pixel_ratio);
  picture.fill(Qt::transparent);
  QPainter painter(&picture);
  painter.setRenderHint(QPainter::Antialiasing);
  QPainterPath node;
  node.addRoundedRect(QRectF(QPointF(), size).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
  painter.fillPath(node, c.surface);
  painter.setClipPath(node);
  painter.fillRect(QRectF(0, 0, edge_width + 0.5, size.height()), edge_colour(index));
  painter.setClipping(false);
  painter.strokePath(node, QPen(c.accent, 1));
  painter.setFont(font);
  painter.setPen(c.text);
  painter.drawText(QRectF(QPointF(), size).adjusted(14, 0, -10, 0), Qt::AlignLeft | Qt::AlignVCenter, type);
  return picture;
}

}  // namespace netwright
