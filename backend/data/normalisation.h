#pragma once
// What brings the values of a data set to the size that networks learn best from.

#include <optional>
#include <string>
#include <string_view>

#include "backend/data/dataset.h"

namespace netwright {

/// The largest byte: pixels from 0 to 1 are bytes divided by it.
constexpr double byte_range = 255;

/// Of `values`, which are the inputs or the targets of `split`, over its rows alone, for each place along `axis`.
/// `kind`: `standard` (mean 0, deviation 1), `unit` (0 to 1: bytes by 255, others by their least and greatest),
/// `signed` (−1 to 1, the same way) or `none`. What never changes is only moved; words stay as they are.
Normalisation normalisation_of(const Array& values, const Split& split, int axis, std::string_view kind);

/// Why samples of this shape can't be normalised so, in words; nothing where they can.
std::optional<std::string> complaint(const Normalisation& normalisation, const Shape& sample);

}  // namespace netwright
