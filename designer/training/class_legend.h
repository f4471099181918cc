#pragma once
// The names of groups beside their colours, in a column or, where that is too high, flowing in lines. A click, or the
// space bar, mutes a group.

#include <QStringList>
#include <QWidget>
#include <vector>

#include "designer/theme/theme.h"

namespace netwright {

/// The mark of a group: its colour, and from the eleventh group on another shape.
void paint_group_mark(QPainter& painter, QPointF at, double radius, int group, const QColor& colour);

class ClassLegend : public QWidget {
  Q_OBJECT

 public:
  explicit ClassLegend(QWidget* parent = nullptr);

  /// What was muted stays so while the names are the same.
  void show_names(const QStringList& names);
  const QStringList& names() const { return names_; }
  bool is_muted(int group) const { return muted_[static_cast<std::size_t>(group)]; }
  /// −1 for none.
  int hovered() const { return hovered_; }
  void set_flowing(bool is_flowing);
  QRectF place(int group) const;

  QSize sizeHint() const override;
  bool hasHeightForWidth() const override { return is_flowing_; }
  int heightForWidth(int width) const override;

 signals:
  /// Muted or hovered groups have changed.
  void changed();

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  std::vector<QRectF> places(double width) const;
  int group_at(QPointF position) const;
  void toggle(int group);
  void set_hovered(int group);

  QStringList names_;
  std::vector<bool> muted_;
  int hovered_ = -1;
  int current_ = 0;  ///< by the keyboard
  bool is_flowing_ = false;
};

}  // namespace netwright
