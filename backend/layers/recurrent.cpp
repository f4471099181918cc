// Recurrence over the steps of a sequence, as PyTorch's RNN, LSTM and GRU with batch_first.

#include <fmt/format.h>

#include "backend/core/numbers.h"
#include "backend/layers/attention.h"
#include "backend/layers/dimensions.h"
#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

constexpr char rnn[] = "RNN";
constexpr char lstm[] = "LSTM";
constexpr char gru[] = "GRU";

/// The layer's sizes, read once.
struct Cells {
  explicit Cells(const LayerView& view)
      : input(features_of(view.input())),
        hidden(view.settings.integer("hidden_size")),
        projected(view.settings.integer("proj_size")),
        layers(view.settings.integer("num_layers")),
        directions(view.settings.flag("bidirectional") ? 2 : 1),
        has_bias(view.settings.flag("bias")) {}

  /// What a cell hands on, to its next step and upwards.
  std::int64_t output() const { return projected > 0 ? projected : hidden; }
  Dim layer_input(std::int64_t layer) const { return layer == 0 ? input : Dim(directions * output()); }

  Dim input;
  std::int64_t hidden;
  std::int64_t projected;  ///< 0 where the hidden state isn't projected
  std::int64_t layers;
  std::int64_t directions;
  bool has_bias;
};

template <const char* type>
ShapeResult recurrent_shapes(const LayerView& view) {
  if (view.input().rank() != 2) return not_a_sequence(type, view.input(), 0);
  const Cells cells(view);
  if (cells.projected >= cells.hidden && cells.projected > 0) {
    return ShapeProblem{.message = "proj_size must be smaller than hidden_size, or 0 for no projection.",
                        .expected = fmt::format("less than {}", cells.hidden),
                        .actual = std::to_string(cells.projected),
                        .setting = "proj_size",
                        .fixes = {{"No projection", ChangeSetting{"proj_size", std::int64_t{0}}}}};
  }
  const std::int64_t features = cells.directions * cells.output();
  if (view.settings.text("output") == "sequence") return std::vector<Shape>{Shape{view.input()[0], features}};
  return std::vector<Shape>{Shape{features}};
}

std::vector<ShapeProblem> recurrent_warnings(const LayerView& view) {
  const double dropout = view.settings.real("dropout");
  if (dropout == 0 || view.settings.integer("num_layers") > 1) return {};
  return {{.message = "dropout works between recurrent layers, and there is only one.",
           .expected = "num_layers of 2 or more",
           .actual = "1",
           .setting = "dropout",
           .fixes = {{"No dropout", ChangeSetting{"dropout", 0.0}},
                     {"Two layers", ChangeSetting{"num_layers", std::int64_t{2}}}}}};
}

template <int gates>
std::vector<Weight> recurrent_weights(const LayerView& view) {
  const Cells cells(view);
  const Dim rows = checked_multiply(gates, cells.hidden);
  std::vector<Weight> weights;
  for (std::int64_t layer = 0; layer < cells.layers; ++layer) {
    for (std::int64_t direction = 0; direction < cells.directions; ++direction) {
      const std::string suffix = fmt::format("l{}{}", layer, direction == 1 ? "_reverse" : "");
      weights.push_back({"weight_ih_" + suffix, Shape{rows, cells.layer_input(layer)}});
      weights.push_back({"weight_hh_" + suffix, Shape{rows, cells.output()}});
      if (cells.has_bias) {
        weights.push_back({"bias_ih_" + suffix, Shape{rows}});
        weights.push_back({"bias_hh_" + suffix, Shape{rows}});
      }
      if (cells.projected > 0) weights.push_back({"weight_hr_" + suffix, Shape{cells.projected, cells.hidden}});
    }
  }
  return weights;
}

/// One for each weight of a matrix at each step.
template <int gates>
Dim recurrent_macs(const LayerView& view, std::span<const Shape>) {
  Dim step = 0;
  for (const Weight& weight : recurrent_weights<gates>(view)) {
    if (weight.shape.rank() == 2) step = checked_add(step, weight.shape.elements());
  }
  return checked_multiply(view.input()[0], step);
}

/// The whole of the sequence, also where a step knows only what was before it.
std::vector<AxisWindow> recurrent_window(const LayerView& view, std::size_t) {
  if (view.settings.text("output") == "sequence") return {{.everything = true}, {.everything = true}};
  return {consumed_window(), {.everything = true, .to = 0}};
}

template <const char* type>
std::vector<std::string> step_formulas(const LayerView& view) {
  if (std::string_view(type) == lstm) {
    std::vector<std::string> lines = {"i, f, o = σ(W·xₜ + b + U·hₜ₋₁ + c), g = tanh(W·xₜ + b + U·hₜ₋₁ + c)",
                                      "cₜ = f ⊙ cₜ₋₁ + i ⊙ g, hₜ = o ⊙ tanh(cₜ)"};
    if (view.settings.integer("proj_size") > 0) lines.back() = "cₜ = f ⊙ cₜ₋₁ + i ⊙ g, hₜ = P·(o ⊙ tanh(cₜ))";
    return lines;
  }
  if (std::string_view(type) == gru) {
    return {"r, z = σ(W·xₜ + b + U·hₜ₋₁ + c)", "n = tanh(W·xₜ + b + r ⊙ (U·hₜ₋₁ + c)), hₜ = (1 − z) ⊙ n + z ⊙ hₜ₋₁"};
  }
  return {fmt::format("hₜ = {}(W·xₜ + b + U·hₜ₋₁ + c)", view.settings.text("nonlinearity"))};
}

template <const char* type, int gates>
std::vector<FormulaLine> recurrent_formula(const LayerView& view, std::span<const Shape> outputs) {
  const Cells cells(view);
  std::vector<FormulaLine> lines;
  for (std::string& symbols : step_formulas<type>(view)) {
    lines.push_back({std::move(symbols), fmt::format("xₜ: {}, hₜ: {}", dim_text(cells.input), cells.output())});
  }
  Dim count = 0;
  for (const Weight& weight : recurrent_weights<gates>(view)) count = checked_add(count, weight.shape.elements());
  const std::string factor = gates == 1 ? std::string() : fmt::format("{}·", gates);
  lines.push_back({fmt::format("parameters of a layer and direction = {}hidden_size·(in + out{}){}", factor,
                               cells.has_bias ? " + 2" : "", cells.projected > 0 ? " + proj_size·hidden_size" : ""),
                   fmt::format("{} layers × {} directions: parameters = {}", cells.layers, cells.directions,
                               count ? with_separators(*count) : "?")});
  const Dim macs = recurrent_macs<gates>(view, outputs);
  lines.push_back({fmt::format("multiply-adds = T · weights but biases"),
                   fmt::format("multiply-adds = {} steps · {} = {}", dim_text(view.input()[0]),
                               macs && whole(view.input()[0]) > 0 ? with_separators(*macs / *view.input()[0]) : "?",
                               macs ? with_separators(*macs) : "?")});
  return lines;
}

template <const char* type>
NnCall recurrent_call(const LayerView& view) {
  const Settings& s = view.settings;
  NnCall call{type,
              {{"input_size", whole(features_of(view.input()))},
               {"hidden_size", s.integer("hidden_size")},
               {"num_layers", s.integer("num_layers")}},
              {{"output", s.text("output")}}};
  if (s.find("nonlinearity")) call.arguments.emplace_back("nonlinearity", s.text("nonlinearity"));
  call.arguments.emplace_back("bias", s.flag("bias"));
  call.arguments.emplace_back("batch_first", true);
  call.arguments.emplace_back("dropout", s.real("dropout"));
  call.arguments.emplace_back("bidirectional", s.flag("bidirectional"));
  if (s.integer("proj_size") > 0) call.arguments.emplace_back("proj_size", s.integer("proj_size"));
  return call;
}

SettingSpec hidden_size() {
  return {.name = "hidden_size",
          .kind = SettingKind::Integer,
          .fallback = std::int64_t{128},
          .help = "How many numbers the layer remembers from step to step.",
          .minimum = 1,
          .maximum = 1e6};
}

std::vector<SettingSpec> common_settings() {
  return {hidden_size(),
          {.name = "num_layers",
           .kind = SettingKind::Integer,
           .fallback = std::int64_t{1},
           .help = "Recurrent layers on top of one another.",
           .minimum = 1,
           .maximum = 1000},
          {.name = "bias",
           .kind = SettingKind::Boolean,
           .fallback = true,
           .help = "Adds learned numbers to what is computed at each step."},
          {.name = "dropout",
           .kind = SettingKind::Real,
           .fallback = 0.0,
           .help = "The share of values dropped between the layers, in training.",
           .minimum = 0,
           .maximum = 1},
          {.name = "bidirectional",
           .kind = SettingKind::Boolean,
           .fallback = false,
           .help = "A second pass from the end to the beginning; both results side by side."},
          {.name = "output",
           .kind = SettingKind::Choice,
           .fallback = std::string("sequence"),
           .help = "Every step's output, the last step's, or the last layer's final hidden state (of both directions).",
           .choices = {"sequence", "last output", "last hidden"}}};
}

std::string recurrent_caption(const Settings& s) {
  std::string text = std::to_string(s.integer("hidden_size"));
  if (s.integer("proj_size") > 0) text += fmt::format(" → {}", s.integer("proj_size"));
  if (s.integer("num_layers") > 1) text += fmt::format(", {} layers", s.integer("num_layers"));
  if (s.flag("bidirectional")) text += ", both ways";
  if (s.text("output") != "sequence") text += ", " + s.text("output");
  return text;
}

/// Samples that every one of them has.
std::vector<Sample> common_samples() {
  const std::pair<const std::string, Value> small{"hidden_size", std::int64_t{5}};
  return {
      {{small}, {{7, 3}}},
      {{small, {"num_layers", std::int64_t{2}}, {"dropout", 0.5}, {"output", std::string("last output")}}, {{6, 4}}},
      {{small, {"bidirectional", true}, {"output", std::string("last hidden")}}, {{6, 3}}},
      {{small, {"bidirectional", true}, {"bias", false}, {"num_layers", std::int64_t{2}}}, {{4, 2}}},
      {{small, {"bidirectional", true}, {"output", std::string("last output")}}, {{5, 3}}}};
}

template <const char* type, int gates>
LayerSpec recurrent_row(const std::string& summary, const char* stem, std::int64_t kept) {
  return {.type = type,
          .category = Category::Recurrent,
          .summary = summary,
          .name_stem = stem,
          .settings = common_settings(),
          .features_last = true,
          .saved = {.input = true, .output = true, .bytes_per_output = kept},
          .shapes = recurrent_shapes<type>,
          .warnings = recurrent_warnings,
          .weights = recurrent_weights<gates>,
          .macs = recurrent_macs<gates>,
          .window = recurrent_window,
          .call = recurrent_call<type>,
          .formula = recurrent_formula<type, gates>,
          .samples = common_samples(),
          .caption = recurrent_caption};
}

}  // namespace

std::vector<LayerSpec> recurrent_family() {
  LayerSpec plain = recurrent_row<rnn, 1>(
      "Reads a sequence step by step with one hidden state; the simplest, and short of memory.", "rnn", 0);
  plain.settings.insert(plain.settings.begin() + 2, {.name = "nonlinearity",
                                                     .kind = SettingKind::Choice,
                                                     .fallback = std::string("tanh"),
                                                     .help = "What is applied at each step.",
                                                     .choices = {"tanh", "relu"}});
  plain.samples.push_back({{{"hidden_size", std::int64_t{4}}, {"nonlinearity", std::string("relu")}}, {{5, 3}}});

  // The gates and the cell's state, 4 bytes each, besides what comes out.
  LayerSpec long_memory = recurrent_row<lstm, 4>(
      "Reads a sequence step by step with a gated memory cell, which keeps what matters for long.", "lstm", 24);
  long_memory.settings.insert(
      long_memory.settings.end() - 1,
      {.name = "proj_size",
       .kind = SettingKind::Integer,
       .fallback = std::int64_t{0},
       .help = "The hidden state is projected to so many numbers, fewer than hidden_size; 0 for no projection.",
       .minimum = 0,
       .maximum = 1e6});
  long_memory.samples.push_back({{{"hidden_size", std::int64_t{6}},
                                  {"proj_size", std::int64_t{2}},
                                  {"num_layers", std::int64_t{2}},
                                  {"bidirectional", true}},
                                 {{5, 3}}});
  long_memory.samples.push_back({{{"hidden_size", std::int64_t{6}},
                                  {"proj_size", std::int64_t{2}},
                                  {"bias", false},
                                  {"output", std::string("last hidden")}},
                                 {{5, 3}}});

  return {std::move(plain), std::move(long_memory),
          recurrent_row<gru, 3>("Reads a sequence step by step with two gates: nearly an LSTM, with fewer weights.",
                                "gru", 16)};
}

}  // namespace netwright
