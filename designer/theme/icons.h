#pragma once
// The program's own line icons (resources/icons), drawn in the theme's colours whenever they are painted: they follow
// a change of theme and stay sharp at any scale.

#include <QIcon>

namespace netwright {

enum class Ink { Text, Muted, Accent, OnAccent, Error, Warning, Advice, Success };

/// `name` without folder and suffix: `train`. Disabled icons are drawn faint whatever the ink.
QIcon icon(const QString& name, Ink ink = Ink::Text);

/// The hue of an ink in the current theme.
QColor colour_of(Ink ink);

}  // namespace netwright
