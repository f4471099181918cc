#pragma once

#include <QPainter>
#include <QWidget>

#include "designer/theme/theme.h"

namespace netwright {

/// A widget on the theme's surface, whatever is laid out in it.
class SurfacePanel : public QWidget {
 public:
  using QWidget::QWidget;

 protected:
  void paintEvent(QPaintEvent* /*event*/) override {
    QPainter painter(this);
    painter.fillRect(rect(), colours().surface);
  }
};

}  // namespace netwright
