// RNN, LSTM and GRU: gates brought into PyTorch's order.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "backend/interop/onnx_import/mapping.h"

namespace netwright::onnx_import {

namespace {

struct Cell {
  const char* type;
  /// For each of PyTorch's gates, which of ONNX's it is: i f g o from i o f c; r z n from z r h.
  std::vector<std::int64_t> gates;
};

Cell cell_of(const std::string& op) {
  if (op == "LSTM") return {"LSTM", {0, 2, 3, 1}};
  if (op == "GRU") return {"GRU", {1, 0, 2}};
  return {"RNN", {0}};
}

/// What a layer of PyTorch can't be told; empty where there is nothing of the kind.
std::string complaint(const Translation& translation, const Node& node, std::int64_t steps) {
  if (node.has("clip")) return "it clips its gates";
  if (node.integer("input_forget", 0) != 0) return "it couples its gates";
  if (node.op == "GRU" && node.integer("linear_before_reset", 0) == 0) {
    return "it resets before the linear part (linear_before_reset is 0), which PyTorch's GRU doesn't";
  }
  const std::string activations = node.text("activations", "");
  const bool has_own = !activations.empty() && node.op != "RNN";
  const bool is_default = activations.find("Relu") == std::string::npos &&
                          activations.find("Hard") == std::string::npos &&
                          activations.find("Affine") == std::string::npos &&
                          activations.find("Elu") == std::string::npos && activations.find("Soft") == std::string::npos;
  if (has_own && !is_default) return fmt::format("its activations ({:.100}) aren't PyTorch's", activations);
  if (node.input(7) != no_value) return "it has peepholes";
  if (node.input(4) != no_value) {
    const Constant* lengths = translation.constant(node.input(4));
    if (!lengths || lengths->is_missing()) return "its sequences have lengths of their own";
    for (std::int64_t i = 0; i < (lengths->is_uniform() ? 1 : lengths->count()); ++i) {
      if (lengths->whole_number(i) != steps) return "its sequences have lengths of their own";
    }
  }
  for (const std::size_t index : {std::size_t{5}, std::size_t{6}}) {
    if (node.input(index) == no_value) continue;
    const Constant* state = translation.constant(node.input(index));
    if (!state) return "its first state comes from elsewhere in the network";
    for (std::int64_t i = 0; i < (state->is_uniform() ? 1 : state->count()); ++i) {
      if (state->number(i) != 0 || state->is_missing()) return "its first state isn't 0";
    }
  }
  return {};
}

/// The rows of one direction of a D×(gates·hidden)×columns tensor, gate by gate in PyTorch's order.
std::vector<float> in_torch_order(const std::vector<float>& numbers, std::int64_t offset, const Cell& cell,
                                  std::int64_t rows, std::int64_t columns) {
  std::vector<float> ordered;
  for (const std::int64_t gate : cell.gates) {
    const auto from = numbers.begin() + offset + gate * rows * columns;
    ordered.insert(ordered.end(), from, from + rows * columns);
  }
  return ordered;
}

struct Weights {
  Constant input;   ///< D × gates·hidden × features
  Constant hidden;  ///< D × gates·hidden × hidden
  std::optional<Constant> bias;
};

void set_weights(Translation& translation, const Drawn& drawn, const Weights& weights, const Cell& cell,
                 std::int64_t directions, std::int64_t hidden, std::int64_t features) {
  const auto gates = static_cast<std::int64_t>(cell.gates.size());
  const std::vector<float> input = weights.input.all_real();
  const std::vector<float> recurrent = weights.hidden.all_real();
  const std::vector<float> bias = weights.bias ? weights.bias->all_real() : std::vector<float>();
  for (std::int64_t d = 0; d < directions; ++d) {
    const std::string ending = d == 0 ? "_l0" : "_l0_reverse";
    const std::int64_t rows = gates * hidden;
    if (!input.empty()) {
      translation.set_weight(drawn, "weight_ih" + ending,
                             in_torch_order(input, d * rows * features, cell, hidden, features), {rows, features});
    }
    if (!recurrent.empty()) {
      translation.set_weight(drawn, "weight_hh" + ending,
                             in_torch_order(recurrent, d * rows * hidden, cell, hidden, hidden), {rows, hidden});
    }
    if (bias.empty()) continue;
    translation.set_weight(drawn, "bias_ih" + ending, in_torch_order(bias, 2 * d * rows, cell, hidden, 1), {rows});
    translation.set_weight(drawn, "bias_hh" + ending, in_torch_order(bias, (2 * d + 1) * rows, cell, hidden, 1),
                           {rows});
  }
}

/// The last hidden state of each direction from a drawn sequence T × D·H: the forward one's at the end, the reverse
/// one's at the beginning.
Result<Tensor> last_hidden(Translation& translation, const Tensor& sequence, std::int64_t directions,
                           std::int64_t hidden) {
  const auto vector = [&](const Drawn& drawn) {
    return Tensor{drawn.port(), Layout::plain(translation.batch_size(), drawn.outputs.front()), true};
  };
  std::vector<Tensor> parts;
  for (std::int64_t d = 0; d < directions; ++d) {
    Tensor part = sequence;
    if (directions > 1) {
      const auto half = translation.draw(
          "Slice", "", {{"dim", std::int64_t{2}}, {"start", d * hidden}, {"end", Integers{(d + 1) * hidden}}},
          {sequence});
      if (!half) return half.error();
      part = vector(*half);
    }
    const auto step =
        translation.draw("Select", "", {{"dim", std::int64_t{1}}, {"index", std::int64_t{d == 0 ? -1 : 0}}}, {part});
    if (!step) return step.error();
    parts.push_back(vector(*step));
  }
  if (parts.size() == 1) return parts.front();
  const auto drawn = translation.draw("Concat", "", {{"dim", std::int64_t{1}}}, parts);
  if (!drawn) return drawn.error();
  return vector(*drawn);
}

Result<void> recurrent(Translation& translation, const Node& node) {
  const auto input = translation.input(node);
  if (!input) return input.error();
  const bool is_batch_first = node.integer("layout", 0) != 0;
  if (input->layout.rank() != 3) return Error{"its input isn't a batch of sequences"};
  const auto sequence = translation.batch_first(*input, is_batch_first ? 0 : 1);
  if (!sequence) return sequence.error();
  const std::int64_t steps = sequence->layout.place_sizes()[0];
  const std::int64_t features = sequence->layout.place_sizes()[1];

  const Cell cell = cell_of(node.op);
  const auto gates = static_cast<std::int64_t>(cell.gates.size());
  const std::string direction = node.text("direction", "forward");
  if (direction != "forward" && direction != "bidirectional") {
    return Error{"it runs backwards only, which no layer of PyTorch does"};
  }
  const std::int64_t directions = direction == "forward" ? 1 : 2;
  auto input_weight = translation.known(node, 1, "input weight");
  if (!input_weight) return input_weight.error();
  auto hidden_weight = translation.known(node, 2, "hidden weight");
  if (!hidden_weight) return hidden_weight.error();
  Weights weights = {std::move(*input_weight), std::move(*hidden_weight), {}};
  if (weights.hidden.rank() != 3) return Error{"its hidden weight has the wrong rank"};
  const std::int64_t hidden = weights.hidden.sizes()[2];
  constexpr std::int64_t largest = 1'000'000;
  if (hidden < 1 || hidden > largest || weights.input.sizes() != Sizes{directions, gates * hidden, features} ||
      weights.hidden.sizes() != Sizes{directions, gates * hidden, hidden}) {
    return Error{fmt::format("its weights {} and {} don't fit an input of {} features", to_text(weights.input.sizes()),
                             to_text(weights.hidden.sizes()), features)};
  }
  if (node.input(3) != no_value) {
    auto bias = translation.known(node, 3, "bias");
    if (!bias) return bias.error();
    if (bias->sizes() != Sizes{directions, 2 * gates * hidden}) return Error{"its bias doesn't fit its weights"};
    weights.bias = std::move(*bias);
  }
  if (const std::string why = complaint(translation, node, steps); !why.empty()) return Error{why};
  if (node.op == "LSTM" && translation.readers(node.output(2)) > 0) return Error{"its cell state is used"};

  const bool uses_sequence = translation.readers(node.output(0)) > 0;
  const bool uses_state = translation.readers(node.output(1)) > 0;
  Settings settings = {{"hidden_size", hidden},
                       {"bias", weights.bias.has_value()},
                       {"bidirectional", directions == 2},
                       {"output", std::string(uses_sequence ? "sequence" : "last hidden")}};
  if (node.op == "RNN") {
    const bool is_relu = node.text("activations", "").find("Relu") != std::string::npos;
    settings.set("nonlinearity", std::string(is_relu ? "relu" : "tanh"));
  }
  const auto drawn = translation.draw(cell.type, translation.name_for(node, &weights.input), settings, {*sequence});
  if (!drawn) return drawn.error();
  set_weights(translation, *drawn, weights, cell, directions, hidden, features);

  const std::int64_t batch = translation.batch_size();
  Tensor last = {drawn->port(), Layout::plain(batch, drawn->outputs.front()), true};
  if (uses_sequence) {
    const Tensor drawn_sequence = last;
    // N × T × D·H, named as T × D × N × H, or N × T × D × H where the batch comes first.
    const auto cut = drawn_sequence.layout.reshaped({batch, steps, directions, hidden});
    if (!cut) return Error{"its output can't be followed"};
    const Layout named = is_batch_first ? *cut : cut->transposed({1, 2, 0, 3});
    translation.set(node.output(0), Tensor{drawn_sequence.port, named, true});
    if (uses_state) {
      auto state = last_hidden(translation, drawn_sequence, directions, hidden);
      if (!state) return state.error();
      last = std::move(*state);
    }
  }
  if (uses_state) {
    const auto cut = last.layout.reshaped({batch, directions, hidden});
    if (!cut) return Error{"its output can't be followed"};
    translation.set(node.output(1), Tensor{last.port, is_batch_first ? *cut : cut->transposed({1, 0, 2}), true});
  }
  return {};
}

}  // namespace

std::vector<MappingRow> recurrent_mappings() {
  return {{"RNN", recurrent}, {"LSTM", recurrent}, {"GRU", recurrent}};
}

}  // namespace netwright::onnx_import
