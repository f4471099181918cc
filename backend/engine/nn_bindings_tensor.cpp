#include "backend/engine/nn_binding_table.h"

namespace netwright {

namespace {

namespace nn = torch::nn;

Op linear(NnArguments& a) {
  nn::LinearOptions options(a.integer("in_features"), a.integer("out_features"));
  return module_op(nn::Linear(options.bias(a.flag("bias", true))));
}

Op flatten_module(NnArguments& a) {
  return module_op(
      nn::Flatten(nn::FlattenOptions().start_dim(a.integer("start_dim", 1)).end_dim(a.integer("end_dim", -1))));
}

Op add(NnArguments&) {
  return function_op([](const Tensors& x) {
    torch::Tensor sum = x[0];
    for (std::size_t i = 1; i < x.size(); ++i) sum = sum + x[i];
    return sum;
  });
}

Op concatenate(NnArguments& a) {
  return function_op([dim = a.integer("dim", 0)](const Tensors& x) { return torch::cat(x, dim); });
}

Op flatten(NnArguments& a) {
  return function_op([start = a.integer("start_dim", 0), end = a.integer("end_dim", -1)](const Tensors& x) {
    return torch::flatten(x[0], start, end);
  });
}

}  // namespace

void add_tensor_bindings(BindingTable& table) {
  table.merge(BindingTable{
      {"Flatten", flatten_module},
      {"Identity", plain_module<nn::Identity>},
      {"Linear", linear},
      {"operator.add", add},
      {"torch.cat", concatenate},
      {"torch.flatten", flatten},
  });
}

}  // namespace netwright
