#pragma once
// How large a drawing's parts are, in canvas units: the canvas, exported drawings and layouts agree on these.

namespace netwright {

inline constexpr double layer_width = 180;
inline constexpr double layer_height = 72;
inline constexpr double grid_step = 20;
/// From one row of layers to the next, from one column to the next; multiples of the grid's step.
inline constexpr double row_step = 120;
inline constexpr double column_step = 220;

}  // namespace netwright
