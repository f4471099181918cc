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
    return run_apart({holder.ptr(), [holder, pad](const Tensors& x) mutable {
                        return Tensors{holder->forward(nn::functional::pad(x[0], pad))};
                      }});
  }
  if (a.is_text("padding")) {
    options.padding(torch::kSame);
  } else {
    options.padding(a.sizes<D>("padding", Integers{0}));
  }
  return zero_padded(module_op(Holder(options)));
}

template <class Holder, std::size_t D>
Op transposed_convolution(NnArguments& a) {
  nn::ConvTransposeOptions<D> options(a.integer("in_channels"), a.integer("out_channels"), a.sizes<D>("kernel_size"));
  options.stride(a.sizes<D>("stride", Integers{1})).padding(a.sizes<D>("padding", Integers{0}));
  options.output_padding(a.sizes<D>("output_padding", Integers{0})).dilation(a.sizes<D>("dilation", Integers{1}));
  options.groups(a.integer("groups", 1)).bias(a.flag("bias", true));
  return zero_padded(module_op(Holder(options)));
}

/// Of steps, the largest: padded ones never are, and a window of nothing else gives 0.
Op largest_of_own(Op op) {
  op.padded = [forward = op.forward](const Tensors& x, const Sequences& sequences) {
    const torch::Tensor largest = forward(filled(x, sequences, lowest))[0];
    return Tensors{largest.masked_fill(largest == lowest, 0)};
  };
  return op;
}

template <class Holder, std::size_t D>
Op max_pool(NnArguments& a) {
  const Integers kernel = a.integers("kernel_size");
  nn::MaxPoolOptions<D> options(a.sizes<D>("kernel_size"));
  options.stride(a.sizes<D>("stride", kernel)).padding(a.sizes<D>("padding", Integers{0}));
  options.dilation(a.sizes<D>("dilation", Integers{1})).ceil_mode(a.flag("ceil_mode", false));
  return largest_of_own(module_op(Holder(options)));
}

/// AvgPool1d knows no divisor_override, and no row asks for it.
template <class Holder, std::size_t D>
Op average_pool(NnArguments& a) {
  const Integers kernel = a.integers("kernel_size");
  nn::AvgPoolOptions<D> options(a.sizes<D>("kernel_size"));
  options.stride(a.sizes<D>("stride", kernel)).padding(a.sizes<D>("padding", Integers{0}));
  const bool rounds_up = a.flag("ceil_mode", false);
  const bool counts_margin = a.flag("count_include_pad", true);
  Op op = module_op(Holder(options.ceil_mode(rounds_up).count_include_pad(counts_margin)));
  // Every window divides by as much, wherever the sequence ends.
  return counts_margin && !rounds_up ? zero_padded(std::move(op)) : run_apart(std::move(op));
}

template <class Holder, std::size_t D>
Op power_average_pool(NnArguments& a) {
  const Integers kernel = a.integers("kernel_size");
  nn::LPPoolOptions<D> options(a.real("norm_type"), a.sizes<D>("kernel_size"));
  options.stride(a.sizes<D>("stride", kernel)).ceil_mode(a.flag("ceil_mode", false));
  return run_apart(module_op(Holder(options)));
}

template <class Holder, class Options, std::size_t D, bool is_max>
Op adaptive_pool(NnArguments& a) {
  const auto sizes = a.sizes<D>("output_size");
  const Op op = module_op(Holder(Options(*sizes)));
  Op padded = op;
  padded.padded = [op, sizes](const Tensors& x, const Sequences& sequences) {
    for (const Sequences::Axis& axis : sequences.axes) {
      if ((*sizes)[static_cast<std::size_t>(axis.dim - 2)] != 1) return apart(op.forward, x, sequences);
    }
    if (is_max) return largest_of_own(op).padded(x, sequences);
    return Tensors{mean_of_own(op.forward(filled(x, sequences))[0], x, sequences)};
  };
  return padded;
}

}  // namespace

void add_spatial_bindings(BindingTable& table) {
  table.merge(BindingTable{
      {"AdaptiveAvgPool1d", adaptive_pool<nn::AdaptiveAvgPool1d, nn::AdaptiveAvgPool1dOptions, 1, false>},
      {"AdaptiveAvgPool2d", adaptive_pool<nn::AdaptiveAvgPool2d, nn::AdaptiveAvgPool2dOptions, 2, false>},
      {"AdaptiveAvgPool3d", adaptive_pool<nn::AdaptiveAvgPool3d, nn::AdaptiveAvgPool3dOptions, 3, false>},
      {"AdaptiveMaxPool1d", adaptive_pool<nn::AdaptiveMaxPool1d, nn::AdaptiveMaxPool1dOptions, 1, true>},
      {"AdaptiveMaxPool2d", adaptive_pool<nn::AdaptiveMaxPool2d, nn::AdaptiveMaxPool2dOptions, 2, true>},
      {"AdaptiveMaxPool3d", adaptive_pool<nn::AdaptiveMaxPool3d, nn::AdaptiveMaxPool3dOptions, 3, true>},
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
