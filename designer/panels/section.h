#pragma once
// The parts that panels are built of: margins, headings, a scrolling column.

#include <QWidget>

class QLabel;
class QScrollArea;

namespace netwright {

inline constexpr int panel_margin = 12;

/// A small heading over a group of a panel.
QLabel* section_title(const QString& text, QWidget* parent);

/// `content` in a frameless area that scrolls up and down only.
QScrollArea* scrolling(QWidget* content, QWidget* parent);

}  // namespace netwright
