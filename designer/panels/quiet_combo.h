#pragma once
// A combo box that scrolling a panel doesn't change as it passes under the pointer.

#include <QComboBox>
#include <QWheelEvent>

namespace netwright {

class QuietCombo : public QComboBox {
 public:
  explicit QuietCombo(QWidget* parent = nullptr) : QComboBox(parent) {
    setFocusPolicy(Qt::StrongFocus);
    // Long words must not make the panel wider.
    setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    setMinimumContentsLength(8);
  }

 protected:
  void wheelEvent(QWheelEvent* event) override { hasFocus() ? QComboBox::wheelEvent(event) : event->ignore(); }
};

}  // namespace netwright
