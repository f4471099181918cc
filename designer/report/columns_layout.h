#pragma once
// Widgets of one width in as many columns as there is room for, each row as high as its highest.

#include <QLayout>
#include <vector>

namespace netwright {

class ColumnsLayout : public QLayout {
 public:
  /// Columns are `least` wide or wider, and all widgets stand in one where not even two fit.
  explicit ColumnsLayout(int least, int spacing);
  ~ColumnsLayout() override;

  void addItem(QLayoutItem* item) override;
  int count() const override { return static_cast<int>(items_.size()); }
  QLayoutItem* itemAt(int index) const override;
  QLayoutItem* takeAt(int index) override;
  Qt::Orientations expandingDirections() const override { return Qt::Horizontal; }
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override { return placed(width, nullptr); }
  QSize sizeHint() const override;
  QSize minimumSize() const override;
  void setGeometry(const QRect& rect) override;

 private:
  /// Gives the height, and where `at` is given places the widgets there.
  int placed(int width, const QRect* at) const;

  int least_;
  std::vector<QLayoutItem*> items_;
};

}  // namespace netwright
