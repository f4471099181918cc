#include "backend/engine/nn_binding_table.h"

namespace netwright {

namespace {

namespace nn = torch::nn;

template <class Holder>
Op dropout(NnArguments& a) {
  return module_op(Holder(nn::DropoutOptions(a.real("p", 0.5)).inplace(a.flag("inplace", false))));
}

template <class Holder, class Options>
Op over_dim(NnArguments& a) {
  return module_op(Holder(Options(a.integer("dim"))));
}

Op relu(NnArguments& a) {
  return module_op(nn::ReLU(nn::ReLUOptions(a.flag("inplace", false))));
}

Op leaky_relu(NnArguments& a) {
  nn::LeakyReLUOptions options;
  return module_op(
      nn::LeakyReLU(options.negative_slope(a.real("negative_slope", 0.01)).inplace(a.flag("inplace", false))));
}

Op elu(NnArguments& a) {
  return module_op(nn::ELU(nn::ELUOptions().alpha(a.real("alpha", 1)).inplace(a.flag("inplace", false))));
}

Op gelu(NnArguments& a) {
  return module_op(nn::GELU(nn::GELUOptions().approximate(a.text("approximate", "none"))));
}

}  // namespace

void add_pointwise_bindings(BindingTable& table) {
  table.merge(BindingTable{
      {"Dropout", dropout<nn::Dropout>},
      {"Dropout2d", dropout<nn::Dropout2d>},
      {"ELU", elu},
      {"GELU", gelu},
      {"LeakyReLU", leaky_relu},
      {"LogSoftmax", over_dim<nn::LogSoftmax, nn::LogSoftmaxOptions>},
      {"ReLU", relu},
      {"SiLU", plain_module<nn::SiLU>},
      {"Sigmoid", plain_module<nn::Sigmoid>},
      {"Softmax", over_dim<nn::Softmax, nn::SoftmaxOptions>},
      {"Tanh", plain_module<nn::Tanh>},
  });
}

}  // namespace netwright
