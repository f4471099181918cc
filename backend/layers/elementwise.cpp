// Functions of each value by itself, as imported graphs have them.

#include <fmt/format.h>

#include "backend/layers/dimensions.h"
#include "backend/layers/families.h"

namespace netwright {

namespace {

struct Function {
  const char* type;
  const char* call;
  const char* symbols;
};

constexpr Function exponential{"Exp", "torch.exp", "y = eˣ"};
constexpr Function logarithm{"Log", "torch.log", "y = ln x"};
constexpr Function root{"Sqrt", "torch.sqrt", "y = √x"};
constexpr Function absolute{"Abs", "torch.abs", "y = |x|"};
constexpr Function negative{"Neg", "torch.neg", "y = −x"};
constexpr Function error{"Erf", "torch.erf", "y = 2/√π · ∫₀ˣ e^(−t²) dt"};

std::vector<FormulaLine> applied(std::string symbols, const std::string& numbers, const LayerView& view) {
  return {{std::move(symbols), fmt::format("{}, on each of {}", numbers, view.input().to_string())}};
}

template <const Function& function>
LayerSpec function_row(const std::string& summary, const std::string& stem, Saved saved, bool is_positive = false) {
  return {.type = function.type,
          .category = Category::Activation,
          .summary = summary,
          .name_stem = stem,
          .saved = saved,
          .shapes = same_shape,
          .call =
              [](const LayerView&) {
                return NnCall{function.call, {}};
              },
          .formula = [](const LayerView& view,
                        std::span<const Shape>) { return applied(function.symbols, function.symbols, view); },
          .samples = {{{}, {{3, 4, 5}}, is_positive}, {{}, {{6}}, is_positive}},
          .caption = [](const Settings&) { return std::string(); }};
}

}  // namespace

std::vector<LayerSpec> elementwise_family() {
  constexpr Saved by_input{.input = true};
  constexpr Saved by_output{.output = true};
  return {
      function_row<exponential>("e to the power of each value.", "exp", by_output),
      function_row<logarithm>("The natural logarithm of each value; not a number below 0.", "log", by_input, true),
      function_row<root>("The square root of each value; not a number below 0.", "sqrt", by_output, true),
      function_row<absolute>("Each value without its sign.", "abs", by_input),
      function_row<negative>("Each value with the other sign.", "neg", {}),
      {.type = "Pow",
       .category = Category::Activation,
       .summary = "Each value to the power of the exponent.",
       .name_stem = "pow",
       .settings = {{.name = "exponent",
                     .kind = SettingKind::Real,
                     .fallback = 2.0,
                     .help = "2 squares; of values below 0 only whole exponents are numbers.",
                     .minimum = -100,
                     .maximum = 100}},
       .saved = by_input,
       .shapes = same_shape,
       .call =
           [](const LayerView& view) {
             return NnCall{"torch.pow", {{"exponent", view.settings.real("exponent")}}};
           },
       .formula =
           [](const LayerView& view, std::span<const Shape>) {
             return applied("y = x^exponent", fmt::format("y = x^{:g}", view.settings.real("exponent")), view);
           },
       .samples = {{{}, {{3, 4, 5}}, true}, {{{"exponent", 3.0}}, {{6}}}, {{{"exponent", 0.5}}, {{6}}, true}},
       .caption = [](const Settings& s) { return fmt::format("{:g}", s.real("exponent")); }},
      function_row<error>("The Gauss error function of each value.", "erf", by_input),
  };
}

}  // namespace netwright
