// The Transformer's parts (Vaswani et al. 2017).

#include <fmt/format.h>

#include "backend/core/numbers.h"
#include "backend/layers/attention.h"
#include "backend/layers/dimensions.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

ShapeResult encoder_shapes(const LayerView& view) {
  if (view.input().rank() != 2) return not_a_sequence("TransformerEncoderLayer", view.input(), 0);
  if (auto problem = heads_problem(view.input()[1], view.settings.integer("nhead"), "nhead")) return *problem;
  return std::vector<Shape>{view.input()};
}

std::vector<Weight> encoder_weights(const LayerView& view) {
  const Dim& features = view.input()[1];
  const std::int64_t inner = view.settings.integer("dim_feedforward");
  std::vector<Weight> weights = attention_weights(features, true, "self_attn.");
  weights.push_back({"linear1.weight", Shape{inner, features}});
  weights.push_back({"linear1.bias", Shape{inner}});
  weights.push_back({"linear2.weight", Shape{features, inner}});
  weights.push_back({"linear2.bias", Shape{features}});
  for (const char* norm : {"norm1", "norm2"}) {
    weights.push_back({fmt::format("{}.weight", norm), Shape{features}});
    weights.push_back({fmt::format("{}.bias", norm), Shape{features}});
  }
  return weights;
}

Dim encoder_macs(const LayerView& view, std::span<const Shape>) {
  const Dim& time = view.input()[0];
  const Dim& features = view.input()[1];
  const Dim inner = checked_multiply(features, view.settings.integer("dim_feedforward"));
  return checked_add(attention_macs(time, time, features), checked_multiply(checked_multiply(2, time), inner));
}

std::vector<FormulaLine> encoder_formula(const LayerView& view, std::span<const Shape> outputs) {
  const bool is_before = view.settings.flag("norm_first");
  const std::string activation = view.settings.text("activation");
  const Dim macs = encoder_macs(view, outputs);
  const std::string time = dim_text(view.input()[0]);
  const std::string features = dim_text(view.input()[1]);
  const std::int64_t inner = view.settings.integer("dim_feedforward");
  return {{is_before ? "x₁ = x + attention(norm(x))" : "x₁ = norm(x + attention(x))",
           fmt::format("{} heads over {} positions", view.settings.integer("nhead"), time)},
          {is_before ? "y = x₁ + W₂·f(W₁·norm(x₁))" : "y = norm(x₁ + W₂·f(W₁·x₁))",
           fmt::format("f = {}; {} → {} → {}", activation, features, inner, features)},
          {"multiply-adds = 4·T·E² + 2·T²·E + 2·T·E·dim_feedforward",
           fmt::format("multiply-adds = 4·{0}·{1}² + 2·{0}²·{1} + 2·{0}·{1}·{2} = {3}", time, features, inner,
                       macs ? with_separators(*macs) : "?")}};
}

ShapeResult encoding_shapes(const LayerView& view) {
  const Shape& input = view.input();
  if (input.rank() != 2) return not_a_sequence("PositionalEncoding", input, 0);
  const std::int64_t longest = view.settings.integer("max_len");
  if (input[0] && *input[0] > longest) {
    return ShapeProblem{
        .message = fmt::format("The sequence has {} positions; there are encodings for {}.", *input[0], longest),
        .expected = fmt::format("max_len ≥ {}", *input[0]),
        .actual = std::to_string(longest),
        .setting = "max_len",
        .fixes = {{fmt::format("Set max_len to {}", *input[0]), ChangeSetting{"max_len", *input[0]}}}};
  }
  return std::vector<Shape>{input};
}

std::vector<FormulaLine> encoding_formula(const LayerView& view, std::span<const Shape>) {
  const std::string time = dim_text(view.input()[0]);
  const std::string features = dim_text(view.input()[1]);
  if (view.settings.text("kind") == "learned") {
    return {{"yₜ = xₜ + pₜ", fmt::format("{} learned vectors of {}, of which {} are used",
                                         view.settings.integer("max_len"), features, time)}};
  }
  return {{"yₜ = xₜ + pₜ, pₜ,₂ᵢ = sin(t / 10000^(2i/d)), pₜ,₂ᵢ₊₁ = cos(t / 10000^(2i/d))",
           fmt::format("t = 0 … {}, d = {}", view.input()[0] ? std::to_string(*view.input()[0] - 1) : "?", features)}};
}

}  // namespace

std::vector<LayerSpec> transformer_rows() {
  return {
      {.type = "TransformerEncoderLayer",
       .category = Category::Attention,
       .summary = "Self-attention, then two linear layers at each position, each with a shortcut and layer "
                  "normalisation.",
       .name_stem = "encoder",
       .settings = {{.name = "nhead",
                     .kind = SettingKind::Integer,
                     .fallback = std::int64_t{4},
                     .help = "How many attentions side by side share the features; a divisor of their number.",
                     .minimum = 1,
                     .maximum = 10000},
                    {.name = "dim_feedforward",
                     .kind = SettingKind::Integer,
                     .fallback = std::int64_t{2048},
                     .help = "The width between the two linear layers.",
                     .minimum = 1,
                     .maximum = 1e7},
                    {.name = "dropout",
                     .kind = SettingKind::Real,
                     .fallback = 0.1,
                     .help = "The share dropped in training, of the attention's weights and of what is added.",
                     .minimum = 0,
                     .maximum = 1},
                    {.name = "activation",
                     .kind = SettingKind::Choice,
                     .fallback = std::string("relu"),
                     .help = "Between the two linear layers.",
                     .choices = {"relu", "gelu"}},
                    {.name = "layer_norm_eps",
                     .kind = SettingKind::Real,
                     .fallback = 1e-5,
                     .help = "Added to the variance so that it is never 0.",
                     .minimum = 0,
                     .maximum = 1},
                    {.name = "norm_first",
                     .kind = SettingKind::Boolean,
                     .fallback = false,
                     .help = "Normalises before each part instead of after: steadier in deep networks."}},
       .features_last = true,
       // Query, key, value, heads, both sums and their normal forms, and the wider layer at four times the width.
       .saved = {.input = true, .bytes_per_output = 64},
       .shapes = encoder_shapes,
       .weights = encoder_weights,
       .macs = encoder_macs,
       .window =
           [](const LayerView&, std::size_t) {
             return std::vector<AxisWindow>{{.everything = true}, {.everything = true}};
           },
       .call =
           [](const LayerView& view) {
             const Settings& s = view.settings;
             return NnCall{"TransformerEncoderLayer",
                           {{"d_model", whole(view.input()[1])},
                            {"nhead", s.integer("nhead")},
                            {"dim_feedforward", s.integer("dim_feedforward")},
                            {"dropout", s.real("dropout")},
                            {"activation", s.text("activation")},
                            {"layer_norm_eps", s.real("layer_norm_eps")},
                            {"batch_first", true},
                            {"norm_first", s.flag("norm_first")}}};
           },
       .formula = encoder_formula,
       .samples = {{{{"dim_feedforward", std::int64_t{16}}}, {{5, 8}}},
                   {{{"nhead", std::int64_t{2}},
                     {"dim_feedforward", std::int64_t{10}},
                     {"activation", std::string("gelu")},
                     {"layer_norm_eps", 1e-3},
                     {"norm_first", true}},
                    {{7, 6}}},
                   {{{"nhead", std::int64_t{1}}, {"dim_feedforward", std::int64_t{7}}, {"dropout", 0.0}}, {{4, 3}}}},
       .caption =
           [](const Settings& s) {
             return fmt::format("{} heads, {}{}", s.integer("nhead"), s.integer("dim_feedforward"),
                                s.flag("norm_first") ? ", norm first" : "");
           }},
      {.type = "PositionalEncoding",
       .category = Category::Attention,
       .summary = "Adds to each position a vector that says where it stands, since attention itself knows no order.",
       .name_stem = "positions",
       .settings = {{.name = "max_len",
                     .kind = SettingKind::Integer,
                     .fallback = std::int64_t{512},
                     .help = "The longest sequence there are encodings for.",
                     .minimum = 1,
                     .maximum = 1e7},
                    {.name = "kind",
                     .kind = SettingKind::Choice,
                     .fallback = std::string("sinusoidal"),
                     .help = "Sines and cosines of rising wavelengths, or vectors that are learned.",
                     .choices = {"sinusoidal", "learned"}}},
       .features_last = true,
       .shapes = encoding_shapes,
       .weights =
           [](const LayerView& view) {
             return std::vector<Weight>{{"pe", Shape{view.settings.integer("max_len"), view.input()[1]},
                                         view.settings.text("kind") == "sinusoidal"}};
           },
       .call =
           [](const LayerView& view) {
             return NnCall{"netwright.PositionalEncoding",
                           {{"d_model", whole(view.input()[1])},
                            {"max_len", view.settings.integer("max_len")},
                            {"kind", view.settings.text("kind")}}};
           },
       .formula = encoding_formula,
       .samples = {{{}, {{5, 8}}},
                   {{{"max_len", std::int64_t{6}}, {"kind", std::string("learned")}}, {{6, 3}}},
                   {{{"max_len", std::int64_t{9}}}, {{4, 5}}}},
       .caption = [](const Settings& s) { return s.text("kind"); }},
  };
}

}  // namespace netwright
