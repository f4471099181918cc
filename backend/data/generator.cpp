#include "backend/data/generator.h"

#include <fmt/core.h>

#include "backend/core/numbers.h"

namespace netwright {

namespace {

constexpr std::int64_t most_bytes = std::int64_t{1} << 31;
constexpr std::uint32_t train_stream = 1;
constexpr std::uint32_t test_stream = 2;
constexpr std::uint32_t common_stream = 3;

Random random_of(const Settings& settings, std::uint32_t stream) {
  return {static_cast<std::uint64_t>(settings.integer("seed")), stream};
}

}  // namespace

std::vector<SettingSpec> generator_settings(std::int64_t train_samples, std::int64_t test_samples, double noise,
                                            std::vector<SettingSpec> own) {
  std::vector<SettingSpec> settings = {
      {"train_samples", SettingKind::Integer, train_samples, "How many samples to learn from.", 1, 1'000'000},
      {"test_samples", SettingKind::Integer, test_samples, "How many samples to test with.", 1, 1'000'000},
      {"noise", SettingKind::Real, noise, "Deviation of the random noise that is added.", 0, 10},
      {"seed", SettingKind::Integer, std::int64_t{0}, "The same seed draws the same samples.", 0, 0x1p53},
  };
  for (SettingSpec& setting : own) settings.push_back(std::move(setting));
  return settings;
}

DataDescription describe_generated(const Legend& legend, ElementType type, const Settings& settings) {
  return {.sample_shape = legend.sample_shape,
          .classes = static_cast<std::int64_t>(legend.classes.size()),
          .train_samples = settings.integer("train_samples"),
          .test_samples = settings.integer("test_samples"),
          .target = legend.target,
          .target_shape = legend.target_shape,
          .type = type,
          .vocabulary = static_cast<std::int64_t>(legend.vocabulary.tokens.size())};
}

Result<Dataset> generate(Legend legend, ElementType type, DrawSplit draw, const Settings& settings) {
  const std::int64_t samples = settings.integer("train_samples") + settings.integer("test_samples");
  const std::int64_t bytes = samples * *legend.sample_shape.elements() * static_cast<std::int64_t>(bytes_of(type));
  if (bytes > most_bytes) {
    return Error{fmt::format("{} samples of {} take {}, more than the {} allowed: ask for fewer or smaller ones.",
                             with_separators(samples), legend.sample_shape.to_string(), bytes_text(bytes),
                             bytes_text(most_bytes))};
  }
  Dataset data;
  static_cast<Legend&>(data) = std::move(legend);
  Random train = random_of(settings, train_stream);
  Random test = random_of(settings, test_stream);
  data.train = draw(settings, settings.integer("train_samples"), train);
  data.test = draw(settings, settings.integer("test_samples"), test);
  return data;
}

Random common_random(const Settings& settings) {
  return random_of(settings, common_stream);
}

std::vector<std::string> numbered(const std::string& name, std::int64_t count) {
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < count; ++i) names.push_back(name + std::to_string(i + 1));
  return names;
}

}  // namespace netwright
