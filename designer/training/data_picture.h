#pragma once
// One sample as a picture.

#include <QImage>

#include "backend/data/array.h"

namespace netwright {

/// Whether samples are 1×H×W (gray) or 3×H×W (colour), and not too large to be looked at.
bool are_pictures(const Array& samples);

/// From which value (black) to which (white) a picture is shown.
struct LightRange {
  float black = 0;
  float white = 255;
};
/// Bytes: all of them. Real numbers: from the least to the greatest of the sample.
LightRange light_of(const Array& samples, std::int64_t index);

/// Null where samples are no pictures, or there is none with this index.
QImage image_of(const Array& samples, std::int64_t index, const LightRange& light);
QImage image_of(const Array& samples, std::int64_t index);

/// A class for each pixel, N×H×W of UInt8, as gray levels. Null for other arrays.
QImage mask_of(const Array& masks, std::int64_t index);

/// Those too large to be kept many at a time are made smaller.
QImage brought_down(const QImage& image);
QImage mask_brought_down(const QImage& mask);

}  // namespace netwright
