#pragma once

#include <QStringList>

class QWidget;

namespace netwright {

/// A list of sentences to read beside the drawing; the window stays usable.
void show_notes(QWidget* window, const QString& heading, const QString& explanation, const QStringList& notes);

}  // namespace netwright
