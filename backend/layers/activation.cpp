#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "backend/layers/dimensions.h"
#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

/// A real argument of an activation.
struct Parameter {
  const char* name = nullptr;
  double fallback = 0;
  const char* help = nullptr;
  double minimum = -1e6;
  double maximum = 1e6;
};

/// What an activation of one value is; its class, call and form follow. Formulas as in PyTorch's documentation.
struct Pointwise {
  const char* type;
  const char* stem;
  const char* summary;
  const char* formula;
  Saved saved;
  std::array<Parameter, 2> parameters = {};
};

constexpr Saved keeps_input = {.input = true};
constexpr Saved keeps_output = {.output = true};

constexpr Pointwise pointwise[] = {
    {"ReLU", "relu", "Passes what is positive and stops the rest: the usual choice.", "y = max(0, x)", keeps_output},
    {"ReLU6", "relu6", "ReLU that stops at 6: stays exact in low precision, as mobile networks need.",
     "y = min(max(0, x), 6)", keeps_input},
    {"LeakyReLU",
     "leaky_relu",
     "ReLU that lets a little of the negative through, so that no unit dies.",
     "y = x where x ≥ 0, else negative_slope · x",
     keeps_input,
     {{{"negative_slope", 0.01, "The slope where x is negative.", -10, 10}}}},
    {"RReLU",
     "rrelu",
     "LeakyReLU with a random slope in training, its mean in evaluation: a mild regulariser.",
     "y = x where x ≥ 0, else a · x with a random between lower and upper",
     {.input = true, .bytes_per_output = 4},
     {{{"lower", 1.0 / 8, "The least slope.", 0, 1}, {"upper", 1.0 / 3, "The largest slope.", 0, 1}}}},
    {"ELU",
     "elu",
     "Like ReLU, but smooth below 0, where it goes to −alpha: outputs centre on 0.",
     "y = x where x > 0, else alpha · (eˣ − 1)",
     keeps_input,
     {{{"alpha", 1.0, "How far below 0 it goes.", 0, 100}}}},
    {"SELU", "selu", "ELU scaled so that deep plain networks keep mean 0 and variance 1 by themselves.",
     "y = 1.0507 · (x where x > 0, else 1.6733 · (eˣ − 1))", keeps_input},
    {"CELU",
     "celu",
     "ELU whose slope is continuous for every alpha.",
     "y = max(0, x) + min(0, alpha · (e^(x/alpha) − 1))",
     keeps_input,
     {{{"alpha", 1.0, "How far below 0 it goes.", 1e-6, 100}}}},
    {"SiLU", "silu", "x · sigmoid(x), also called Swish: smooth, and a little better than ReLU in deep networks.",
     "y = x / (1 + e⁻ˣ)", keeps_input},
    {"Mish", "mish", "A smooth ReLU that dips a little below 0.", "y = x · tanh(ln(1 + eˣ))", keeps_input},
    {"Sigmoid", "sigmoid", "Squeezes each value between 0 and 1.", "y = 1 / (1 + e⁻ˣ)", keeps_output},
    {"LogSigmoid",
     "log_sigmoid",
     "The logarithm of the sigmoid, without its loss of precision.",
     "y = −ln(1 + e⁻ˣ)",
     {.input = true, .bytes_per_output = 4}},
    {"Hardsigmoid", "hardsigmoid", "The sigmoid in straight lines: cheap on small devices.",
     "y = min(max(0, x/6 + 1/2), 1)", keeps_input},
    {"Tanh", "tanh", "Squeezes each value between −1 and 1.", "y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)", keeps_output},
    {"Hardtanh",
     "hardtanh",
     "Cuts values off at two limits.",
     "y = min(max(min_val, x), max_val)",
     keeps_input,
     {{{"min_val", -1.0, "The least output."}, {"max_val", 1.0, "The largest output."}}}},
    {"Hardswish", "hardswish", "SiLU in straight lines: cheap on small devices.", "y = x · min(max(0, x + 3), 6) / 6",
     keeps_input},
    {"Hardshrink",
     "hardshrink",
     "Sets what is near 0 to 0 and leaves the rest.",
     "y = x where |x| > lambd, else 0",
     keeps_input,
     {{{"lambd", 0.5, "What counts as near.", 0, 1e6}}}},
    {"Softplus",
     "softplus",
     "A smooth ReLU; always positive, so it can give a variance or a rate.",
     "y = ln(1 + e^(beta·x)) / beta; x itself where beta·x > threshold",
     keeps_input,
     {{{"beta", 1.0, "How sharply it bends.", 1e-6, 1e6},
       {"threshold", 20.0, "Beyond it the line is straight.", 0, 1e6}}}},
    {"Softsign",
     "softsign",
     "Squeezes between −1 and 1 like Tanh, with longer tails.",
     "y = x / (1 + |x|)",
     {.input = true, .bytes_per_output = 4}},
    {"Softshrink",
     "softshrink",
     "Draws every value towards 0 by lambd.",
     "y = x − lambd where x > lambd, x + lambd where x < −lambd, else 0",
     keeps_input,
     {{{"lambd", 0.5, "By how much.", 0, 1e6}}}},
    {"Tanhshrink", "tanhshrink", "x − tanh(x): nearly nothing near 0.", "y = x − tanh(x)", {.bytes_per_output = 4}},
    {"Threshold",
     "threshold",
     "Passes what lies above a threshold and puts a fixed value in place of the rest.",
     "y = x where x > threshold, else value",
     keeps_input,
     {{{"threshold", 0.0, "What passes lies above it."}, {"value", 0.0, "What stands for the rest."}}}},
};

/// What a user would have wrong by swapping two limits.
template <std::size_t row>
ShapeResult pointwise_shapes(const LayerView& view) {
  constexpr const Pointwise& activation = pointwise[row];
  constexpr std::string_view low = activation.parameters[0].name ? activation.parameters[0].name : "";
  if constexpr (low == "lower" || low == "min_val") {
    const double least = view.settings.real(low);
    const double most = view.settings.real(activation.parameters[1].name);
    const double highest = low == "lower" ? most : most - 1;
    if (low == "lower" ? least > most : least >= most) {
      return ShapeProblem{
          .message = fmt::format("{} must lie below {}.", low, activation.parameters[1].name),
          .expected = fmt::format("{} < {:g}", low, most),
          .actual = fmt::format("{:g}", least),
          .setting = std::string(low),
          .fixes = {{fmt::format("Set {} to {:g}", low, highest), ChangeSetting{std::string(low), highest}}}};
    }
  }
  return same_shape(view);
}

template <std::size_t row>
NnCall pointwise_call(const LayerView& view) {
  NnCall call{pointwise[row].type, {}};
  for (const Parameter& parameter : pointwise[row].parameters) {
    if (parameter.name) call.arguments.emplace_back(parameter.name, view.settings.real(parameter.name));
  }
  return call;
}

std::string parameter_text(const Pointwise& activation, const Settings& settings) {
  std::string text;
  for (const Parameter& parameter : activation.parameters) {
    if (!parameter.name) continue;
    text += fmt::format("{}{} = {:.4g}", text.empty() ? "" : ", ", parameter.name, settings.real(parameter.name));
  }
  return text;
}

template <std::size_t row>
std::vector<FormulaLine> pointwise_formula(const LayerView& view, std::span<const Shape>) {
  const std::string chosen = parameter_text(pointwise[row], view.settings);
  return {{pointwise[row].formula,
           fmt::format("{}{}on each of {}", chosen, chosen.empty() ? "" : "; ", view.input().to_string())}};
}

template <std::size_t row>
std::string pointwise_caption(const Settings& settings) {
  return parameter_text(pointwise[row], settings);
}

template <std::size_t row>
LayerSpec pointwise_row() {
  constexpr const Pointwise& activation = pointwise[row];
  LayerSpec spec{.type = activation.type,
                 .category = Category::Activation,
                 .summary = activation.summary,
                 .name_stem = activation.stem,
                 .saved = activation.saved,
                 .shapes = pointwise_shapes<row>,
                 .call = pointwise_call<row>,
                 .formula = pointwise_formula<row>,
                 .samples = {{{}, {{3, 4, 5}}}, {{}, {{6}}}},
                 .caption = pointwise_caption<row>};
  Settings other;
  for (const Parameter& parameter : activation.parameters) {
    if (!parameter.name) continue;
    spec.settings.push_back({.name = parameter.name,
                             .kind = SettingKind::Real,
                             .fallback = parameter.fallback,
                             .help = parameter.help,
                             .minimum = parameter.minimum,
                             .maximum = parameter.maximum});
    other.set(parameter.name, parameter.fallback * 1.5 + 0.125);
  }
  if (!spec.settings.empty()) spec.samples.push_back({other, {{3, 5}}});
  return spec;
}

template <std::size_t... row>
std::vector<LayerSpec> pointwise_rows(std::index_sequence<row...>) {
  return {pointwise_row<row>()...};
}

ShapeResult prelu_shapes(const LayerView& view) {
  const std::int64_t number = view.settings.integer("num_parameters");
  if (view.input().rank() == 0) {
    return ShapeProblem{
        .message = "PReLU needs channels.", .expected = "C×…", .actual = "scalar", .port = 0, .setting = {}};
  }
  const Dim& channels = view.input()[0];
  if (number == 1 || !channels || number == *channels) return same_shape(view);
  return ShapeProblem{.message = fmt::format("PReLU has one slope for all channels, or one for each of {}.", *channels),
                      .expected = fmt::format("1 or {}", *channels),
                      .actual = std::to_string(number),
                      .setting = "num_parameters",
                      .fixes = {{fmt::format("Learn {} slopes", *channels), ChangeSetting{"num_parameters", *channels}},
                                {"Learn one slope", ChangeSetting{"num_parameters", std::int64_t{1}}}}};
}

LayerSpec prelu() {
  return {.type = "PReLU",
          .category = Category::Activation,
          .summary = "LeakyReLU that learns its slope, one for all channels or one for each.",
          .name_stem = "prelu",
          .settings = {{.name = "num_parameters",
                        .kind = SettingKind::Integer,
                        .fallback = std::int64_t{1},
                        .help = "How many slopes are learned: 1, or as many as there are channels.",
                        .minimum = 1,
                        .maximum = 1e6},
                       {.name = "init",
                        .kind = SettingKind::Real,
                        .fallback = 0.25,
                        .help = "The slope before training.",
                        .minimum = -10,
                        .maximum = 10}},
          .saved = keeps_input,
          .shapes = prelu_shapes,
          .weights =
              [](const LayerView& view) {
                return std::vector<Weight>{{"weight", Shape{view.settings.integer("num_parameters")}}};
              },
          .call =
              [](const LayerView& view) {
                return NnCall{"PReLU",
                              {{"num_parameters", view.settings.integer("num_parameters")},
                               {"init", view.settings.real("init")}}};
              },
          .formula =
              [](const LayerView& view, std::span<const Shape>) {
                return std::vector<FormulaLine>{
                    {"y = x where x ≥ 0, else a · x; a is learned",
                     fmt::format("{} slopes, on each of {}", view.settings.integer("num_parameters"),
                                 view.input().to_string())}};
              },
          .samples = {{{}, {{3, 4, 5}}}, {{{"num_parameters", std::int64_t{3}}, {"init", 0.1}}, {{3, 4, 5}}}},
          .caption =
              [](const Settings& s) {
                const std::int64_t number = s.integer("num_parameters");
                return number == 1 ? std::string() : fmt::format("{} slopes", number);
              }};
}

LayerSpec gelu() {
  return {
      .type = "GELU",
      .category = Category::Activation,
      .summary = "x weighted by how likely a normal variable lies below it: the usual choice in Transformers.",
      .name_stem = "gelu",
      .settings = {{.name = "approximate",
                    .kind = SettingKind::Choice,
                    .fallback = std::string("none"),
                    .help = "'tanh' is a quick approximation.",
                    .choices = {"none", "tanh"}}},
      .saved = keeps_input,
      .shapes = same_shape,
      .call =
          [](const LayerView& view) {
            return NnCall{"GELU", {{"approximate", view.settings.text("approximate")}}};
          },
      .formula =
          [](const LayerView& view, std::span<const Shape>) {
            const bool is_exact = view.settings.text("approximate") == "none";
            return std::vector<FormulaLine>{{is_exact ? "y = x · Φ(x) = x/2 · (1 + erf(x/√2))"
                                                      : "y = x/2 · (1 + tanh(√(2/π) · (x + 0.044715 · x³)))",
                                             "on each of " + view.input().to_string()}};
          },
      .samples = {{{}, {{3, 4, 5}}}, {{{"approximate", std::string("tanh")}}, {{6}}}},
      .caption =
          [](const Settings& s) { return s.text("approximate") == "none" ? std::string() : s.text("approximate"); }};
}

std::vector<AxisWindow> mixing_window(const LayerView& view, std::size_t) {
  std::vector<AxisWindow> windows = plain_windows(view);
  if (const auto axis = axis_of(view.settings.integer("dim"), view.input().rank())) windows[*axis].everything = true;
  return windows;
}

/// Each position sees itself and the one half of the size further on.
std::vector<AxisWindow> halving_window(const LayerView& view, std::size_t) {
  std::vector<AxisWindow> windows = plain_windows(view);
  const auto axis = axis_of(view.settings.integer("dim"), view.input().rank());
  if (!axis) return windows;
  const Dim& size = view.input()[*axis];
  windows[*axis].extent = size.value_or(0) / 2 + 1;
  windows[*axis].everything = !size;
  return windows;
}

LayerSpec glu() {
  return {
      .type = "GLU",
      .category = Category::Activation,
      .summary = "One half of the channels gates the other: the second half, through a sigmoid, scales the first.",
      .name_stem = "glu",
      .settings = {dim_setting(-1, "The dimension that is halved, counting the batch as 0.")},
      .saved = keeps_input,
      .shapes = [](const LayerView& view) -> ShapeResult {
        const std::int64_t dim = view.settings.integer("dim");
        const auto axis = axis_of(dim, view.input().rank());
        if (!axis) return no_such_dimension(dim, view.input().rank());
        Shape output = view.input();
        Dim& size = output[*axis];
        if (size && *size % 2 != 0) {
          return ShapeProblem{.message = fmt::format("GLU halves dimension {}, which has an odd size.", dim),
                              .expected = "an even size",
                              .actual = std::to_string(*size),
                              .port = 0,
                              .setting = "dim"};
        }
        if (size) *size /= 2;
        return std::vector<Shape>{output};
      },
      .window = halving_window,
      .call =
          [](const LayerView& view) {
            return NnCall{"GLU", {{"dim", view.settings.integer("dim")}}};
          },
      .formula =
          [](const LayerView& view, std::span<const Shape> outputs) {
            return std::vector<FormulaLine>{{"y = a / (1 + e⁻ᵇ), where x = [a, b]",
                                             fmt::format("{} → {}", view.input().to_string(), outputs[0].to_string())}};
          },
      .samples = {{{}, {{3, 4, 6}}}, {{{"dim", std::int64_t{1}}}, {{4, 5}}}, {{}, {{6}}}},
      .caption = dim_caption};
}

/// Softmax and its logarithm.
template <bool is_log>
LayerSpec softmax() {
  return {
      .type = is_log ? "LogSoftmax" : "Softmax",
      .category = Category::Activation,
      .summary = is_log ? "The logarithm of Softmax, steadier than taking it afterwards; NLL loss wants it."
                        : "Turns scores into probabilities that sum to 1. Cross entropy has its own: leave it out "
                          "before that loss.",
      .name_stem = is_log ? "log_softmax" : "softmax",
      .settings = {dim_setting(1, "The dimension whose values sum to 1, counting the batch as 0.")},
      .saved = keeps_output,
      .shapes = [](const LayerView& view) -> ShapeResult {
        const std::int64_t dim = view.settings.integer("dim");
        if (!axis_of(dim, view.input().rank())) return no_such_dimension(dim, view.input().rank());
        return std::vector<Shape>{view.input()};
      },
      .window = mixing_window,
      .call =
          [](const LayerView& view) {
            return NnCall{is_log ? "LogSoftmax" : "Softmax", {{"dim", view.settings.integer("dim")}}};
          },
      .formula =
          [](const LayerView& view, std::span<const Shape>) {
            const auto axis = axis_of(view.settings.integer("dim"), view.input().rank());
            return std::vector<FormulaLine>{
                {is_log ? "yᵢ = xᵢ − ln Σⱼ eˣʲ" : "yᵢ = eˣⁱ / Σⱼ eˣʲ",
                 fmt::format("the sum runs over {} values", axis ? dim_text(view.input()[*axis]) : std::string("?"))}};
          },
      .samples = {{{}, {{6}}}, {{{"dim", std::int64_t{-1}}}, {{3, 4, 5}}}, {{{"dim", std::int64_t{2}}}, {{3, 4, 5}}}},
      .caption = dim_caption};
}

}  // namespace

std::vector<LayerSpec> activation_family() {
  std::vector<LayerSpec> rows = pointwise_rows(std::make_index_sequence<std::size(pointwise)>());
  // Where users look for them: beside their kin.
  const auto after = [&](const char* type, LayerSpec row) {
    rows.insert(std::ranges::find(rows, type, &LayerSpec::type) + 1, std::move(row));
  };
  after("LeakyReLU", prelu());
  after("CELU", gelu());
  rows.push_back(glu());
  rows.push_back(softmax<false>());
  rows.push_back(softmax<true>());
  return rows;
}

}  // namespace netwright
