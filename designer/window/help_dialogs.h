#pragma once
// What Help opens.

class QWidget;

namespace netwright {

/// Lists the shortcuts of the window's actions and what the pointer does on the canvas.
void show_shortcuts(QWidget* window);
void show_about(QWidget* window);

}  // namespace netwright
