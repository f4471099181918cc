#pragma once
// Pictures whose pixels change their places. What comes from outside of the picture is 0.

#include <cstdint>

#include "backend/data/image_size.h"

namespace netwright {

/// By whole pixels: to(x, y) = flipped(x + left, y + up).
struct PixelMove {
  bool flips_across = false;
  bool flips_down = false;
  std::int64_t left = 0;
  std::int64_t up = 0;
};

/// to(x, y) = from(xx·x + xy·y + x0, yx·x + yy·y + y0).
struct AffineMove {
  double xx = 1;
  double xy = 0;
  double x0 = 0;
  double yx = 0;
  double yy = 1;
  double y0 = 0;
};

/// Turned by `angle` (radians, from x towards y) about the middle and then moved right and down, after `first`.
AffineMove affine_move(const ImageSize& size, double angle, double right, double down, const PixelMove& first);

/// T: std::uint8_t or float.
template <class T>
void move_pixels(const T* from, T* to, const ImageSize& size, const PixelMove& move);
/// Bilinear.
template <class T>
void move_affine(const T* from, T* to, const ImageSize& size, const AffineMove& move);
/// The nearest pixel: for masks, whose numbers can't be mixed.
void move_nearest(const std::uint8_t* from, std::uint8_t* to, const ImageSize& size, const AffineMove& move);

}  // namespace netwright
