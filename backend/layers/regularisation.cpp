#include <fmt/format.h>

#include "backend/layers/families.h"

namespace netwright {

std::vector<LayerSpec> regularisation_family() {
  return {{
      .type = "Dropout",
      .category = Category::Regularisation,
      .summary = "In training, sets a random share of the values to 0, so that no unit relies on another.",
      .name_stem = "dropout",
      .settings = {{.name = "p",
                    .kind = SettingKind::Real,
                    .fallback = 0.5,
                    .help = "The share that is dropped; the rest is scaled by 1/(1 − p).",
                    .minimum = 0,
                    .maximum = 1}},
      .shapes = [](const LayerView& view) -> ShapeResult { return std::vector<Shape>{view.input()}; },
      .call =
          [](const LayerView& view) {
            return NnCall{"Dropout", {{"p", view.settings.real("p")}}};
          },
      .formula =
          [](const LayerView& view, std::span<const Shape>) {
            const double p = view.settings.real("p");
            return std::vector<FormulaLine>{
                {"y = 0 with probability p, else x / (1 − p)",
                 p < 1
                     ? fmt::format("y = 0 with probability {:g}, else {:.3g} · x; in evaluation y = x", p, 1 / (1 - p))
                     : "y = 0; in evaluation y = x"}};
          },
      .samples = {{{}, {{3, 4, 5}}}, {{{"p", 0.1}}, {{6}}}},
      .caption = [](const Settings& s) { return fmt::format("p = {:g}", s.real("p")); },
  }};
}

}  // namespace netwright
