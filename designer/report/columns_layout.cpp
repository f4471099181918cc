#include "designer/report/columns_layout.h"

#include <algorithm>

namespace netwright {

ColumnsLayout::ColumnsLayout(int least, int spacing) : least_(least) {
  setContentsMargins(0, 0, 0, 0);
  setSpacing(spacing);
}

ColumnsLayout::~ColumnsLayout() {
  for (QLayoutItem* item : items_) delete item;
}

void ColumnsLayout::addItem(QLayoutItem* item) {
  items_.push_back(item);
}

QLayoutItem* ColumnsLayout::itemAt(int index) const {
  return index >= 0 && index < count() ? items_[static_cast<std::size_t>(index)] : nullptr;
}

QLayoutItem* ColumnsLayout::takeAt(int index) {
  QLayoutItem* item = itemAt(index);
  if (item) items_.erase(items_.begin() + index);
  return item;
}

QSize ColumnsLayout::minimumSize() const {
  int width = 0;
  for (const QLayoutItem* item : items_) width = std::max(width, item->minimumSize().width());
  return {std::min(width, least_), 1};
}

QSize ColumnsLayout::sizeHint() const {
  return {least_, heightForWidth(least_)};
}

void ColumnsLayout::setGeometry(const QRect& rect) {
  QLayout::setGeometry(rect);
  placed(rect.width(), &rect);
}

int ColumnsLayout::placed(int width, const QRect* at) const {
  if (items_.empty()) return 0;
  const int columns = std::clamp((width + spacing()) / (least_ + spacing()), 1, count());
  const int each = (width - (columns - 1) * spacing()) / columns;
  int top = 0;
  for (std::size_t begin = 0; begin < items_.size(); begin += static_cast<std::size_t>(columns)) {
    const std::size_t end = std::min(items_.size(), begin + static_cast<std::size_t>(columns));
    int height = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const QLayoutItem& item = *items_[i];
      height = std::max(height, item.hasHeightForWidth() ? item.heightForWidth(each) : item.sizeHint().height());
    }
    if (begin > 0) top += spacing();
    for (std::size_t i = begin; at && i < end; ++i) {
      const int left = static_cast<int>(i - begin) * (each + spacing());
      items_[i]->setGeometry(QRect(at->left() + left, at->top() + top, each, height));
    }
    top += height;
  }
  return top;
}

}  // namespace netwright
