#include <algorithm>
#include <cmath>
#include <numbers>

#include "backend/data/generator.h"
#include "backend/data/sources.h"

namespace netwright {

namespace {

using Vector = std::vector<double>;

Vector drawn_vector(std::int64_t dimensions, Random& random) {
  Vector vector;
  for (std::int64_t i = 0; i < dimensions; ++i) vector.push_back(random.uniform(-1, 1));
  return vector;
}

double squared_distance(const Vector& one, const Vector& other) {
  double sum = 0;
  for (std::size_t i = 0; i < one.size(); ++i) sum += (one[i] - other[i]) * (one[i] - other[i]);
  return sum;
}

/// Of several candidates each time the one that lies farthest from the centres before it (Mitchell's best candidate).
std::vector<Vector> blob_centres(const Settings& settings) {
  constexpr int candidates = 20;
  Random random = common_random(settings);
  std::vector<Vector> centres;
  while (static_cast<std::int64_t>(centres.size()) < settings.integer("classes")) {
    Vector best;
    double farthest = -1;
    for (int i = 0; i < candidates; ++i) {
      Vector candidate = drawn_vector(settings.integer("dimensions"), random);
      double nearest = HUGE_VAL;
      for (const Vector& centre : centres) nearest = std::min(nearest, squared_distance(candidate, centre));
      if (nearest <= farthest) continue;
      farthest = nearest;
      best = std::move(candidate);
    }
    centres.push_back(std::move(best));
  }
  return centres;
}

Split draw_blobs(const Settings& settings, std::int64_t samples, Random& random) {
  const std::vector<Vector> centres = blob_centres(settings);
  const std::int64_t dimensions = settings.integer("dimensions");
  Split split = {make_array(ElementType::Float32, {samples, dimensions}), make_array(ElementType::Int64, {samples})};
  float* to = split.inputs.as<float>();
  for (std::int64_t i = 0; i < samples; ++i) {
    const std::size_t label = static_cast<std::size_t>(i) % centres.size();
    for (const double place : centres[label])
      *to++ = static_cast<float>(place + settings.real("noise") * random.normal());
    split.targets.as<std::int64_t>()[i] = static_cast<std::int64_t>(label);
  }
  return split;
}

Legend blobs_legend(const Settings& settings) {
  Legend legend;
  legend.name = "Blobs";
  legend.sample_shape = {settings.integer("dimensions")};
  legend.classes = numbered("blob ", settings.integer("classes"));
  legend.feature_names = numbered("x", settings.integer("dimensions"));
  return legend;
}

/// y_t = Σ_i sin(π · waves · x_i + phase_ti) / √inputs: as wide for many inputs as for one.
Split draw_curve(const Settings& settings, std::int64_t samples, Random& random) {
  const std::int64_t inputs = settings.integer("inputs");
  const std::int64_t targets = settings.integer("targets");
  Random phase_random = common_random(settings);
  std::vector<Vector> phases;
  for (std::int64_t target = 0; target < targets; ++target) phases.push_back(drawn_vector(inputs, phase_random));
  Split split = {make_array(ElementType::Float32, {samples, inputs}),
                 make_array(ElementType::Float32, {samples, targets})};
  float* input = split.inputs.as<float>();
  float* target = split.targets.as<float>();
  for (std::int64_t sample = 0; sample < samples; ++sample) {
    const Vector x = drawn_vector(inputs, random);
    for (const double value : x) *input++ = static_cast<float>(value);
    for (const Vector& phase : phases) {
      double sum = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        sum += std::sin(std::numbers::pi * (settings.real("waves") * x[i] + phase[i]));
      }
      const double y = sum / std::sqrt(static_cast<double>(inputs));
      *target++ = static_cast<float>(y + settings.real("noise") * random.normal());
    }
  }
  return split;
}

Legend curve_legend(const Settings& settings) {
  Legend legend;
  legend.name = "Regression curve";
  legend.sample_shape = {settings.integer("inputs")};
  legend.target = TargetKind::Values;
  legend.target_shape = {settings.integer("targets")};
  legend.feature_names = numbered("x", settings.integer("inputs"));
  legend.target_names = numbered("y", settings.integer("targets"));
  return legend;
}

}  // namespace

DataSpec blobs_spec() {
  return generator_spec<blobs_legend, ElementType::Float32, draw_blobs>(
      "blobs", "Blobs", "Points that lie around a centre for each class, in any number of dimensions",
      generator_settings(1500, 500, 0.25,
                         {{"classes", SettingKind::Integer, std::int64_t{3}, "How many centres.", 2, 100},
                          {"dimensions", SettingKind::Integer, std::int64_t{2}, "Numbers of each point.", 1, 100}}));
}

DataSpec regression_curve_spec() {
  return generator_spec<curve_legend, ElementType::Float32, draw_curve>(
      "regression-curve", "Regression curve", "Sums of sine waves of several inputs, with noise: values to predict",
      generator_settings(
          2000, 500, 0.1,
          {{"inputs", SettingKind::Integer, std::int64_t{1}, "How many numbers are known.", 1, 64},
           {"targets", SettingKind::Integer, std::int64_t{1}, "How many numbers are to be predicted.", 1, 16},
           {"waves", SettingKind::Real, 2.0, "Waves that a target makes as an input goes from −1 to 1.", 0.1, 20}}));
}

}  // namespace netwright
