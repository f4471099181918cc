#include <fmt/format.h>

#include "backend/layers/dimensions.h"
#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

enum class Drops { Values, Channels, Alpha };

struct Dropping {
  const char* type;
  const char* stem;
  const char* summary;
  Drops what;
  std::size_t axes;  ///< after the channels that the input must have; 0: any
};

constexpr Dropping droppings[] = {
    {"Dropout", "dropout", "In training, sets a random share of the values to 0, so that no unit relies on another.",
     Drops::Values, 0},
    {"Dropout1d", "dropout", "In training, drops whole channels of a signal.", Drops::Channels, 1},
    {"Dropout2d", "dropout", "In training, drops whole channels of an image, whose neighbouring values tell the same.",
     Drops::Channels, 2},
    {"Dropout3d", "dropout", "In training, drops whole channels of a volume.", Drops::Channels, 3},
    {"AlphaDropout", "alpha_dropout", "Dropout that keeps mean and variance as SELU needs them.", Drops::Alpha, 0},
};

template <std::size_t row>
LayerSpec dropping_row() {
  static constexpr Dropping dropping = droppings[row];
  LayerSpec spec{.type = dropping.type,
                 .category = Category::Regularisation,
                 .summary = dropping.summary,
                 .name_stem = dropping.stem,
                 .settings = {{.name = "p",
                               .kind = SettingKind::Real,
                               .fallback = 0.5,
                               .help = dropping.what == Drops::Alpha
                                           ? "The share that is dropped."
                                           : "The share that is dropped; the rest is scaled by 1/(1 − p).",
                               .minimum = 0,
                               .maximum = 1}},
                 // Of channels one number each, which is next to nothing; on a CPU Dropout's mask takes 4 bytes, not 1.
                 .saved = {.bytes_per_output = dropping.what == Drops::Alpha    ? 4
                                               : dropping.what == Drops::Values ? 1
                                                                                : 0},
                 .shapes = [](const LayerView& view) -> ShapeResult {
                   if constexpr (dropping.axes > 0) {
                     if (auto problem = rank_problem(view.input(), dropping.axes)) return *problem;
                   }
                   return std::vector<Shape>{view.input()};
                 },
                 .call =
                     [](const LayerView& view) {
                       return NnCall{dropping.type, {{"p", view.settings.real("p")}}};
                     },
                 .formula =
                     [](const LayerView& view, std::span<const Shape>) {
                       const double p = view.settings.real("p");
                       if (dropping.what == Drops::Alpha) {
                         return std::vector<FormulaLine>{
                             {"y = a · (x, or −1.7581 with probability p) + b; a and b keep mean and variance",
                              fmt::format("p = {:g}; in evaluation y = x", p)}};
                       }
                       const char* const of = dropping.what == Drops::Channels ? " for each channel" : "";
                       return std::vector<FormulaLine>{
                           {fmt::format("y = 0 with probability p{}, else x / (1 − p)", of),
                            p < 1 ? fmt::format("y = 0 with probability {:g}{}, else {:.3g} · x; in evaluation y = x",
                                                p, of, 1 / (1 - p))
                                  : "y = 0; in evaluation y = x"}};
                     },
                 .caption = [](const Settings& s) { return fmt::format("p = {:g}", s.real("p")); }};
  std::vector<Dim> dims = {3};
  for (std::size_t axis = 1; axis <= std::max<std::size_t>(dropping.axes, 1); ++axis) dims.emplace_back(3 + axis);
  spec.samples = {{{}, {Shape(dims)}}, {{{"p", 0.1}}, {Shape(dims)}}};
  return spec;
}

template <std::size_t... row>
std::vector<LayerSpec> dropping_rows(std::index_sequence<row...>) {
  return {dropping_row<row>()...};
}

LayerSpec gaussian_noise() {
  return {.type = "GaussianNoise",
          .category = Category::Regularisation,
          .summary = "In training, adds normal noise to every value: a denoiser learns from it, others grow robust.",
          .name_stem = "noise",
          .settings = {{.name = "std",
                        .kind = SettingKind::Real,
                        .fallback = 0.1,
                        .help = "The noise's standard deviation.",
                        .minimum = 0,
                        .maximum = 1e6}},
          .shapes = same_shape,
          .call =
              [](const LayerView& view) {
                return NnCall{"netwright.GaussianNoise", {{"std", view.settings.real("std")}}};
              },
          .formula =
              [](const LayerView& view, std::span<const Shape>) {
                return std::vector<FormulaLine>{
                    {"y = x + std · ε, ε from N(0, 1)",
                     fmt::format("y = x + {:g} · ε; in evaluation y = x", view.settings.real("std"))}};
              },
          .samples = {{{}, {{3, 4, 5}}}, {{{"std", 0.5}}, {{6}}}},
          .caption = [](const Settings& s) { return fmt::format("std {:g}", s.real("std")); }};
}

}  // namespace

std::vector<LayerSpec> regularisation_family() {
  std::vector<LayerSpec> rows = dropping_rows(std::make_index_sequence<std::size(droppings)>());
  rows.push_back(gaussian_noise());
  return rows;
}

}  // namespace netwright
