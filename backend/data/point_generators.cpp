#include <cmath>
#include <numbers>

#include "backend/data/generator.h"
#include "backend/data/sources.h"

namespace netwright {

namespace {

struct Point2 {
  double x = 0;
  double y = 0;
};

/// A point without noise; `label` is the class it shall have, or receives the one it has.
using Draw = Point2 (*)(const Settings& settings, Random& random, std::int64_t& label);

Point2 on_circle(double radius, double angle) {
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

Point2 draw_spiral(const Settings& settings, Random& random, std::int64_t& label) {
  const double along = random.uniform();
  const double turn = settings.real("turns") * along + 0.5 * static_cast<double>(label);
  return on_circle(along, 2 * std::numbers::pi * turn);
}

Point2 draw_circle(const Settings& settings, Random& random, std::int64_t& label) {
  return on_circle(label == 0 ? settings.real("inner_radius") : 1, random.uniform(0, 2 * std::numbers::pi));
}

Point2 draw_on_checkerboard(const Settings& settings, Random& random, std::int64_t& label) {
  const Point2 point = {random.uniform(-1, 1), random.uniform(-1, 1)};
  const auto cells = static_cast<double>(settings.integer("cells"));
  const auto cell_of = [cells](double position) { return static_cast<std::int64_t>((position + 1) / 2 * cells); };
  label = (cell_of(point.x) + cell_of(point.y)) % 2;
  return point;
}

template <Draw draw>
Split draw_points(const Settings& settings, std::int64_t samples, Random& random) {
  Split split = {make_array(ElementType::Float32, {samples, 2}), make_array(ElementType::Int64, {samples})};
  const double noise = settings.real("noise");
  for (std::int64_t i = 0; i < samples; ++i) {
    std::int64_t label = i % 2;
    const Point2 point = draw(settings, random, label);
    split.inputs.as<float>()[2 * i] = static_cast<float>(point.x + noise * random.normal());
    split.inputs.as<float>()[2 * i + 1] = static_cast<float>(point.y + noise * random.normal());
    split.targets.as<std::int64_t>()[i] = label;
  }
  return split;
}

Legend points(const char* name, std::vector<std::string> classes) {
  Legend legend;
  legend.name = name;
  legend.sample_shape = {2};
  legend.classes = std::move(classes);
  legend.feature_names = {"x", "y"};
  return legend;
}

Legend spirals_legend(const Settings&) {
  return points("Two spirals", {"first arm", "second arm"});
}

Legend circles_legend(const Settings&) {
  return points("Circles", {"inner", "outer"});
}

Legend checkerboard_legend(const Settings&) {
  return points("Checkerboard", {"dark", "light"});
}

}  // namespace

DataSpec two_spirals_spec() {
  return generator_spec<spirals_legend, ElementType::Float32, draw_points<draw_spiral>>(
      "two-spirals", "Two spirals",
      "Points in a plane on two arms of a spiral: a network without hidden layers can't tell them apart",
      generator_settings(
          2000, 500, 0.02,
          {{"turns", SettingKind::Real, 1.75, "How often each arm winds around the centre.", 0.25, 10}}));
}

DataSpec circles_spec() {
  return generator_spec<circles_legend, ElementType::Float32, draw_points<draw_circle>>(
      "circles", "Circles", "Points in a plane on two circles, one within the other",
      generator_settings(
          1000, 500, 0.08,
          {{"inner_radius", SettingKind::Real, 0.5, "Radius of the inner circle; the outer one has 1.", 0.05, 0.95}}));
}

DataSpec checkerboard_spec() {
  return generator_spec<checkerboard_legend, ElementType::Float32, draw_points<draw_on_checkerboard>>(
      "checkerboard", "Checkerboard", "Points in a square, told apart by the colour of the field they lie on",
      generator_settings(4000, 1000, 0.0,
                         {{"cells", SettingKind::Integer, std::int64_t{4}, "Fields along each side.", 2, 16}}));
}

}  // namespace netwright
