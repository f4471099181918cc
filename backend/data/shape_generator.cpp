#include "backend/data/figures.h"
#include "backend/data/generator.h"
#include "backend/data/sources.h"

namespace netwright {

namespace {

std::int64_t channels_of(const Settings& settings) {
  return settings.flag("colour") ? 3 : 1;
}

Shape shape_of(const Settings& settings) {
  const std::int64_t size = settings.integer("size");
  return {channels_of(settings), size, size};
}

/// Its figure, and how dark it is, differ from picture to picture.
Split draw_shapes(const Settings& settings, std::int64_t samples, Random& random) {
  const std::int64_t channels = channels_of(settings);
  const std::int64_t size = settings.integer("size");
  const std::int64_t classes = settings.integer("classes");
  Split split = {make_array(ElementType::UInt8, {samples, channels, size, size}),
                 make_array(ElementType::Int64, {samples})};
  for (std::int64_t i = 0; i < samples; ++i) {
    const std::int64_t label = i % classes;
    const Placement at = place(size, {0.26, 0.42}, random);
    Colour ground = {};
    Colour ink = {};
    for (std::size_t channel = 0; channel < static_cast<std::size_t>(channels); ++channel) {
      ground[channel] = random.uniform(0, 0.35);
      ink[channel] = random.uniform(0.6, 1);
    }
    Picture picture(channels, size, ground);
    picture.paint(figures()[static_cast<std::size_t>(label)], at, ink);
    picture.print(settings.real("noise"), random, split.inputs.as<std::uint8_t>() + i * channels * size * size);
    split.targets.as<std::int64_t>()[i] = label;
  }
  return split;
}

Colour drawn_colour(std::int64_t channels, double darkest, double lightest, Random& random) {
  Colour colour = {};
  for (std::size_t i = 0; i < static_cast<std::size_t>(channels); ++i) colour[i] = random.uniform(darkest, lightest);
  return colour;
}

/// Each figure covers what is under it.
Split draw_masks(const Settings& settings, std::int64_t samples, Random& random) {
  const std::int64_t channels = channels_of(settings);
  const std::int64_t size = settings.integer("size");
  const auto kinds = static_cast<std::uint64_t>(settings.integer("kinds"));
  const auto most = static_cast<std::uint64_t>(settings.integer("most_figures"));
  Split split = {make_array(ElementType::UInt8, {samples, channels, size, size}),
                 make_array(ElementType::UInt8, {samples, size, size})};
  for (std::int64_t i = 0; i < samples; ++i) {
    std::uint8_t* mask = split.targets.as<std::uint8_t>() + i * size * size;
    Picture picture(channels, size, drawn_colour(channels, 0, 0.35, random));
    for (std::uint64_t count = 1 + random.below(most); count > 0; --count) {
      const auto kind = static_cast<std::size_t>(random.below(kinds));
      const Placement at = place(size, {0.15, 0.3}, random);
      picture.paint(figures()[kind], at, drawn_colour(channels, 0.6, 1, random), mask,
                    static_cast<std::uint8_t>(kind + 1));
    }
    picture.print(settings.real("noise"), random, split.inputs.as<std::uint8_t>() + i * channels * size * size);
  }
  return split;
}

Legend pictures(const Settings& settings, const char* name, const char* kinds) {
  Legend legend;
  legend.name = name;
  legend.sample_shape = shape_of(settings);
  for (std::int64_t i = 0; i < settings.integer(kinds); ++i) {
    legend.classes.emplace_back(figures()[static_cast<std::size_t>(i)].name);
  }
  return legend;
}

Legend shapes_legend(const Settings& settings) {
  return pictures(settings, "Shapes", "classes");
}

Legend masks_legend(const Settings& settings) {
  Legend legend = pictures(settings, "Shapes and masks", "kinds");
  legend.target = TargetKind::Mask;
  legend.target_shape = {settings.integer("size"), settings.integer("size")};
  legend.classes.insert(legend.classes.begin(), "background");
  return legend;
}

/// What both kinds of pictures have; `kinds` names the setting of how many figures there are.
std::vector<SettingSpec> picture_settings(std::int64_t train_samples, std::int64_t test_samples, const char* kinds,
                                          double fewest_kinds) {
  std::vector<SettingSpec> settings = generator_settings(train_samples, test_samples, 0.1);
  settings.push_back({"size", SettingKind::Integer, std::int64_t{32}, "Height and width in pixels.", 8, 256});
  settings.push_back({"colour", SettingKind::Boolean, false, "Three colour channels instead of one gray one."});
  settings.push_back({kinds, SettingKind::Integer, std::int64_t{4}, "How many kinds: " + figure_names() + ".",
                      fewest_kinds, static_cast<double>(figure_count)});
  return settings;
}

}  // namespace

DataSpec shapes_spec() {
  return generator_spec<shapes_legend, ElementType::UInt8, draw_shapes>(
      "shapes", "Shapes", "Noisy pictures of simple figures, drawn at random places, sizes and angles",
      picture_settings(6000, 1000, "classes", 2));
}

DataSpec shape_masks_spec() {
  std::vector<SettingSpec> settings = picture_settings(2000, 500, "kinds", 1);
  settings.push_back({"most_figures", SettingKind::Integer, std::int64_t{3},
                      "A picture shows one figure or more, up to this many; later ones cover earlier ones.", 1, 10});
  return generator_spec<masks_legend, ElementType::UInt8, draw_masks>(
      "shape-masks", "Shapes and masks",
      "Noisy pictures of simple figures, and for each pixel the figure that it belongs to: for segmentation",
      std::move(settings));
}

}  // namespace netwright
