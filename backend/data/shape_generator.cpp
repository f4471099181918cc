#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "backend/core/numbers.h"
#include "backend/data/sources.h"

namespace netwright {

namespace {

constexpr std::int64_t most_bytes = std::int64_t{1} << 31;
constexpr int samples_per_side = 3;  // of a pixel, for smooth edges

/// Whether (u, v) lies in the figure, which fits the unit circle; v points down.
struct Figure {
  const char* name;
  bool (*contains)(double u, double v);
};

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

constexpr std::array<Figure, 10> figures = {{
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

struct Placement {
  double centre_x;
  double centre_y;
  double radius;  ///< pixels
  double cosine;
  double sine;
};

Placement place(std::int64_t size, Random& random) {
  const auto side = static_cast<double>(size);
  const double radius = random.uniform(0.26, 0.42) * side;
  const double angle = random.uniform(-0.25, 0.25);
  const double x = random.uniform(radius, side - radius);
  const double y = random.uniform(radius, side - radius);
  return {x, y, radius, std::cos(angle), std::sin(angle)};
}

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

void draw(const Figure& figure, std::int64_t channels, std::int64_t size, double noise, Random& random,
          std::uint8_t* pixels) {
  const Placement at = place(size, random);
  std::array<double, 3> ground = {};
  std::array<double, 3> ink = {};
  for (std::int64_t channel = 0; channel < channels; ++channel) {
    const auto c = static_cast<std::size_t>(channel);
    ground[c] = random.uniform(0, 0.35);
    ink[c] = random.uniform(0.6, 1);
  }
  for (std::int64_t row = 0; row < size; ++row) {
    for (std::int64_t column = 0; column < size; ++column) {
      const double covered = coverage(figure, at, column, row);
      for (std::int64_t channel = 0; channel < channels; ++channel) {
        const auto c = static_cast<std::size_t>(channel);
        const double value = ground[c] + covered * (ink[c] - ground[c]) + noise * random.normal();
        pixels[(channel * size + row) * size + column] =
            static_cast<std::uint8_t>(std::clamp(value, 0.0, 1.0) * 255 + 0.5);
      }
    }
  }
}

std::int64_t channels_of(const Settings& settings) {
  return settings.flag("colour") ? 3 : 1;
}

Split draw_split(const Settings& settings, std::int64_t samples, std::uint32_t stream) {
  Random random(static_cast<std::uint64_t>(settings.integer("seed")), stream);
  const std::int64_t channels = channels_of(settings);
  const std::int64_t size = settings.integer("size");
  const std::int64_t classes = settings.integer("classes");
  Split split = {make_array(ElementType::UInt8, {samples, channels, size, size}),
                 make_array(ElementType::Int64, {samples})};
  for (std::int64_t i = 0; i < samples; ++i) {
    const std::int64_t label = i % classes;
    draw(figures[static_cast<std::size_t>(label)], channels, size, settings.real("noise"), random,
         split.inputs.as<std::uint8_t>() + i * channels * size * size);
    split.targets.as<std::int64_t>()[i] = label;
  }
  return split;
}

std::optional<DataDescription> describe_shapes(const Settings& settings) {
  const std::int64_t size = settings.integer("size");
  return DataDescription{{channels_of(settings), size, size},
                         settings.integer("classes"),
                         settings.integer("train_samples"),
                         settings.integer("test_samples")};
}

Result<Dataset> load_shapes(const Settings& settings) {
  const std::int64_t size = settings.integer("size");
  const std::int64_t samples = settings.integer("train_samples") + settings.integer("test_samples");
  const std::int64_t bytes = samples * channels_of(settings) * size * size;
  if (bytes > most_bytes) {
    return Error{
        fmt::format("{} shapes of {}×{} pixels take {}, more than the {} allowed: ask for fewer or smaller ones.",
                    with_separators(samples), size, size, bytes_text(bytes), bytes_text(most_bytes))};
  }
  Dataset data;
  data.name = "Shapes";
  data.sample_shape = {channels_of(settings), size, size};
  for (std::int64_t i = 0; i < settings.integer("classes"); ++i) {
    data.classes.emplace_back(figures[static_cast<std::size_t>(i)].name);
  }
  data.train = draw_split(settings, settings.integer("train_samples"), train_stream);
  data.test = draw_split(settings, settings.integer("test_samples"), test_stream);
  return data;
}

}  // namespace

DataSpec shapes_spec() {
  std::vector<SettingSpec> settings = generator_settings(6000, 1000, 0.1);
  settings.push_back({"size", SettingKind::Integer, std::int64_t{32}, "Height and width in pixels.", 8, 256});
  settings.push_back({"colour", SettingKind::Boolean, false, "Three colour channels instead of one gray one."});
  settings.push_back({"classes", SettingKind::Integer, std::int64_t{4},
                      "How many kinds: circle, square, triangle, cross, ring, diamond, star, crescent, bar, stripes.",
                      2, static_cast<double>(figures.size())});
  return {"shapes",
          "Shapes",
          "Noisy pictures of simple figures, drawn at random places, sizes and angles",
          std::move(settings),
          describe_shapes,
          load_shapes,
          [] { return std::string(); }};
}

}  // namespace netwright
