#include <cmath>
#include <numbers>

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

Split draw_points(const Settings& settings, std::int64_t samples, std::uint32_t stream, Draw draw) {
  Random random(static_cast<std::uint64_t>(settings.integer("seed")), stream);
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

Dataset points(const Settings& settings, const char* name, std::vector<std::string> classes, Draw draw) {
  Dataset data;
  data.name = name;
  data.sample_shape = {2};
  data.classes = std::move(classes);
  data.train = draw_points(settings, settings.integer("train_samples"), train_stream, draw);
  data.test = draw_points(settings, settings.integer("test_samples"), test_stream, draw);
  return data;
}

std::optional<DataDescription> describe_points(const Settings& settings) {
  return DataDescription{{2}, 2, settings.integer("train_samples"), settings.integer("test_samples")};
}

std::vector<SettingSpec> with(std::vector<SettingSpec> settings, SettingSpec setting) {
  settings.push_back(std::move(setting));
  return settings;
}

}  // namespace

std::vector<SettingSpec> generator_settings(std::int64_t train_samples, std::int64_t test_samples, double noise) {
  return {
      {"train_samples", SettingKind::Integer, train_samples, "How many samples to learn from.", 1, 1'000'000},
      {"test_samples", SettingKind::Integer, test_samples, "How many samples to test with.", 1, 1'000'000},
      {"noise", SettingKind::Real, noise, "Deviation of the random noise that is added to every number.", 0, 10},
      {"seed", SettingKind::Integer, std::int64_t{0}, "The same seed draws the same samples.", 0, 0x1p53},
  };
}

DataSpec two_spirals_spec() {
  return {"two-spirals",
          "Two spirals",
          "Points in a plane on two arms of a spiral: a network without hidden layers can't tell them apart",
          with(generator_settings(2000, 500, 0.02),
               {"turns", SettingKind::Real, 1.75, "How often each arm winds around the centre.", 0.25, 10}),
          describe_points,
          [](const Settings& settings) -> Result<Dataset> {
            return points(settings, "Two spirals", {"first arm", "second arm"}, draw_spiral);
          },
          [] { return std::string(); }};
}

DataSpec circles_spec() {
  return {"circles",
          "Circles",
          "Points in a plane on two circles, one within the other",
          with(generator_settings(1000, 500, 0.08), {"inner_radius", SettingKind::Real, 0.5,
                                                     "Radius of the inner circle; the outer one has 1.", 0.05, 0.95}),
          describe_points,
          [](const Settings& settings) -> Result<Dataset> {
            return points(settings, "Circles", {"inner", "outer"}, draw_circle);
          },
          [] { return std::string(); }};
}

DataSpec checkerboard_spec() {
  return {"checkerboard",
          "Checkerboard",
          "Points in a square, told apart by the colour of the field they lie on",
          with(generator_settings(4000, 1000, 0.0),
               {"cells", SettingKind::Integer, std::int64_t{4}, "Fields along each side.", 2, 16}),
          describe_points,
          [](const Settings& settings) -> Result<Dataset> {
            return points(settings, "Checkerboard", {"dark", "light"}, draw_on_checkerboard);
          },
          [] { return std::string(); }};
}

}  // namespace netwright
