#pragma once
// Pictures of any size brought to one.

#include "backend/data/array.h"

namespace netwright {

enum class Fit {
  Resize,  ///< stretched to the size, whatever its proportions were
  Crop,    ///< scaled to cover the size, what juts out at two sides cut off
  Pad,     ///< scaled to lie within the size, with 0 around it
};

/// `image`: UInt8, C×H×W. Each new pixel is a weighted mean under a triangle as wide as two old or two new pixels,
/// whichever are larger (Pillow's BILINEAR).
Array fitted(const Array& image, std::int64_t height, std::int64_t width, Fit fit);
/// `mask`: UInt8, H×W. Each new pixel is the nearest old one.
Array fitted_mask(const Array& mask, std::int64_t height, std::int64_t width, Fit fit);

/// C×H×W with 1 or 3 channels: gray by luminance (ITU-R BT.601), colour by repeating.
Array with_channels(const Array& image, std::int64_t channels);

}  // namespace netwright
