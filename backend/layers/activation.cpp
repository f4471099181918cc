#include <fmt/format.h>

#include <algorithm>

#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

ShapeResult same_shape(const LayerView& view) {
  return std::vector<Shape>{view.input()};
}

std::string no_caption(const Settings&) {
  return {};
}

/// An activation without settings: its class is its name, its formula the same for every shape.
template <const char* name, const char* formula_text>
LayerSpec plain_activation(const std::string& summary, const std::string& stem) {
  return {.type = name,
          .category = Category::Activation,
          .summary = summary,
          .name_stem = stem,
          .shapes = same_shape,
          .call =
              [](const LayerView&) {
                return NnCall{name, {}};
              },
          .formula =
              [](const LayerView& view, std::span<const Shape>) {
                return std::vector<FormulaLine>{{formula_text, "applied to each of " + view.input().to_string()}};
              },
          .samples = {{{}, {{3, 4, 5}}}, {{}, {{6}}}},
          .caption = no_caption};
}

constexpr char relu[] = "ReLU";
constexpr char relu_formula[] = "y = max(0, x)";
constexpr char sigmoid[] = "Sigmoid";
constexpr char sigmoid_formula[] = "y = 1 / (1 + e⁻ˣ)";
constexpr char tanh_name[] = "Tanh";
constexpr char tanh_formula[] = "y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)";

/// PyTorch counts the batch as dimension 0; nothing where `dim` is out of range.
std::optional<std::size_t> axis_of(std::int64_t dim, std::size_t rank) {
  const auto with_batch = static_cast<std::int64_t>(rank) + 1;
  const std::int64_t axis = dim < 0 ? dim + with_batch : dim;
  if (axis < 1 || axis >= with_batch) return std::nullopt;
  return static_cast<std::size_t>(axis - 1);
}

ShapeResult softmax_shapes(const LayerView& view) {
  const std::int64_t dim = view.settings.integer("dim");
  if (axis_of(dim, view.input().rank())) return std::vector<Shape>{view.input()};
  return ShapeProblem{.message = fmt::format("The input has no dimension {} (0 is the batch).", dim),
                      .expected = fmt::format("1 to {}, or -1 for the last", view.input().rank()),
                      .actual = std::to_string(dim),
                      .setting = "dim",
                      .fixes = {{"Use the last dimension", ChangeSetting{"dim", std::int64_t{-1}}}}};
}

std::vector<AxisWindow> softmax_window(const LayerView& view, std::size_t) {
  const std::size_t rank = view.input().rank();
  std::vector<AxisWindow> windows(rank);
  if (const auto axis = axis_of(view.settings.integer("dim"), rank)) windows[*axis].everything = true;
  return windows;
}

}  // namespace

std::vector<LayerSpec> activation_family() {
  return {
      plain_activation<relu, relu_formula>("Passes what is positive and stops the rest: the usual choice.", "relu"),
      {.type = "LeakyReLU",
       .category = Category::Activation,
       .summary = "ReLU that lets a little of the negative through, so that no unit dies.",
       .name_stem = "leaky_relu",
       .settings = {{.name = "negative_slope",
                     .kind = SettingKind::Real,
                     .fallback = 0.01,
                     .help = "The slope where x is negative.",
                     .minimum = -10,
                     .maximum = 10}},
       .shapes = same_shape,
       .call =
           [](const LayerView& view) {
             return NnCall{"LeakyReLU", {{"negative_slope", view.settings.real("negative_slope")}}};
           },
       .formula =
           [](const LayerView& view, std::span<const Shape>) {
             return std::vector<FormulaLine>{
                 {"y = x where x ≥ 0, else negative_slope · x",
                  fmt::format("y = x where x ≥ 0, else {:g} · x; on each of {}", view.settings.real("negative_slope"),
                              view.input().to_string())}};
           },
       .samples = {{{}, {{3, 4, 5}}}, {{{"negative_slope", 0.2}}, {{6}}}},
       .caption = [](const Settings& s) { return fmt::format("slope {:g}", s.real("negative_slope")); }},
      plain_activation<sigmoid, sigmoid_formula>("Squeezes each value between 0 and 1.", "sigmoid"),
      plain_activation<tanh_name, tanh_formula>("Squeezes each value between −1 and 1.", "tanh"),
      {.type = "Softmax",
       .category = Category::Activation,
       .summary =
           "Turns scores into probabilities that sum to 1. Cross entropy has its own: leave it out before that loss.",
       .name_stem = "softmax",
       .settings = {{.name = "dim",
                     .kind = SettingKind::Integer,
                     .fallback = std::int64_t{1},
                     .help = "The dimension whose values sum to 1, counting the batch as 0.",
                     .minimum = -8,
                     .maximum = 8}},
       .shapes = softmax_shapes,
       .window = softmax_window,
       .call =
           [](const LayerView& view) {
             return NnCall{"Softmax", {{"dim", view.settings.integer("dim")}}};
           },
       .formula =
           [](const LayerView& view, std::span<const Shape>) {
             const auto axis = axis_of(view.settings.integer("dim"), view.input().rank());
             return std::vector<FormulaLine>{
                 {"yᵢ = eˣⁱ / Σⱼ eˣʲ",
                  fmt::format("the sum runs over {} values", axis ? dim_text(view.input()[*axis]) : std::string("?"))}};
           },
       .samples = {{{}, {{6}}}, {{{"dim", std::int64_t{-1}}}, {{3, 4, 5}}}, {{{"dim", std::int64_t{2}}}, {{3, 4, 5}}}},
       .caption = [](const Settings& s) { return fmt::format("dim {}", s.integer("dim")); }},
  };
}

}  // namespace netwright
