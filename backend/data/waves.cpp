#include <fmt/core.h>

#include <array>
#include <cmath>
#include <numbers>

#include "backend/data/random.h"
#include "backend/data/sources.h"
#include "backend/data/windows.h"

namespace netwright {

namespace {

struct Wave {
  double period;  ///< steps
  double phase;
  double height;
};

/// The shape of the series without its numbers, which descriptions don't need.
Series waves_of(const Settings& settings) {
  Series series;
  series.name = "Waves";
  for (std::size_t i = 0; i < static_cast<std::size_t>(settings.integer("channels")); ++i) {
    series.columns.push_back(fmt::format("wave {}", i + 1));
    series.inputs.push_back(i);
    series.targets.push_back(i);
  }
  series.values = make_array(ElementType::Float32, {settings.integer("steps"), settings.integer("channels")});
  return series;
}

Series draw_series(const Settings& settings) {
  Series series = waves_of(settings);
  const std::int64_t steps = settings.integer("steps");
  const std::size_t channels = series.columns.size();
  for (std::size_t channel = 0; channel < channels; ++channel) {
    // A stream for each, so that more channels don't change the first ones.
    Random random(static_cast<std::uint64_t>(settings.integer("seed")), static_cast<std::uint32_t>(channel));
    std::array<Wave, 3> waves = {};
    for (Wave& wave : waves) {
      // Periods from 8 to 64 steps, short ones as likely as long ones.
      wave = {8 * std::exp2(random.uniform(0, 3)), random.uniform(0, 2 * std::numbers::pi), random.uniform(0.3, 1)};
    }
    for (std::int64_t step = 0; step < steps; ++step) {
      const auto time = static_cast<double>(step);
      double value = settings.real("trend") * time / static_cast<double>(steps);
      for (const Wave& wave : waves) {
        value += wave.height * std::sin(2 * std::numbers::pi * time / wave.period + wave.phase);
      }
      value += settings.real("noise") * random.normal();
      series.values.as<float>()[static_cast<std::size_t>(step) * channels + channel] = static_cast<float>(value);
    }
  }
  return series;
}

std::optional<DataDescription> describe_waves(const Settings& settings) {
  auto described = describe_windows(waves_of(settings), settings);
  return described ? std::optional(std::move(*described)) : std::nullopt;
}

Result<Dataset> load_waves(const Settings& settings) {
  return cut_into_windows(draw_series(settings), settings);
}

}  // namespace

DataSpec waves_spec() {
  std::vector<SettingSpec> settings = {
      {"steps", SettingKind::Integer, std::int64_t{4000}, "Steps of time in the whole series.", 10, 1'000'000},
      {"channels", SettingKind::Integer, std::int64_t{1}, "Waves side by side, each different.", 1, 16},
      {"trend", SettingKind::Real, 0.0, "How much the series rises from its beginning to its end.", -100, 100},
      {"noise", SettingKind::Real, 0.05, "Deviation of the random noise that is added.", 0, 10},
      {"seed", SettingKind::Integer, std::int64_t{0}, "The same seed draws the same series.", 0, 0x1p53},
  };
  for (SettingSpec& setting : window_settings()) settings.push_back(std::move(setting));
  return {"waves",
          "Waves",
          "A time series of several sine waves with trend and noise, cut into windows to forecast what follows",
          std::move(settings),
          describe_waves,
          load_waves,
          [] { return std::string(); }};
}

}  // namespace netwright
