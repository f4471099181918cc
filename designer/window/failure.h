#pragma once

#include <QString>

class QWidget;

namespace netwright {

/// Says in a dialog what couldn't be done with the file at `path`, and why.
void show_failure(QWidget* window, const QString& title, const QString& path, const QString& why);

}  // namespace netwright
