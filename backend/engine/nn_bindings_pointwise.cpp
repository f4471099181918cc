#include "backend/engine/modules.h"
#include "backend/engine/nn_binding_table.h"
#include "backend/engine/shared_batch.h"

namespace netwright {

namespace {

namespace nn = torch::nn;

template <class Holder>
Op dropout(NnArguments& a) {
  return module_op(Holder(nn::DropoutOptions(a.real("p", 0.5)).inplace(a.flag("inplace", false))));
}

/// Dropout whose draws don't depend on how a batch is shared.
template <class Holder, auto drop>
Op shared_dropout(NnArguments& a) {
  const double p = a.real("p", 0.5);
  Op op = dropout<Holder>(a);
  op.forward = [module = op.module, forward = op.forward, p](const Tensors& x) {
    return module->is_training() && is_batch_shared() ? Tensors{drop(x[0], p)} : forward(x);
  };
  return op;
}

template <class Holder, class Options>
Op over_dim(NnArguments& a) {
  return module_op(Holder(Options(a.integer("dim"))));
}

/// A padded step has no share.
template <class Holder, class Options>
Op softmax(NnArguments& a) {
  Op op = over_dim<Holder, Options>(a);
  op.padded = [forward = op.forward](const Tensors& x, const Sequences& sequences) {
    return filled(forward(filled(x, sequences, lowest)), sequences);
  };
  return op;
}

/// An activation that may work in place.
template <class Holder, class Options>
Op in_place(NnArguments& a) {
  return module_op(Holder(Options().inplace(a.flag("inplace", false))));
}

template <class Holder, class Options>
Op with_alpha(NnArguments& a) {
  return module_op(Holder(Options().alpha(a.real("alpha", 1)).inplace(a.flag("inplace", false))));
}

template <class Holder, class Options>
Op with_lambda(NnArguments& a) {
  return module_op(Holder(Options(a.real("lambd", 0.5))));
}

Op leaky_relu(NnArguments& a) {
  nn::LeakyReLUOptions options;
  return module_op(
      nn::LeakyReLU(options.negative_slope(a.real("negative_slope", 0.01)).inplace(a.flag("inplace", false))));
}

Op prelu(NnArguments& a) {
  return module_op(
      nn::PReLU(nn::PReLUOptions().num_parameters(a.integer("num_parameters", 1)).init(a.real("init", 0.25))));
}

Op rrelu(NnArguments& a) {
  nn::RReLUOptions options;
  options.lower(a.real("lower", 1.0 / 8)).upper(a.real("upper", 1.0 / 3));
  return module_op(nn::RReLU(options.inplace(a.flag("inplace", false))));
}

Op gelu(NnArguments& a) {
  return module_op(nn::GELU(nn::GELUOptions().approximate(a.text("approximate", "none"))));
}

Op hardtanh(NnArguments& a) {
  nn::HardtanhOptions options;
  options.min_val(a.real("min_val", -1)).max_val(a.real("max_val", 1));
  return module_op(nn::Hardtanh(options.inplace(a.flag("inplace", false))));
}

Op softplus(NnArguments& a) {
  return module_op(nn::Softplus(nn::SoftplusOptions().beta(a.real("beta", 1)).threshold(a.real("threshold", 20))));
}

Op threshold(NnArguments& a) {
  nn::ThresholdOptions options(a.real("threshold"), a.real("value"));
  return module_op(nn::Threshold(options.inplace(a.flag("inplace", false))));
}

/// A function without arguments; LibTorch 1.13 has no module for it, or one per release.
template <torch::Tensor (*function)(const torch::Tensor&)>
Op elementwise(NnArguments&) {
  return function_op([](const Tensors& x) { return function(x[0]); });
}

Op gaussian_noise(NnArguments& a) {
  return own_op<GaussianNoise>(a.real("std"));
}

}  // namespace

void add_pointwise_bindings(BindingTable& table) {
  table.merge(BindingTable{
      {"AlphaDropout", dropout<nn::AlphaDropout>},
      {"CELU", with_alpha<nn::CELU, nn::CELUOptions>},
      {"Dropout", shared_dropout<nn::Dropout, dropped>},
      {"Dropout1d",
       shared_dropout<nn::Dropout2d, dropped_channels>},  // both drop whole channels; LibTorch names no Dropout1d
      {"Dropout2d", shared_dropout<nn::Dropout2d, dropped_channels>},
      {"Dropout3d", shared_dropout<nn::Dropout3d, dropped_channels>},
      {"ELU", with_alpha<nn::ELU, nn::ELUOptions>},
      {"GELU", gelu},
      {"GLU", over_dim<nn::GLU, nn::GLUOptions>},
      {"Hardshrink", with_lambda<nn::Hardshrink, nn::HardshrinkOptions>},
      {"Hardsigmoid", elementwise<torch::hardsigmoid>},
      {"Hardswish", elementwise<torch::hardswish>},
      {"Hardtanh", hardtanh},
      {"LeakyReLU", leaky_relu},
      {"LogSigmoid", plain_module<nn::LogSigmoid>},
      {"LogSoftmax", softmax<nn::LogSoftmax, nn::LogSoftmaxOptions>},
      {"Mish", plain_module<nn::Mish>},
      {"PReLU", prelu},
      {"RReLU", rrelu},
      {"ReLU", in_place<nn::ReLU, nn::ReLUOptions>},
      {"ReLU6", in_place<nn::ReLU6, nn::ReLU6Options>},
      {"SELU", in_place<nn::SELU, nn::SELUOptions>},
      {"SiLU", plain_module<nn::SiLU>},
      {"Sigmoid", plain_module<nn::Sigmoid>},
      {"Softmax", softmax<nn::Softmax, nn::SoftmaxOptions>},
      {"Softplus", softplus},
      {"Softshrink", with_lambda<nn::Softshrink, nn::SoftshrinkOptions>},
      {"Softsign", plain_module<nn::Softsign>},
      {"Tanh", plain_module<nn::Tanh>},
      {"Tanhshrink", plain_module<nn::Tanhshrink>},
      {"Threshold", threshold},
      {"netwright.GaussianNoise", gaussian_noise},
  });
}

}  // namespace netwright
