#include "backend/engine/nn_binding_table.h"

namespace netwright {

namespace {

namespace nn = torch::nn;

/// What padding means as numbers for torch.nn.functional.pad: (before, after) per axis, the last axis first.
template <std::size_t D>
Integers pad_amounts(NnArguments& a, const torch::ExpandingArray<D>& kernel, const torch::ExpandingArray<D>& dilation) {
  Integers amounts;
  for (std::size_t axis = D; axis-- > 0;) {
    if (a.is_text("padding")) {
      const std::int64_t total = (*dilation)[axis] * ((*kernel)[axis] - 1);
      amounts.push_back(total / 2);
      amounts.push_back(total - total / 2);
    } else {
      const std::int64_t amount = (*a.sizes<D>("padding", Integers{0}))[axis];
      amounts.insert(amounts.end(), 2, amount);
    }
  }
  return amounts;
}

template <class Holder, std::size_t D>
Op convolution(NnArguments& a) {
  const auto kernel = a.sizes<D>("kernel_size");
  const auto dilation = a.sizes<D>("dilation", Integers{1});
  nn::ConvOptions<D> options(a.integer("in_channels"), a.integer("out_channels"), kernel);
  options.stride(a.sizes<D>("stride", Integers{1})).dilation(dilation).groups(a.integer("groups", 1));
  options.bias(a.flag("bias", true));
  if (a.is_text("padding") && a.text("padding") != "same") throw BindingError("padding must be numbers or 'same'.");
  const std::string mode = a.text("padding_mode", "zeros");
  if (mode != "zeros") {
    // Padded here: LibTorch 1.13's Conv2d takes the axes of 'same' in the wrong order in the other modes.
    Holder holder(options);
    const auto pad = nn::functional::PadFuncOptions(pad_amounts<D>(a, kernel, dilation)).mode(pad_mode(mode));
    return {holder.ptr(), [holder, pad](const Tensors& x) mutable {
              return Tensors{holder->forward(nn::functional::pad(x[0], pad))};
            }};
  }
  if (a.is_text("padding")) {
    options.padding(torch::kSame);
  } else {
    options.padding(a.sizes<D>("padding", Integers{0}));
  }
  return module_op(Holder(options));
}

template <class Holder, std::size_t D>
Op transposed_convolution(NnArguments& a) {
  nn::ConvTransposeOptions<D> options(a.integer("in_channels"), a.integer("out_channels"), a.sizes<D>("kernel_size"));
  options.stride(a.sizes<D>("stride", Integers{1})).padding(a.sizes<D>("padding", Integers{0}));
  options.output_padding(a.sizes<D>("output_padding", Integers{0})).dilation(a.sizes<D>("dilation", Integers{1}));
  options.groups(a.integer("groups", 1)).bias(a.flag("bias", true));
  return module_op(Holder(options));
}

template <class Holder, std::size_t D>
Op max_pool(NnArguments& a) {
  const Integers kernel = a.integers("kernel_size");
  nn::MaxPoolOptions<D> options(a.sizes<D>("kernel_size"));
  options.stride(a.sizes<D>("stride", kernel)).padding(a.sizes<D>("padding", Integers{0}));
  options.dilation(a.sizes<D>("dilation", Integers{1})).ceil_mode(a.flag("ceil_mode", false));
  return module_op(Holder(options));
}

/// AvgPool1d knows no divisor_override, and no row asks for it.
template <class Holder, std::size_t D>
Op average_pool(NnArguments& a) {
  const Integers kernel = a.integers("kernel_size");
  nn::AvgPoolOptions<D> options(a.sizes<D>("kernel_size"));
  options.stride(a.sizes<D>("stride", kernel)).padding(a.sizes<D>("padding", Integers{0}));
  options.ceil_mode(a.flag("ceil_mode", false)).count_include_pad(a.flag("count_include_pad", true));
  return module_op(Holder(options));
}

template <class Holder, std::size_t D>
Op power_average_pool(NnArguments& a) {
  const Integers kernel = a.integers("kernel_size");
  nn::LPPoolOptions<D> options(a.real("norm_type"), a.sizes<D>("kernel_size"));
  options.stride(a.sizes<D>("stride", kernel)).ceil_mode(a.flag("ceil_mode", false));
  return module_op(Holder(options));
}

template <class Holder, class Options, std::size_t D>
Op adaptive_pool(NnArguments& a) {
  return module_op(Holder(Options(*a.sizes<D>("output_size"))));
}

}  // namespace

void add_spatial_bindings(BindingTable& table) {
  table.merge(BindingTable{
      {"AdaptiveAvgPool1d", adaptive_pool<nn::AdaptiveAvgPool1d, nn::AdaptiveAvgPool1dOptions, 1>},
      {"AdaptiveAvgPool2d", adaptive_pool<nn::AdaptiveAvgPool2d, nn::AdaptiveAvgPool2dOptions, 2>},
      {"AdaptiveAvgPool3d", adaptive_pool<nn::AdaptiveAvgPool3d, nn::AdaptiveAvgPool3dOptions, 3>},
      {"AdaptiveMaxPool1d", adaptive_pool<nn::AdaptiveMaxPool1d, nn::AdaptiveMaxPool1dOptions, 1>},
      {"AdaptiveMaxPool2d", adaptive_pool<nn::AdaptiveMaxPool2d, nn::AdaptiveMaxPool2dOptions, 2>},
      {"AdaptiveMaxPool3d", adaptive_pool<nn::AdaptiveMaxPool3d, nn::AdaptiveMaxPool3dOptions, 3>},
      {"AvgPool1d", average_pool<nn::AvgPool1d, 1>},
      {"AvgPool2d", average_pool<nn::AvgPool2d, 2>},
      {"AvgPool3d", average_pool<nn::AvgPool3d, 3>},
      {"Conv1d", convolution<nn::Conv1d, 1>},
      {"Conv2d", convolution<nn::Conv2d, 2>},
      {"Conv3d", convolution<nn::Conv3d, 3>},
      {"ConvTranspose1d", transposed_convolution<nn::ConvTranspose1d, 1>},
      {"ConvTranspose2d", transposed_convolution<nn::ConvTranspose2d, 2>},
      {"ConvTranspose3d", transposed_convolution<nn::ConvTranspose3d, 3>},
      {"LPPool1d", power_average_pool<nn::LPPool1d, 1>},
      {"LPPool2d", power_average_pool<nn::LPPool2d, 2>},
      {"MaxPool1d", max_pool<nn::MaxPool1d, 1>},
      {"MaxPool2d", max_pool<nn::MaxPool2d, 2>},
      {"MaxPool3d", max_pool<nn::MaxPool3d, 3>},
  });
}

}  // namespace netwright
