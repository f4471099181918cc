#pragma once
// What the rows of the catalogue share that draw their samples instead of reading them.

#include <cstdint>
#include <string>
#include <vector>

#include "backend/data/data_catalogue.h"
#include "backend/data/random.h"

namespace netwright {

/// train_samples, test_samples, noise and seed, with these defaults, and a generator's own.
std::vector<SettingSpec> generator_settings(std::int64_t train_samples, std::int64_t test_samples, double noise,
                                            std::vector<SettingSpec> own = {});

/// What a generator gives under some settings, said before any of it is drawn.
using LegendOf = Legend (*)(const Settings& settings);
using DrawSplit = Split (*)(const Settings& settings, std::int64_t samples, Random& random);

DataDescription describe_generated(const Legend& legend, ElementType type, const Settings& settings);
/// Draws both splits from streams of their own, so that the size of one doesn't change the other. Refuses more than
/// 2 GiB of inputs.
Result<Dataset> generate(Legend legend, ElementType type, DrawSplit draw, const Settings& settings);

/// For what both splits have in common.
Random common_random(const Settings& settings);

template <LegendOf legend, ElementType type, DrawSplit draw>
DataSpec generator_spec(std::string source, std::string title, std::string summary, std::vector<SettingSpec> settings) {
  return {std::move(source),
          std::move(title),
          std::move(summary),
          std::move(settings),
          [](const Settings& chosen) { return std::optional(describe_generated(legend(chosen), type, chosen)); },
          [](const Settings& chosen) { return generate(legend(chosen), type, draw, chosen); },
          [] { return std::string(); }};
}

/// `x1`, `x2` and so on.
std::vector<std::string> numbered(const std::string& name, std::int64_t count);

}  // namespace netwright
