#pragma once
// The small marks by which a run is known in lists and tables. They follow a change of theme.

#include <QIcon>
#include <optional>

namespace netwright {

/// A box to tick; ticked in the run's colour (the theme's series colours in turn), or in the accent where it has none.
QIcon run_tick(bool is_on, std::optional<int> colour);
/// A piece of the run's curve.
QIcon run_swatch(int colour);

}  // namespace netwright
