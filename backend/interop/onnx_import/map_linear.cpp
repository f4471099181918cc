// Gemm, MatMul and Embedding.

#include <fmt/format.h>

#include <algorithm>

#include "backend/interop/onnx_import/mapping.h"

namespace netwright::onnx_import {

namespace {

/// in×out as ONNX multiplies, turned to PyTorch's out×in.
std::vector<float> turned(const Constant& weight, double factor, bool is_turned_already) {
  const std::int64_t rows = weight.sizes()[is_turned_already ? 1 : 0];  // in
  const std::int64_t columns = weight.sizes()[is_turned_already ? 0 : 1];
  std::vector<float> numbers = weight.all_real();
  if (!is_turned_already) {
    const std::vector<float> source = std::move(numbers);
    numbers.assign(source.size(), 0);
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t column = 0; column < columns; ++column) {
        numbers[static_cast<std::size_t>(column * rows + row)] =
            source[static_cast<std::size_t>(row * columns + column)];
      }
    }
  }
  if (factor != 1) {
    for (float& number : numbers) number = static_cast<float>(number * factor);
  }
  return numbers;
}

struct LinearParts {
  Constant weight;
  bool is_turned = false;  ///< out×in
  std::optional<Constant> bias;
  double alpha = 1;
  double beta = 1;
};

/// x·W + b along the last axis.
Result<void> draw_linear(Translation& translation, const Node& node, const Tensor& input, const LinearParts& parts) {
  const Constant& weight = parts.weight;
  const std::int64_t in = weight.sizes()[parts.is_turned ? 1 : 0];
  const std::int64_t out = weight.sizes()[parts.is_turned ? 0 : 1];
  const Sizes sizes = input.layout.sizes();
  if (sizes.back() != in) {
    return Error{
        fmt::format("its weight takes {} features, and its input {} has {}", in, to_text(sizes), sizes.back())};
  }
  if (parts.bias && parts.bias->count() != out && parts.bias->count() != 1) {
    return Error{
        fmt::format("its bias {} isn't one number for each of {} features", to_text(parts.bias->sizes()), out)};
  }
  const std::size_t last_axis = sizes.size() - 1;
  auto at = translation.with_axis_at_place(input, last_axis);
  if (!at) return at.error();
  if (at->place + 1 != at->tensor.layout.places().size()) {
    auto first = translation.canonical(input);
    if (!first) return first.error();
    at = Translation::AtPlace{std::move(*first), 0};
    at->place = at->tensor.layout.places().size() - 1;
  }
  const auto drawn = translation.draw("Linear", translation.name_for(node, &weight),
                                      {{"out_features", out}, {"bias", parts.bias.has_value()}}, {at->tensor});
  if (!drawn) return drawn.error();
  if (weight.is_missing()) {
    translation.set_weight(*drawn, "weight", weight, {out, in});
  } else {
    translation.set_weight(*drawn, "weight", turned(weight, parts.alpha, parts.is_turned), {out, in});
  }
  if (parts.bias && !parts.bias->is_missing()) {
    std::vector<float> bias = parts.bias->all_real();
    if (parts.bias->count() == 1) bias.assign(static_cast<std::size_t>(out), bias.front());
    for (float& number : bias) number = static_cast<float>(number * parts.beta);
    translation.set_weight(*drawn, "bias", bias, {out});
  }
  translation.set(node.output(0), Tensor{drawn->port(), at->tensor.layout.resized(last_axis, at->place, out), true});
  return {};
}

Result<void> gemm(Translation& translation, const Node& node) {
  const Result<Tensor> input = translation.input(node);
  if (!input) return input.error();
  LinearParts parts;
  auto weight = translation.known(node, 1, "weight");
  if (!weight) return weight.error();
  parts.weight = std::move(*weight);
  parts.is_turned = node.integer("transB", 0) != 0;
  parts.alpha = node.real("alpha", 1);
  parts.beta = node.real("beta", 1);
  if (node.integer("transA", 0) != 0) return Error{"it multiplies by the input turned over, which mixes the samples"};
  if (parts.weight.rank() != 2 || input->layout.rank() != 2) return Error{"it doesn't multiply a batch of vectors"};
  if (node.input(2) != no_value) {
    auto bias = translation.known(node, 2, "bias");
    if (!bias) return bias.error();
    parts.bias = std::move(*bias);
  }
  return draw_linear(translation, node, *input, parts);
}

/// Of MatMul and Add (see patterns.h).
Result<void> linear(Translation& translation, const Node& node) {
  const Result<Tensor> input = translation.input(node);
  if (!input) return input.error();
  LinearParts parts;
  auto weight = translation.known(node, 1, "weight");
  if (!weight) return weight.error();
  parts.weight = std::move(*weight);
  auto bias = translation.known(node, 2, "bias");
  if (!bias) return bias.error();
  parts.bias = std::move(*bias);
  return draw_linear(translation, node, *input, parts);
}

Result<void> matmul(Translation& translation, const Node& node) {
  if (node.inputs.size() != 2) return Error{"it doesn't have two inputs"};
  const Tensor* left = translation.tensor(node.input(0));
  const Constant* right = translation.constant(node.input(1));
  if (left && right && right->rank() == 2 && right->is_real() && left->layout.rank() >= 2) {
    return draw_linear(translation, node, *left, LinearParts{.weight = *right, .bias = {}});
  }
  std::size_t rank = 0;
  for (const ValueId value : node.inputs) {
    if (value == no_value || (!translation.tensor(value) && !translation.constant(value))) {
      return Error{"one of its inputs is left out"};
    }
    const std::size_t own = translation.sizes_of(value).size();
    if (own < 2) return Error{"it multiplies a single vector"};
    rank = std::max(rank, own);
  }
  const auto operands = translation.aligned(node.inputs, {rank - 2, rank - 1});
  if (!operands) return operands.error();
  const auto drawn = translation.draw("MatMul", translation.name_for(node), {}, operands->tensors);
  if (!drawn) return drawn.error();
  translation.set(
      node.output(0),
      Tensor{drawn->port(), Layout::of(translation.batch_size(), drawn->outputs.front(), operands->of_axes), true});
  return {};
}

}  // namespace

std::vector<MappingRow> linear_mappings() {
  return {{"Gemm", gemm}, {"MatMul", matmul}, {"netwright.Linear", linear}};
}

}  // namespace netwright::onnx_import
