#include <algorithm>

#include "backend/engine/modules.h"
#include "backend/engine/nn_binding_table.h"

namespace netwright {

namespace {

namespace nn = torch::nn;

Op linear(NnArguments& a) {
  nn::LinearOptions options(a.integer("in_features"), a.integer("out_features"));
  return module_op(nn::Linear(options.bias(a.flag("bias", true))));
}

Op bilinear(NnArguments& a) {
  nn::BilinearOptions options(a.integer("in1_features"), a.integer("in2_features"), a.integer("out_features"));
  nn::Bilinear holder(options.bias(a.flag("bias", true)));
  return {holder.ptr(), [holder](const Tensors& x) mutable { return Tensors{holder->forward(x[0], x[1])}; }};
}

using Joining = torch::Tensor (*)(const torch::Tensor&, const torch::Tensor&);

torch::Tensor joined(const Tensors& x, Joining join) {
  torch::Tensor result = x[0];
  for (std::size_t i = 1; i < x.size(); ++i) result = join(result, x[i]);
  return result;
}

torch::Tensor sum_of(const torch::Tensor& a, const torch::Tensor& b) {
  return a + b;
}
torch::Tensor product_of(const torch::Tensor& a, const torch::Tensor& b) {
  return a * b;
}
torch::Tensor larger_of(const torch::Tensor& a, const torch::Tensor& b) {
  return torch::maximum(a, b);
}

/// A function of all inputs, taken two by two from the first on.
template <Joining join>
Op joining(NnArguments&) {
  return function_op([](const Tensors& x) { return joined(x, join); });
}

Op subtract(NnArguments&) {
  return function_op([](const Tensors& x) { return x[0] - x[1]; });
}

Op divide(NnArguments&) {
  return function_op([](const Tensors& x) { return x[0] / x[1]; });
}

Op average(NnArguments&) {
  return function_op([](const Tensors& x) { return joined(x, sum_of) / static_cast<double>(x.size()); });
}

Op matrix_product(NnArguments&) {
  return zero_padded(function_op([](const Tensors& x) { return torch::matmul(x[0], x[1]); }));
}

/// Padding at the end of what comes last stays at the end.
Op concatenate(NnArguments& a) {
  Op op = run_apart(function_op([dim = a.integer("dim", 0)](const Tensors& x) { return torch::cat(x, dim); }));
  op.padded = [forward = op.forward, cut = op.padded](const Tensors& x, const Sequences& sequences) {
    const bool is_last = std::all_of(sequences.axes.begin(), sequences.axes.end(),
                                     [&](const Sequences::Axis& axis) { return axis.port + 1 == x.size(); });
    return is_last ? forward(x) : cut(x, sequences);
  };
  return op;
}

using Reducing = torch::Tensor (*)(const torch::Tensor&, torch::IntArrayRef, bool);

torch::Tensor mean_over(const torch::Tensor& x, torch::IntArrayRef dim, bool keepdim) {
  return torch::mean(x, dim, keepdim);
}
torch::Tensor largest_over(const torch::Tensor& x, torch::IntArrayRef dim, bool keepdim) {
  return torch::amax(x, dim, keepdim);
}
torch::Tensor sum_over(const torch::Tensor& x, torch::IntArrayRef dim, bool keepdim) {
  return torch::sum(x, dim, keepdim);
}

template <Reducing reduce>
Op reducing(NnArguments& a) {
  Op op = function_op([dim = a.integers("dim"), keepdim = a.flag("keepdim", false)](const Tensors& x) {
    return reduce(x[0], dim, keepdim);
  });
  op.padded = [forward = op.forward](const Tensors& x, const Sequences& sequences) {
    const Tensors result = forward(filled(x, sequences, reduce == largest_over ? lowest : 0));
    return reduce == mean_over ? Tensors{mean_of_own(result[0], x, sequences)} : result;
  };
  return op;
}

template <torch::Tensor (*function)(const torch::Tensor&)>
Op unary(NnArguments&) {
  return function_op([](const Tensors& x) { return function(x[0]); });
}

Op power(NnArguments& a) {
  return function_op([exponent = a.real("exponent")](const Tensors& x) { return torch::pow(x[0], exponent); });
}

Op affine(NnArguments& a) {
  return function_op([scale = a.real("scale", 1), shift = a.real("shift", 0)](const Tensors& x) {
    return shift == 0 ? x[0] * scale : x[0] * scale + shift;
  });
}

/// Given the network's input for the batch's size and the kind of its numbers.
Op constant(NnArguments& a) {
  return function_op([shape = a.integers("shape"), value = a.real("value")](const Tensors& x) {
    torch::TensorOptions options = torch::TensorOptions().device(x[0].device());
    if (x[0].is_floating_point()) options = options.dtype(x[0].scalar_type());
    return for_each_sample(torch::full(shape, value, options), x[0]);
  });
}

Op parameter(NnArguments& a) {
  const std::string init = a.text("init", "zeros");
  if (init != "zeros" && init != "ones" && init != "normal")
    throw BindingError("Parameter has no init “" + init + "”.");
  auto module = std::make_shared<Parameter>(a.integers("shape"), init);
  return {module, [module](const Tensors& x) { return Tensors{module->forward(x[0])}; }};
}

Op reparameterize(NnArguments&) {
  auto module = std::make_shared<Reparameterize>();
  return {module, [module](const Tensors& x) { return Tensors{module->forward(x[0], x[1])}; }};
}

}  // namespace

void add_tensor_bindings(BindingTable& table) {
  table.merge(BindingTable{
      {"Bilinear", bilinear},
      {"Identity", plain_module<nn::Identity>},
      {"Linear", linear},
      {"netwright.Parameter", parameter},
      {"netwright.affine", affine},
      {"netwright.average", average},
      {"netwright.constant", constant},
      {"netwright.reparameterize", reparameterize},
      {"operator.add", joining<sum_of>},
      {"operator.mul", joining<product_of>},
      {"operator.sub", subtract},
      {"operator.truediv", divide},
      {"torch.abs", unary<torch::abs>},
      {"torch.amax", reducing<largest_over>},
      {"torch.cat", concatenate},
      {"torch.erf", unary<torch::erf>},
      {"torch.exp", unary<torch::exp>},
      {"torch.log", unary<torch::log>},
      {"torch.matmul", matrix_product},
      {"torch.maximum", joining<larger_of>},
      {"torch.mean", reducing<mean_over>},
      {"torch.neg", unary<torch::neg>},
      {"torch.pow", power},
      {"torch.sqrt", unary<torch::sqrt>},
      {"torch.sum", reducing<sum_over>},
  });
}

}  // namespace netwright
