#pragma once

#include <QColor>
#include <QWidget>

namespace netwright {

/// Of a label's words. To be called again when the theme changes.
inline void set_text_colour(QWidget& label, const QColor& colour) {
  QPalette palette = label.palette();
  palette.setColor(QPalette::WindowText, colour);
  label.setPalette(palette);
}

}  // namespace netwright
