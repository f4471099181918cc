// Attention: what a position takes from others, by how well they match.

#include <fmt/format.h>

#include "backend/core/numbers.h"
#include "backend/layers/attention.h"
#include "backend/layers/broadcasting.h"
#include "backend/layers/dimensions.h"
#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

ShapeProblem not_a_sequence(const std::string& type, const Shape& input, int port) {
  ShapeProblem problem{.message = type + " needs a sequence: time × features.",
                       .expected = "T×F",
                       .actual = input.to_string(),
                       .port = port,
                       .setting = {}};
  if (input.rank() == 1) {
    problem.fixes = {{"Make every value a step", InsertBefore{port, "Unsqueeze", {{"dim", std::int64_t{-1}}}}},
                     {"Make it one step", InsertBefore{port, "Unsqueeze", {{"dim", std::int64_t{1}}}}}};
  }
  if (input.rank() == 3) {
    problem.fixes = {{"Flatten all but the first axis, which becomes time",
                      InsertBefore{port, "Flatten", {{"start_dim", std::int64_t{2}}}}}};
  }
  return problem;
}

std::optional<ShapeProblem> heads_problem(const Dim& features, std::int64_t heads, const std::string& setting) {
  if (!features || *features % heads == 0) return std::nullopt;
  ShapeProblem problem{.message = fmt::format("{} heads can't share {} features evenly.", heads, *features),
                       .expected = fmt::format("a divisor of {}", *features),
                       .actual = std::to_string(heads),
                       .setting = setting};
  std::int64_t nearest = 1;
  for (std::int64_t candidate = 1; candidate < heads; ++candidate) {
    if (*features % candidate == 0) nearest = candidate;
  }
  problem.fixes = {
      {fmt::format("Use {} {}", nearest, nearest == 1 ? "head" : "heads"), ChangeSetting{setting, nearest}}};
  return problem;
}

Dim attention_macs(const Dim& queries, const Dim& keys, const Dim& features) {
  const Dim pairs = checked_multiply(queries, keys);
  const Dim projections = checked_multiply(checked_add(checked_multiply(2, queries), checked_multiply(2, keys)),
                                           checked_multiply(features, features));
  return checked_add(projections, checked_multiply(2, checked_multiply(pairs, features)));
}

namespace {

const Shape& key_of(const LayerView& view) {
  return view.input(view.inputs.size() > 1 ? 1 : 0);
}

/// Key and value have their positions in common.
std::optional<ShapeProblem> unequal_lengths(const Dim& keys, const Dim& values, std::size_t port) {
  if (!keys || !values || *keys == *values) return std::nullopt;
  return ShapeProblem{.message = "Key and value must be as long as each other.",
                      .expected = fmt::format("{} positions", *keys),
                      .actual = fmt::format("{} positions", *values),
                      .port = static_cast<int>(port),
                      .setting = {}};
}

ShapeResult multihead_shapes(const LayerView& view) {
  for (std::size_t port = 0; port < view.inputs.size(); ++port) {
    if (view.input(port).rank() != 2)
      return not_a_sequence("MultiheadAttention", view.input(port), static_cast<int>(port));
  }
  const Dim& features = view.input(0)[1];
  if (auto problem = heads_problem(features, view.settings.integer("num_heads"), "num_heads")) return *problem;
  for (std::size_t port = 1; port < view.inputs.size(); ++port) {
    const Dim& width = view.input(port)[1];
    if (!features || !width || *width == *features) continue;
    return ShapeProblem{
        .message = fmt::format("The query has {} features, input {} has {}.", *features, port + 1, *width),
        .expected = fmt::format("T×{}", *features),
        .actual = view.input(port).to_string(),
        .port = static_cast<int>(port),
        .setting = {},
        .fixes = {{fmt::format("Project input {} to {} features", port + 1, *features),
                   InsertBefore{static_cast<int>(port), "Linear", {{"out_features", *features}}}}}};
  }
  if (view.inputs.size() > 2) {
    if (auto problem = unequal_lengths(view.input(1)[0], view.input(2)[0], 2)) return *problem;
  }
  return std::vector<Shape>{view.input(0)};
}

std::vector<Weight> multihead_weights(const LayerView& view) {
  return attention_weights(view.input(0)[1], view.settings.flag("bias"));
}

Dim multihead_macs(const LayerView& view, std::span<const Shape>) {
  return attention_macs(view.input(0)[0], key_of(view)[0], view.input(0)[1]);
}

/// A query sees all positions of the key and the value, in causal attention those up to its own; of the other queries
/// nothing.
AxisWindow positions_seen(const LayerView& view, std::size_t port, const Dim& queries) {
  if (port == 0 && view.inputs.size() > 1) return {};
  return view.settings.flag("is_causal") ? causal_window(queries) : AxisWindow{.everything = true};
}

std::vector<AxisWindow> multihead_window(const LayerView& view, std::size_t port) {
  return {positions_seen(view, port, view.input(0)[0]), {.everything = true}};
}

std::vector<FormulaLine> multihead_formula(const LayerView& view, std::span<const Shape> outputs) {
  const Dim& features = view.input(0)[1];
  const Dim& queries = view.input(0)[0];
  const Dim& keys = key_of(view)[0];
  const std::int64_t heads = view.settings.integer("num_heads");
  const Dim macs = multihead_macs(view, outputs);
  return {{"headₙ = softmax(Qₙ·Kₙᵀ / √d)·Vₙ, d = embed_dim / num_heads",
           fmt::format("{} heads of {} features, {}×{} weights each{}", heads,
                       features ? std::to_string(*features / heads) : "?", dim_text(queries), dim_text(keys),
                       view.settings.flag("is_causal") ? ", none for later positions" : "")},
          {"y = [head₁ … headₙ]·Wᵀ", "y: " + outputs[0].to_string()},
          {"multiply-adds = (2·T + 2·S)·E² + 2·T·S·E",
           fmt::format("multiply-adds = (2·{0} + 2·{1})·{2}² + 2·{0}·{1}·{2} = {3}", dim_text(queries), dim_text(keys),
                       dim_text(features), macs ? with_separators(*macs) : "?")}};
}

ShapeResult additive_shapes(const LayerView& view) {
  if (view.input().rank() != 2) return not_a_sequence("AdditiveAttention", view.input(), 0);
  return std::vector<Shape>{Shape{view.input()[1]}};
}

Dim additive_macs(const LayerView& view, std::span<const Shape>) {
  const std::int64_t hidden = view.settings.integer("hidden_size");
  const Dim& features = view.input()[1];
  const Dim step = checked_add(checked_add(checked_multiply(features, hidden), hidden), features);
  return checked_multiply(view.input()[0], step);
}

std::vector<FormulaLine> additive_formula(const LayerView& view, std::span<const Shape> outputs) {
  const std::int64_t hidden = view.settings.integer("hidden_size");
  const std::string time = dim_text(view.input()[0]);
  const std::string features = dim_text(view.input()[1]);
  const Dim macs = additive_macs(view, outputs);
  return {{"eₜ = v·tanh(W·xₜ + b)", fmt::format("W: {}×{}, v: {}, {} scores", hidden, features, hidden, time)},
          {"y = Σₜ aₜ·xₜ, a = softmax(e)", "y: " + outputs[0].to_string()},
          {"multiply-adds = T·(F·hidden_size + hidden_size + F)",
           fmt::format("multiply-adds = {}·({}·{} + {} + {}) = {}", time, features, hidden, hidden, features,
                       macs ? with_separators(*macs) : "?")}};
}

/// Query …×T×E, key …×S×E, value …×S×V give …×T×V; what stands before is stretched.
ShapeResult scaled_shapes(const LayerView& view) {
  const Shape& query = view.input(0);
  const std::size_t rank = query.rank();
  Shape leading(std::vector<Dim>(query.dims().begin(), query.dims().end() - (rank < 2 ? rank : 2)));
  for (std::size_t port = 0; port < 3; ++port) {
    const Shape& input = view.input(port);
    const auto number = static_cast<int>(port);
    if (rank < 2 || input.rank() < 2) return not_a_sequence("ScaledDotProduct", input, number);
    const auto joined = input.rank() == rank
                            ? broadcast(leading, Shape(std::vector<Dim>(input.dims().begin(), input.dims().end() - 2)))
                            : std::nullopt;
    if (!joined) {
      return ShapeProblem{.message = "Query, key and value must agree in all but their last two axes.",
                          .expected = query.to_string(),
                          .actual = input.to_string(),
                          .port = number,
                          .setting = {}};
    }
    leading = *joined;
  }
  const Shape& key = view.input(1);
  const Shape& value = view.input(2);
  if (query[rank - 1] && key[rank - 1] && *query[rank - 1] != *key[rank - 1]) {
    return ShapeProblem{.message = "Query and key are multiplied, so they need as many features as each other.",
                        .expected = fmt::format("{} features", *query[rank - 1]),
                        .actual = fmt::format("{} features", *key[rank - 1]),
                        .port = 1,
                        .setting = {},
                        .fixes = {{fmt::format("Project the key to {} features", *query[rank - 1]),
                                   InsertBefore{1, "Linear", {{"out_features", *query[rank - 1]}}}}}};
  }
  if (auto problem = unequal_lengths(key[rank - 2], value[rank - 2], 2)) return *problem;
  std::vector<Dim> dims = leading.dims();
  dims.push_back(query[rank - 2]);
  dims.push_back(value[rank - 1]);
  return std::vector<Shape>{Shape(std::move(dims))};
}

Dim scaled_macs(const LayerView& view, std::span<const Shape> outputs) {
  const Shape& out = outputs.front();
  const std::size_t rank = out.rank();
  Dim rows = 1;
  for (std::size_t axis = 0; axis + 1 < rank; ++axis) rows = checked_multiply(rows, out[axis]);
  const Dim pairs = checked_multiply(rows, view.input(1)[rank - 2]);
  return checked_multiply(pairs, checked_add(view.input(0)[rank - 1], view.input(2)[rank - 1]));
}

std::vector<AxisWindow> scaled_window(const LayerView& view, std::size_t port) {
  const Shape& input = view.input(port);
  const std::size_t rank = input.rank();
  std::vector<AxisWindow> windows = plain_windows(view, port);
  for (std::size_t axis = 0; axis + 2 < rank; ++axis) {
    for (const Shape& other : view.inputs) {
      if (input[axis] == 1 && other[axis] != 1) windows[axis] = stretched_window();
    }
  }
  windows[rank - 2] = positions_seen(view, port, view.input(0)[rank - 2]);
  windows[rank - 1] = port == 2 ? AxisWindow{} : consumed_window();
  return windows;
}

std::vector<FormulaLine> scaled_formula(const LayerView& view, std::span<const Shape> outputs) {
  const std::size_t rank = outputs[0].rank();
  const Dim macs = scaled_macs(view, outputs);
  return {
      {"y = softmax(Q·Kᵀ / √d)·V", fmt::format("{}×{} weights, d = {}", dim_text(view.input(0)[rank - 2]),
                                               dim_text(view.input(1)[rank - 2]), dim_text(view.input(0)[rank - 1]))},
      {"multiply-adds = T·S·(features of the query + features of the value)",
       fmt::format("multiply-adds = {}", macs ? with_separators(*macs) : "?")}};
}

SettingSpec is_causal() {
  return {.name = "is_causal",
          .kind = SettingKind::Boolean,
          .fallback = false,
          .help = "A position sees none after it, as a network needs that says what comes next."};
}

std::string causal_caption(const Settings& s) {
  return s.flag("is_causal") ? "causal" : "";
}

}  // namespace

std::vector<Weight> attention_weights(const Dim& features, bool has_bias, const std::string& prefix) {
  const Dim rows = checked_multiply(3, features);
  std::vector<Weight> weights = {{prefix + "in_proj_weight", Shape{rows, features}}};
  if (has_bias) weights.push_back({prefix + "in_proj_bias", Shape{rows}});
  weights.push_back({prefix + "out_proj.weight", Shape{features, features}});
  if (has_bias) weights.push_back({prefix + "out_proj.bias", Shape{features}});
  return weights;
}

std::vector<LayerSpec> attention_family() {
  std::vector<LayerSpec> rows = {
      {.type = "MultiheadAttention",
       .category = Category::Attention,
       .summary = "Each position gathers from all positions what matches it: of its own sequence (one input), or of "
                  "another (query; key and value).",
       .name_stem = "attention",
       .settings = {{.name = "num_heads",
                     .kind = SettingKind::Integer,
                     .fallback = std::int64_t{4},
                     .help = "How many attentions side by side share the features; a divisor of their number.",
                     .minimum = 1,
                     .maximum = 10000},
                    {.name = "dropout",
                     .kind = SettingKind::Real,
                     .fallback = 0.0,
                     .help = "The share of the attention's weights dropped in training.",
                     .minimum = 0,
                     .maximum = 1},
                    {.name = "bias",
                     .kind = SettingKind::Boolean,
                     .fallback = true,
                     .help = "Adds learned numbers in the projections."},
                    is_causal()},
       .max_inputs = 3,
       .features_last = true,
       .saved = {.input = true, .bytes_per_output = 16},  // query, key, value and what the heads give
       .shapes = multihead_shapes,
       .weights = multihead_weights,
       .macs = multihead_macs,
       .window = multihead_window,
       .call =
           [](const LayerView& view) {
             return NnCall{"MultiheadAttention",
                           {{"embed_dim", whole(view.input(0)[1])},
                            {"num_heads", view.settings.integer("num_heads")},
                            {"dropout", view.settings.real("dropout")},
                            {"bias", view.settings.flag("bias")},
                            {"batch_first", true}},
                           {{"is_causal", view.settings.flag("is_causal")}}};
           },
       .formula = multihead_formula,
       .samples = {{{}, {{5, 8}}},
                   {{{"num_heads", std::int64_t{2}}, {"bias", false}}, {{5, 6}, {5, 6}}},
                   {{{"num_heads", std::int64_t{1}}, {"dropout", 0.1}}, {{4, 6}, {7, 6}, {7, 6}}},
                   {{{"num_heads", std::int64_t{3}}, {"is_causal", true}}, {{6, 6}}},
                   {{{"num_heads", std::int64_t{3}}, {"is_causal", true}}, {{5, 6}, {5, 6}, {5, 6}}}},
       .caption =
           [](const Settings& s) {
             const std::int64_t heads = s.integer("num_heads");
             return fmt::format("{} {}{}", heads, heads == 1 ? "head" : "heads", s.flag("is_causal") ? ", causal" : "");
           }},
      {.type = "AdditiveAttention",
       .category = Category::Attention,
       .summary = "Pools a sequence into one vector: a weighted mean whose weights are learned (Bahdanau 2015).",
       .name_stem = "pooling",
       .settings = {{.name = "hidden_size",
                     .kind = SettingKind::Integer,
                     .fallback = std::int64_t{64},
                     .help = "How many numbers a position is judged by.",
                     .minimum = 1,
                     .maximum = 1e6}},
       .features_last = true,
       .saved = {.input = true},
       .shapes = additive_shapes,
       .weights =
           [](const LayerView& view) {
             const std::int64_t hidden = view.settings.integer("hidden_size");
             return std::vector<Weight>{{"proj.weight", Shape{hidden, view.input()[1]}},
                                        {"proj.bias", Shape{hidden}},
                                        {"score.weight", Shape{1, hidden}}};
           },
       .macs = additive_macs,
       .window =
           [](const LayerView&, std::size_t) {
             return std::vector<AxisWindow>{consumed_window(), {.everything = true, .to = 0}};
           },
       .call =
           [](const LayerView& view) {
             return NnCall{
                 "netwright.AdditiveAttention",
                 {{"input_size", whole(view.input()[1])}, {"hidden_size", view.settings.integer("hidden_size")}}};
           },
       .formula = additive_formula,
       .samples = {{{}, {{5, 3}}}, {{{"hidden_size", std::int64_t{4}}}, {{6, 2}}}},
       .caption = [](const Settings& s) { return std::to_string(s.integer("hidden_size")); }},
      {.type = "ScaledDotProduct",
       .category = Category::Attention,
       .summary = "softmax(Q·Kᵀ/√d)·V: attention without weights of its own, from query, key and value.",
       .name_stem = "attention",
       .settings = {is_causal()},
       .min_inputs = 3,
       .max_inputs = 3,
       .features_last = true,
       .saved = {.input = true},
       .shapes = scaled_shapes,
       .macs = scaled_macs,
       .window = scaled_window,
       .call =
           [](const LayerView& view) {
             return NnCall{"netwright.scaled_dot_product", {{"is_causal", view.settings.flag("is_causal")}}};
           },
       .formula = scaled_formula,
       .samples = {{{}, {{5, 4}, {5, 4}, {5, 4}}},
                   {{}, {{2, 5, 4}, {2, 7, 4}, {2, 7, 3}}},
                   {{{"is_causal", true}}, {{6, 4}, {6, 4}, {6, 4}}},
                   {{{"is_causal", true}}, {{3, 6, 4}, {1, 6, 4}, {1, 6, 4}}}},
       .caption = causal_caption},
  };
  for (LayerSpec& row : transformer_rows()) rows.push_back(std::move(row));
  return rows;
}

}  // namespace netwright
