// Sums, products and the like of several tensors, and what is taken over axes.

#include <fmt/format.h>

#include <algorithm>

#include "backend/interop/onnx_import/mapping.h"
#include "backend/interop/onnx_import/spatial.h"

namespace netwright::onnx_import {

namespace {

/// Operands whose axes lie alike are joined as they lie.
bool lie_alike(const Translation& translation, const std::vector<ValueId>& values) {
  const Tensor* first = nullptr;
  for (const ValueId value : values) {
    const Tensor* tensor = value == no_value ? nullptr : translation.tensor(value);
    if (!tensor || (first && !(tensor->layout == first->layout))) return false;
    first = tensor;
  }
  return first != nullptr;
}

Result<void> join(Translation& translation, const Node& node, const char* type) {
  if (lie_alike(translation, node.inputs)) {
    std::vector<Tensor> tensors;
    for (const ValueId value : node.inputs) tensors.push_back(*translation.tensor(value));
    const auto drawn = translation.draw(type, translation.name_for(node), {}, tensors);
    if (!drawn) return drawn.error();
    give_alike(translation, node, *drawn, tensors.front());
    return {};
  }
  const auto operands = translation.aligned(node.inputs);
  if (!operands) return operands.error();
  const auto drawn = translation.draw(type, translation.name_for(node), {}, operands->tensors);
  if (!drawn) return drawn.error();
  translation.set(node.output(0),
                  Tensor{drawn->port(), Layout::of(translation.batch_size(), drawn->outputs.front(), operands->of_axes),
                         operands->tensors.front().is_real});
  return {};
}

/// The one number among two operands, and which is the other; nothing where neither or both are numbers.
struct ScalarOperand {
  double number;
  std::size_t other;
};
std::optional<ScalarOperand> scalar_operand(const Translation& translation, const Node& node) {
  for (const std::size_t index : {std::size_t{1}, std::size_t{0}}) {
    const std::size_t other = 1 - index;
    const Constant* constant = node.input(index) == no_value ? nullptr : translation.constant(node.input(index));
    const Tensor* tensor = node.input(other) == no_value ? nullptr : translation.tensor(node.input(other));
    if (!constant || !tensor || !tensor->is_real || constant->rank() > tensor->layout.rank()) continue;
    if (const auto number = constant->only_number()) {
      // A learned number stays learnable.
      if (!constant->origin.empty() && constant->origin.find("::") == std::string::npos && constant->rank() > 0)
        continue;
      return ScalarOperand{*number, other};
    }
  }
  return std::nullopt;
}

Result<void> scale(Translation& translation, const Node& node, std::size_t input, double factor, double shift) {
  const Tensor& tensor = *translation.tensor(node.input(input));
  if (factor == 1 && shift == 0) {
    translation.set(node.output(0), tensor);
    return {};
  }
  const auto drawn =
      translation.draw("Scale", translation.name_for(node), {{"scale", factor}, {"shift", shift}}, {tensor});
  if (!drawn) return drawn.error();
  give_alike(translation, node, *drawn, tensor);
  return {};
}

Result<void> binary(Translation& translation, const Node& node) {
  if (node.inputs.size() != 2) return Error{"it doesn't have two inputs"};
  if (const auto scalar = scalar_operand(translation, node)) {
    const auto [number, other] = *scalar;
    const bool is_first = other == 1;  // the number is
    if (node.op == "Add") return scale(translation, node, other, 1, number);
    if (node.op == "Mul") return scale(translation, node, other, number, 0);
    if (node.op == "Sub")
      return is_first ? scale(translation, node, other, -1, number) : scale(translation, node, other, 1, -number);
    if (node.op == "Div" && !is_first) {
      if (number == 0) return Error{"it divides by 0"};
      return scale(translation, node, other, 1 / number, 0);
    }
  }
  const char* type = node.op == "Add"   ? "Add"
                     : node.op == "Sub" ? "Subtract"
                     : node.op == "Mul" ? "Multiply"
                                        : "Divide";
  return join(translation, node, type);
}

Result<void> variadic(Translation& translation, const Node& node) {
  if (node.inputs.size() == 1) {
    const auto input = translation.input(node);
    if (!input) return input.error();
    translation.set(node.output(0), *input);
    return {};
  }
  return join(translation, node, node.op == "Sum" ? "Add" : node.op == "Max" ? "Maximum" : "Average");
}

/// min(a, b) = -max(-a, -b)
Result<void> minimum(Translation& translation, const Node& node) {
  const auto operands = translation.aligned(node.inputs);
  if (!operands) return operands.error();
  std::vector<Tensor> negated;
  for (const Tensor& tensor : operands->tensors) {
    const auto drawn = translation.draw("Neg", "", {}, {tensor});
    if (!drawn) return drawn.error();
    negated.push_back({drawn->port(), tensor.layout, true});
  }
  if (negated.size() < 2) return Error{"it has one input only"};
  const auto most = translation.draw("Maximum", "", {}, negated);
  if (!most) return most.error();
  const auto drawn =
      translation.draw("Neg", translation.name_for(node), {},
                       {Tensor{most->port(), Layout::plain(translation.batch_size(), most->outputs.front()), true}});
  if (!drawn) return drawn.error();
  translation.set(
      node.output(0),
      Tensor{drawn->port(), Layout::of(translation.batch_size(), drawn->outputs.front(), operands->of_axes), true});
  return {};
}

Result<void> power(Translation& translation, const Node& node) {
  const auto input = translation.input(node);
  if (!input) return input.error();
  const auto exponent = translation.known(node, 1, "exponent");
  if (!exponent) return exponent.error();
  if (!exponent->only_number()) return Error{"its exponent isn't one number"};
  const auto drawn =
      translation.draw("Pow", translation.name_for(node), {{"exponent", *exponent->only_number()}}, {*input});
  if (!drawn) return drawn.error();
  give_alike(translation, node, *drawn, *input);
  return {};
}

Result<Tensor> reduced(Translation& translation, const Node& node, const Tensor& input, const char* type,
                       const std::vector<std::size_t>& axes, bool keeps) {
  const Layout& layout = input.layout;
  const Sizes sizes = layout.sizes();
  // Axes of size 1 have nothing to be taken over.
  std::vector<std::size_t> real_axes;
  for (const std::size_t axis : axes) {
    if (sizes[axis] != 1) real_axes.push_back(axis);
  }
  Sizes after;
  for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
    const bool is_taken = std::find(axes.begin(), axes.end(), axis) != axes.end();
    if (!is_taken || keeps) after.push_back(is_taken ? 1 : sizes[axis]);
  }
  Tensor tensor = input;
  const auto are_places = [&] {
    return std::all_of(real_axes.begin(), real_axes.end(),
                       [&](std::size_t axis) { return tensor.layout.place_of(axis).has_value(); });
  };
  if (!are_places()) {
    auto first = translation.canonical(input);
    if (!first) return first.error();
    tensor = std::move(*first);
    if (!are_places()) return Error{"it works along the batch"};
  }
  if (!real_axes.empty()) {
    Integers dims;
    std::vector<std::size_t> places;
    for (const std::size_t axis : real_axes) {
      places.push_back(*tensor.layout.place_of(axis));
      dims.push_back(static_cast<std::int64_t>(places.back()) + 1);
    }
    std::sort(dims.begin(), dims.end());
    // A sample keeps at least one axis.
    const bool drops = !keeps && places.size() < tensor.layout.places().size();
    const auto drawn =
        translation.draw(type, translation.name_for(node), {{"dim", dims}, {"keepdim", !drops}}, {tensor});
    if (!drawn) return drawn.error();
    Layout rest = tensor.layout;
    for (std::size_t i = 0; i < places.size(); ++i) rest = rest.resized(real_axes[i], places[i], 1);
    if (drops) {
      std::sort(places.rbegin(), places.rend());
      for (const std::size_t place : places) rest = rest.without_place(place);
    }
    tensor = {drawn->port(), std::move(rest), true};
  }
  const auto shaped = tensor.layout.reshaped(after);
  if (!shaped) return Error{"it drops axes in a way that can't be followed"};
  tensor.layout = *shaped;
  return tensor;
}

Result<void> reduce(Translation& translation, const Node& node) {
  const auto input = translation.input(node);
  if (!input) return input.error();
  auto axes = axes_of(node, translation.constants_of(node), 1, input->layout.rank());
  if (!axes) return Error{"the axes it works along aren't known"};
  if (axes->empty()) {
    if (node.integer("noop_with_empty_axes", 0) != 0) {
      translation.set(node.output(0), *input);
      return {};
    }
    for (std::size_t axis = 0; axis < input->layout.rank(); ++axis) axes->push_back(axis);
  }
  const bool keeps = node.integer("keepdims", 1) != 0;
  Tensor tensor = *input;
  const auto pointwise = [&](const char* type, const Settings& settings) -> Result<void> {
    const auto drawn = translation.draw(type, "", settings, {tensor});
    if (!drawn) return drawn.error();
    tensor.port = drawn->port();
    return {};
  };
  if (node.op == "ReduceL2" || node.op == "ReduceSumSquare") {
    if (const auto done = pointwise("Pow", {{"exponent", 2.0}}); !done) return done.error();
  } else if (node.op == "ReduceL1") {
    if (const auto done = pointwise("Abs", {}); !done) return done.error();
  } else if (node.op == "ReduceMin") {
    if (const auto done = pointwise("Neg", {}); !done) return done.error();
  }
  const bool is_extreme = node.op == "ReduceMax" || node.op == "ReduceMin";
  auto result = reduced(translation, node, tensor,
                        node.op == "ReduceMean" ? "Mean"
                        : is_extreme            ? "Max"
                                                : "Sum",
                        *axes, keeps);
  if (!result) return result.error();
  tensor = std::move(*result);
  if (node.op == "ReduceL2") {
    if (const auto done = pointwise("Sqrt", {}); !done) return done.error();
  } else if (node.op == "ReduceMin") {
    if (const auto done = pointwise("Neg", {}); !done) return done.error();
  }
  translation.set(node.output(0), std::move(tensor));
  return {};
}

}  // namespace

std::vector<MappingRow> arithmetic_mappings() {
  return {{"Add", binary},       {"Sub", binary},        {"Mul", binary},       {"Div", binary},
          {"Sum", variadic},     {"Max", variadic},      {"Mean", variadic},    {"Min", minimum},
          {"Pow", power},        {"ReduceMean", reduce}, {"ReduceMax", reduce}, {"ReduceSum", reduce},
          {"ReduceMin", reduce}, {"ReduceL1", reduce},   {"ReduceL2", reduce},  {"ReduceSumSquare", reduce}};
}

}  // namespace netwright::onnx_import
