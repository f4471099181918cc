// Inputs joined value by value, all by one rule (broadcasting.h), and multiplied as matrices.

#include <fmt/format.h>

#include "backend/core/numbers.h"
#include "backend/layers/broadcasting.h"
#include "backend/layers/dimensions.h"
#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

/// How an element-wise function of all inputs is called, written and read.
struct Operation {
  const char* type;
  const char* call;
  const char* symbols;
  const char* sign;  ///< between the inputs' shapes
};

constexpr Operation addition{"Add", "operator.add", "y = x₁ + x₂ + …", " + "};
constexpr Operation subtraction{"Subtract", "operator.sub", "y = x₁ − x₂", " − "};
constexpr Operation multiplication{"Multiply", "operator.mul", "y = x₁ · x₂ · …", " · "};
constexpr Operation division{"Divide", "operator.truediv", "y = x₁ / x₂", " / "};
constexpr Operation maximum{"Maximum", "torch.maximum", "y = max(x₁, x₂, …)", ", "};
constexpr Operation average{"Average", "netwright.average", "y = (x₁ + x₂ + … + xₙ) / n", ", "};

template <const Operation& operation>
LayerSpec element_wise(const std::string& summary, const std::string& stem, int most_inputs, Saved saved) {
  LayerSpec row{
      .type = operation.type,
      .category = Category::Merge,
      .summary = summary,
      .name_stem = stem,
      .min_inputs = 2,
      .max_inputs = most_inputs,
      .saved = saved,
      .shapes = [](const LayerView& view) { return broadcast_shapes(view, operation.type); },
      .call =
          [](const LayerView&) {
            return NnCall{operation.call, {}};
          },
      .formula =
          [](const LayerView& view, std::span<const Shape> outputs) {
            return std::vector<FormulaLine>{
                {operation.symbols, fmt::format("{} → {}", input_list(view, operation.sign), outputs[0].to_string())}};
          },
      .samples = {{{}, {{3, 4, 5}, {3, 4, 5}}},
                  {{}, {{3, 4, 5}, {3, 1, 1}}},
                  {{}, {{3, 1, 1}, {3, 4, 5}}},
                  {{}, {{6}, {6}}}},
      .caption = no_caption};
  if (most_inputs > 2) row.samples.push_back({{}, {{6}, {6}, {1}}});
  return row;
}

/// …×n×k · …×k×m; what stands before is stretched.
ShapeResult matmul_shapes(const LayerView& view) {
  const Shape& left = view.input(0);
  const Shape& right = view.input(1);
  const std::size_t rank = left.rank();
  for (std::size_t port = 0; port < 2; ++port) {
    if (view.input(port).rank() >= 2) continue;
    ShapeProblem problem{.message = "MatMul needs matrices.",
                         .expected = "…×rows×columns",
                         .actual = view.input(port).to_string(),
                         .port = static_cast<int>(port),
                         .setting = {}};
    if (view.input(port).rank() == 1) {
      const std::int64_t dim = port == 0 ? 1 : -1;
      problem.fixes = {{port == 0 ? "Make it one row" : "Make it one column",
                        InsertBefore{static_cast<int>(port), "Unsqueeze", {{"dim", dim}}}}};
    }
    return problem;
  }
  const auto outer = [](const Shape& shape) {
    return Shape(std::vector<Dim>(shape.dims().begin(), shape.dims().end() - 2));
  };
  const auto leading = rank == right.rank() ? broadcast(outer(left), outer(right)) : std::nullopt;
  if (!leading) {
    return ShapeProblem{.message = "MatMul's inputs must agree in all but their last two axes.",
                        .expected = left.to_string(),
                        .actual = right.to_string(),
                        .port = 1,
                        .setting = {}};
  }
  const Dim& inner = left[rank - 1];
  const Dim& rows = right[rank - 2];
  if (inner && rows && *inner != *rows) {
    ShapeProblem problem{.message = fmt::format("{} columns meet {} rows.", *inner, *rows),
                         .expected = fmt::format("{} rows", *inner),
                         .actual = right.to_string(),
                         .port = 1,
                         .setting = {}};
    if (right[rank - 1] == inner) {
      Integers dims;
      for (std::size_t i = 0; i <= rank; ++i) dims.push_back(static_cast<std::int64_t>(i));
      std::swap(dims[rank - 1], dims[rank]);
      problem.fixes = {{"Transpose the second", InsertBefore{1, "Permute", {{"dims", dims}}}}};
    }
    return problem;
  }
  std::vector<Dim> dims = leading->dims();
  dims.push_back(left[rank - 2]);
  dims.push_back(right[rank - 1]);
  return std::vector<Shape>{Shape(std::move(dims))};
}

Dim matmul_macs(const LayerView& view, std::span<const Shape> outputs) {
  return checked_multiply(outputs.front().elements(), features_of(view.input(0)));
}

std::vector<AxisWindow> matmul_window(const LayerView& view, std::size_t port) {
  std::vector<AxisWindow> windows = plain_windows(view, port);
  const std::size_t rank = windows.size();
  for (std::size_t axis = 0; axis + 2 < rank; ++axis) {
    if (view.input(port)[axis] == 1 && view.input(1 - port)[axis] != 1) windows[axis] = stretched_window();
  }
  windows[port == 0 ? rank - 1 : rank - 2] = consumed_window();
  return windows;
}

std::vector<FormulaLine> matmul_formula(const LayerView& view, std::span<const Shape> outputs) {
  const Dim macs = matmul_macs(view, outputs);
  return {{"Y = A·B", fmt::format("{} → {}", input_list(view, " · "), outputs[0].to_string())},
          {"multiply-adds = outputs · columns of A",
           fmt::format("multiply-adds = {} · {} = {}", dim_text(outputs[0].elements()),
                       dim_text(features_of(view.input(0))), macs ? with_separators(*macs) : "?")}};
}

}  // namespace

std::vector<LayerSpec> arithmetic_family() {
  constexpr int many = 1000;
  constexpr Saved operands{.input = true};
  return {
      element_wise<addition>("Sums its inputs, value by value: a residual shortcut joins here.", "add", many, {}),
      element_wise<subtraction>("Takes the second input from the first, value by value.", "subtract", 2, {}),
      element_wise<multiplication>("Multiplies its inputs, value by value: one weighs the other.", "multiply", many,
                                   operands),
      element_wise<division>("Divides the first input by the second, value by value.", "divide", 2, operands),
      element_wise<maximum>("The largest of its inputs, value by value.", "maximum", many, operands),
      element_wise<average>("The mean of its inputs, value by value.", "average", many, {}),
      {.type = "MatMul",
       .category = Category::Merge,
       .summary = "Multiplies its inputs as matrices: the last two axes of each.",
       .name_stem = "matmul",
       .min_inputs = 2,
       .max_inputs = 2,
       .saved = operands,
       .shapes = matmul_shapes,
       .macs = matmul_macs,
       .window = matmul_window,
       .call =
           [](const LayerView&) {
             return NnCall{"torch.matmul", {}};
           },
       .formula = matmul_formula,
       .samples = {{{}, {{4, 3}, {3, 5}}}, {{}, {{2, 4, 3}, {2, 3, 5}}}, {{}, {{2, 1, 4, 3}, {1, 6, 3, 5}}}},
       .caption = no_caption},
  };
}

}  // namespace netwright
