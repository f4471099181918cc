#pragma once
// Simple figures that generated pictures show.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "backend/data/random.h"

namespace netwright {

/// `contains`: whether (u, v) lies in the figure, which fits the unit circle; v points down.
struct Figure {
  const char* name;
  bool (*contains)(double u, double v);
};

inline constexpr std::size_t figure_count = 10;
const std::array<Figure, figure_count>& figures();
/// `circle, square, …`, in their order.
std::string figure_names();

struct Placement {
  double centre_x;
  double centre_y;
  double radius;  ///< pixels
  double cosine;
  double sine;
};

/// Shares of a picture's side.
struct RadiusRange {
  double least;
  double most;
};

/// Anywhere in a picture of size × size pixels where the whole figure is seen, turned a little.
Placement place(std::int64_t size, RadiusRange radii, Random& random);

using Colour = std::array<double, 3>;  ///< 0 to 1; gray pictures have the first alone

/// A square picture of 1 or 3 channels.
class Picture {
 public:
  Picture(std::int64_t channels, std::int64_t size, const Colour& ground);
  /// Over what is there, with smooth edges. Where `mask` (size × size) is given, the pixels that the figure covers by
  /// half or more become `label` in it.
  void paint(const Figure& figure, const Placement& at, const Colour& ink, std::uint8_t* mask = nullptr,
             std::uint8_t label = 0);
  /// channels × size × size bytes, with noise of the deviation `noise` (of a range of 1).
  void print(double noise, Random& random, std::uint8_t* pixels) const;

 private:
  std::int64_t channels_;
  std::int64_t size_;
  std::vector<double> values_;  ///< channel after channel
};

}  // namespace netwright
