#include "backend/data/figures.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace netwright {

namespace {

constexpr int samples_per_side = 3;  // of a pixel, for smooth edges

bool in_star(double u, double v) {
  // A pentagram is where at most one of the pentagon's five sides is crossed.
  const double inner = std::cos(2 * std::numbers::pi / 5);
  int crossed = 0;
  for (int side = 0; side < 5; ++side) {
    const double angle = 2 * std::numbers::pi * side / 5;
    if (u * std::sin(angle) + v * std::cos(angle) > inner) ++crossed;
  }
  return crossed <= 1;
}

double squared(double x) {
  return x * x;
}

constexpr std::array<Figure, figure_count> all_figures = {{
    {"circle", [](double u, double v) { return u * u + v * v <= squared(0.9); }},
    {"square", [](double u, double v) { return std::max(std::abs(u), std::abs(v)) <= 0.75; }},
    {"triangle", [](double u, double v) { return v <= 0.6 && std::abs(u) <= (v + 1) * 0.55; }},
    {"cross",
     [](double u, double v) {
       return std::min(std::abs(u), std::abs(v)) <= 0.25 && std::max(std::abs(u), std::abs(v)) <= 0.9;
     }},
    {"ring", [](double u, double v) { return u * u + v * v <= squared(0.95) && u * u + v * v >= squared(0.55); }},
    {"diamond", [](double u, double v) { return std::abs(u) * 1.3 + std::abs(v) <= 1; }},
    {"star", in_star},
    {"crescent",
     [](double u, double v) { return u * u + v * v <= squared(0.95) && squared(u - 0.45) + v * v >= squared(0.7); }},
    {"bar", [](double u, double v) { return std::abs(u) <= 0.95 && std::abs(v) <= 0.22; }},
    {"stripes", [](double u, double v) { return std::abs(u) <= 0.8 && std::abs(v) <= 0.6 && std::abs(v) >= 0.25; }},
}};

/// The share of the pixel that the figure covers.
double coverage(const Figure& figure, const Placement& at, std::int64_t column, std::int64_t row) {
  int inside = 0;
  for (int i = 0; i < samples_per_side * samples_per_side; ++i) {
    const int across = i % samples_per_side;
    const int down = i / samples_per_side;
    const double dx = static_cast<double>(column) + (across + 0.5) / samples_per_side - at.centre_x;
    const double dy = static_cast<double>(row) + (down + 0.5) / samples_per_side - at.centre_y;
    const double u = (at.cosine * dx + at.sine * dy) / at.radius;
    const double v = (at.cosine * dy - at.sine * dx) / at.radius;
    if (figure.contains(u, v)) ++inside;
  }
  return static_cast<double>(inside) / (samples_per_side * samples_per_side);
}

}  // namespace

const std::array<Figure, figure_count>& figures() {
  return all_figures;
}

std::string figure_names() {
  std::string names;
  for (const Figure& figure : all_figures) names += (names.empty() ? "" : ", ") + std::string(figure.name);
  return names;
}

Placement place(std::int64_t size, RadiusRange radii, Random& random) {
  const auto side = static_cast<double>(size);
  const double radius = random.uniform(radii.least, radii.most) * side;
  const double angle = random.uniform(-0.25, 0.25);
  const double x = random.uniform(radius, side - radius);
  const double y = random.uniform(radius, side - radius);
  return {x, y, radius, std::cos(angle), std::sin(angle)};
}

Picture::Picture(std::int64_t channels, std::int64_t size, const Colour& ground) : channels_(channels), size_(size) {
  const auto plane = static_cast<std::size_t>(size * size);
  for (std::int64_t channel = 0; channel < channels; ++channel) {
    values_.insert(values_.end(), plane, ground[static_cast<std::size_t>(channel)]);
  }
}

void Picture::paint(const Figure& figure, const Placement& at, const Colour& ink, std::uint8_t* mask,
                    std::uint8_t label) {
  for (std::int64_t row = 0; row < size_; ++row) {
    for (std::int64_t column = 0; column < size_; ++column) {
      const double covered = coverage(figure, at, column, row);
      const std::int64_t pixel = row * size_ + column;
      if (mask && covered >= 0.5) mask[pixel] = label;
      for (std::int64_t channel = 0; channel < channels_; ++channel) {
        double& value = values_[static_cast<std::size_t>(channel * size_ * size_ + pixel)];
        value += covered * (ink[static_cast<std::size_t>(channel)] - value);
      }
    }
  }
}

void Picture::print(double noise, Random& random, std::uint8_t* pixels) const {
  const std::int64_t plane = size_ * size_;
  for (std::int64_t pixel = 0; pixel < plane; ++pixel) {
    for (std::int64_t channel = 0; channel < channels_; ++channel) {
      const std::int64_t place = channel * plane + pixel;
      const double value = values_[static_cast<std::size_t>(place)] + noise * random.normal();
      pixels[place] = static_cast<std::uint8_t>(std::clamp(value, 0.0, 1.0) * 255 + 0.5);
    }
  }
}

}  // namespace netwright
