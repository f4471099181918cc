#pragma once
// A line of words that gives way: too narrow, it ends in `…` and says the whole in its tooltip.

#include <QLabel>
#include <QPainter>

namespace netwright {

class ElidedLabel : public QLabel {
 public:
  explicit ElidedLabel(QWidget* parent = nullptr) : QLabel(parent) {
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    setTextFormat(Qt::PlainText);
  }

 protected:
  void paintEvent(QPaintEvent* /*event*/) override {
    QPainter painter(this);
    painter.setPen(palette().color(QPalette::WindowText));
    const QString shown = fontMetrics().elidedText(text(), Qt::ElideRight, width());
    painter.drawText(rect(), Qt::AlignVCenter, shown);
    if (const QString tip = shown == text() ? QString() : text(); tip != toolTip()) setToolTip(tip);
  }
};

}  // namespace netwright
