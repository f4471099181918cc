#include <fmt/format.h>

#include <vector>

#include "backend/interop/onnx/onnx_mapping.h"

namespace netwright {

namespace {

/// A kind of cell: ONNX's gate k is PyTorch's gate gates[k].
struct Cell {
  const char* op;
  std::vector<std::size_t> gates;
};

using Numbers = std::vector<float>;

/// Rows of `width` numbers, a gate's after another's, in ONNX's order of gates.
void append_gates(Numbers& to, std::span<const float> from, const Cell& cell) {
  const std::size_t block = from.size() / cell.gates.size();
  for (const std::size_t gate : cell.gates) {
    const auto part = from.subspan(gate * block, block);
    to.insert(to.end(), part.begin(), part.end());
  }
}

/// a (rows × inner) · b (inner × columns).
Numbers product(std::span<const float> a, std::span<const float> b, std::size_t inner, std::size_t columns) {
  Numbers result(a.size() / inner * columns);
  for (std::size_t row = 0; row < a.size() / inner; ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      double sum = 0;
      for (std::size_t i = 0; i < inner; ++i) sum += double{a[row * inner + i]} * double{b[i * columns + column]};
      result[row * columns + column] = static_cast<float>(sum);
    }
  }
  return result;
}

/// One layer of the stack over x (steps × batch × features): every step's output, and the last state.
struct Pass {
  std::string steps;  ///< steps × directions × batch × hidden
  std::string last;   ///< directions × batch × hidden
};

Pass pass(const OnnxLayer& l, const Cell& cell, const std::string& x, std::int64_t index) {
  const std::int64_t hidden = l.integer("hidden_size");
  const std::int64_t projected = l.integer("proj_size", 0);
  const bool has_bias = l.flag("bias", true);
  const bool is_both = l.flag("bidirectional", false);
  const std::int64_t directions = is_both ? 2 : 1;
  const auto rows = static_cast<std::int64_t>(cell.gates.size()) * hidden;
  Numbers input_weights;
  Numbers hidden_weights;
  Numbers biases;
  Numbers projections;
  for (std::int64_t direction = 0; direction < directions; ++direction) {
    const std::string end = fmt::format("_l{}{}", index, direction == 0 ? "" : "_reverse");
    append_gates(input_weights, l.numbers("weight_ih" + end), cell);
    const std::span<const float> state = l.numbers("weight_hh" + end);
    if (projected > 0) {
      // ONNX has no projection: it is taken into the weights of the state, and what comes out is projected after.
      const std::span<const float> projection = l.numbers("weight_hr" + end);
      append_gates(hidden_weights,
                   product(state, projection, static_cast<std::size_t>(projected), static_cast<std::size_t>(hidden)),
                   cell);
      projections.insert(projections.end(), projection.begin(), projection.end());
    } else {
      append_gates(hidden_weights, state, cell);
    }
    if (!has_bias) continue;
    append_gates(biases, l.numbers("bias_ih" + end), cell);
    append_gates(biases, l.numbers("bias_hh" + end), cell);
  }
  const std::int64_t features = static_cast<std::int64_t>(input_weights.size()) / (directions * rows);
  OnnxValues inputs = {x, l.graph.numbers(fmt::format("W_l{}", index), input_weights, {directions, rows, features}),
                       l.graph.numbers(fmt::format("R_l{}", index), hidden_weights, {directions, rows, hidden})};
  if (has_bias) inputs.push_back(l.graph.numbers(fmt::format("B_l{}", index), biases, {directions, 2 * rows}));
  OnnxAttributes attributes = {{"hidden_size", hidden},
                               {"direction", std::string(is_both ? "bidirectional" : "forward")}};
  if (l.call.name == "GRU") attributes.emplace_back("linear_before_reset", std::int64_t{1});
  if (l.text("nonlinearity", "tanh") == "relu") {
    attributes.emplace_back("activations", std::vector<std::string>(static_cast<std::size_t>(directions), "Relu"));
  }
  const OnnxValues given = l.graph.add(cell.op, inputs, attributes, 2);
  if (projected == 0) return {given[0], given[1]};
  const std::string projection = l.transpose(
      l.graph.numbers(fmt::format("P_l{}", index), projections, {directions, projected, hidden}), {0, 2, 1});
  return {l.add("MatMul", {given[0], projection}), l.add("MatMul", {given[1], projection})};
}

/// The directions of every step side by side: steps × batch × directions·hidden.
std::string side_by_side(const OnnxLayer& l, const std::string& steps) {
  if (!l.flag("bidirectional", false)) return l.add("Squeeze", {steps, l.graph.integers("axes", {1})});
  return l.add("Reshape", {l.transpose(steps, {0, 2, 1, 3}), l.graph.integers("shape", {0, 0, -1})});
}

OnnxValues recurrent(const OnnxLayer& l, const Cell& cell) {
  const Value* chosen = l.call.find_forward("output");
  const std::string output = chosen ? std::get<std::string>(*chosen) : "sequence";
  std::string x = l.transpose(l.x(), {1, 0, 2});
  Pass given;
  const std::int64_t layers = l.integer("num_layers", 1);
  for (std::int64_t index = 0; index < layers; ++index) {
    given = pass(l, cell, x, index);
    if (index + 1 < layers || output != "last hidden") x = side_by_side(l, given.steps);
  }
  if (output == "sequence") return {l.transpose(x, {1, 0, 2})};
  if (output == "last output") return {l.add("Gather", {x, l.graph.whole_number(-1)}, {{"axis", std::int64_t{0}}})};
  if (!l.flag("bidirectional", false)) return {l.add("Squeeze", {given.last, l.graph.integers("axes", {0})})};
  return {l.reshape(l.transpose(given.last, {1, 0, 2}), sizes_of(l.output_shapes.front()))};
}

}  // namespace

void add_onnx_recurrent(OnnxMappingTable& table) {
  table.merge(OnnxMappingTable{
      {"GRU",
       [](const OnnxLayer& l) {
         return recurrent(l, {"GRU", {1, 0, 2}});
       }},
      {"LSTM",
       [](const OnnxLayer& l) {
         return recurrent(l, {"LSTM", {0, 3, 1, 2}});
       }},
      {"RNN",
       [](const OnnxLayer& l) {
         return recurrent(l, {"RNN", {0}});
       }},
  });
}

}  // namespace netwright
