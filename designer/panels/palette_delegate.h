#pragma once
// Draws the palette's rows, and the node that hangs on the pointer while one is dragged.

#include <QPixmap>
#include <QStyledItemDelegate>

namespace netwright {

class PaletteDelegate : public QStyledItemDelegate {
  Q_OBJECT

 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

  /// `index` is a type's row; sharp on a screen of `device_pixel_ratio`.
  static QPixmap drag_picture(const QModelIndex& index, qreal device_pixel_ratio);
};

}  // namespace netwright
