#include "backend/interop/onnx/onnx_mapping.h"

namespace netwright {

namespace {

/// An operator of two, over any number from the left.
OnnxValues chained(const OnnxLayer& l, const char* op) {
  std::string value = l.x();
  for (std::size_t i = 1; i < l.inputs.size(); ++i) value = l.add(op, {value, l.inputs[i]});
  return {value};
}

template <const char* op>
OnnxValues chain(const OnnxLayer& l) {
  return chained(l, op);
}

template <const char* op>
OnnxValues of_all(const OnnxLayer& l) {
  return {l.add(op, l.inputs)};
}

OnnxAttributes reduced(const OnnxLayer& l) {
  return {{"keepdims", static_cast<std::int64_t>(l.flag("keepdim", false))}};
}

template <const char* op>
OnnxValues reduction(const OnnxLayer& l) {
  OnnxAttributes attributes = reduced(l);
  attributes.emplace_back("axes", l.integers("dim"));
  return {l.add(op, {l.x()}, attributes)};
}

/// Only the sum takes its axes as an input in opset 13.
OnnxValues sum(const OnnxLayer& l) {
  return {l.add("ReduceSum", {l.x(), l.graph.integers("axes", l.integers("dim"))}, reduced(l))};
}

OnnxValues affine(const OnnxLayer& l) {
  const double scale = l.real("scale", 1);
  const double shift = l.real("shift", 0);
  const std::string scaled = scale == 1 ? l.x() : l.add("Mul", {l.x(), l.graph.number(scale)});
  return {shift == 0 ? scaled : l.add("Add", {scaled, l.graph.number(shift)})};
}

OnnxValues power(const OnnxLayer& l) {
  return {l.add("Pow", {l.x(), l.graph.number(l.real("exponent"))})};
}

/// The same for every sample.
OnnxValues constant(const OnnxLayer& l) {
  return {l.add("Expand", {l.graph.number(l.real("value", 0)), l.batched_shape(l.output_shapes.front())})};
}

OnnxValues parameter(const OnnxLayer& l) {
  return {l.add("Expand", {l.weight("weight"), l.batched_shape(l.output_shapes.front())})};
}

/// In evaluation, the mean.
OnnxValues reparameterize(const OnnxLayer& l) {
  return {l.add("Identity", {l.x()})};
}

constexpr char abs_op[] = "Abs";
constexpr char add_op[] = "Add";
constexpr char cos_op[] = "Cos";
constexpr char div_op[] = "Div";
constexpr char erf_op[] = "Erf";
constexpr char exp_op[] = "Exp";
constexpr char log_op[] = "Log";
constexpr char matmul_op[] = "MatMul";
constexpr char max_op[] = "Max";
constexpr char mean_op[] = "Mean";
constexpr char min_op[] = "Min";
constexpr char mul_op[] = "Mul";
constexpr char neg_op[] = "Neg";
constexpr char reciprocal_op[] = "Reciprocal";
constexpr char reduce_max_op[] = "ReduceMax";
constexpr char reduce_mean_op[] = "ReduceMean";
constexpr char reduce_min_op[] = "ReduceMin";
constexpr char sigmoid_op[] = "Sigmoid";
constexpr char sin_op[] = "Sin";
constexpr char sqrt_op[] = "Sqrt";
constexpr char sub_op[] = "Sub";
constexpr char tanh_call[] = "Tanh";

}  // namespace

void add_onnx_arithmetic(OnnxMappingTable& table) {
  table.merge(OnnxMappingTable{
      {"netwright.Parameter", parameter},
      {"netwright.affine", affine},
      {"netwright.average", of_all<mean_op>},
      {"netwright.constant", constant},
      {"netwright.reparameterize", reparameterize},
      {"operator.add", chain<add_op>},
      {"operator.mul", chain<mul_op>},
      {"operator.sub", chain<sub_op>},
      {"operator.truediv", chain<div_op>},
      {"torch.abs", of_all<abs_op>},
      {"torch.amax", reduction<reduce_max_op>},
      {"torch.amin", reduction<reduce_min_op>},
      {"torch.cos", of_all<cos_op>},
      {"torch.erf", of_all<erf_op>},
      {"torch.exp", of_all<exp_op>},
      {"torch.log", of_all<log_op>},
      {"torch.matmul", chain<matmul_op>},
      {"torch.maximum", of_all<max_op>},
      {"torch.mean", reduction<reduce_mean_op>},
      {"torch.minimum", of_all<min_op>},
      {"torch.neg", of_all<neg_op>},
      {"torch.pow", power},
      {"torch.reciprocal", of_all<reciprocal_op>},
      {"torch.sigmoid", of_all<sigmoid_op>},
      {"torch.sin", of_all<sin_op>},
      {"torch.sqrt", of_all<sqrt_op>},
      {"torch.sum", sum},
      {"torch.tanh", of_all<tanh_call>},
  });
}

}  // namespace netwright
