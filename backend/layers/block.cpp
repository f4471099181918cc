#include <fmt/format.h>

#include "backend/layers/families.h"

namespace netwright {

std::vector<LayerSpec> block_family() {
  return {{
      .type = "Block",
      .category = Category::Block,
      .summary = "A network of this project used as a layer, once or several times in series with weights of its own.",
      .name_stem = "block",
      .settings = {{.name = "network",
                    .kind = SettingKind::Integer,
                    .fallback = std::int64_t{0},
                    .help = "Which network of the project it is.",
                    .minimum = 0,
                    .maximum = 1e9},
                   {.name = "repeat",
                    .kind = SettingKind::Integer,
                    .fallback = std::int64_t{1},
                    .help = "How many of them follow one another, each with its own weights.",
                    .minimum = 1,
                    .maximum = 1000}},
      .elements = Elements::Any,
      // Analysis sees the layers within (graph/flatten.h); where it can't, what is wrong is said there.
      .shapes = [](const LayerView&) -> ShapeResult {
        return ShapeProblem{.message = "It stands for no network that can be used here.",
                            .expected = "a network of this project",
                            .actual = {},
                            .setting = "network"};
      },
      .caption =
          [](const Settings& s) {
            const std::int64_t repeat = s.integer("repeat");
            return repeat > 1 ? fmt::format("× {}", repeat) : std::string();
          },
  }};
}

}  // namespace netwright
