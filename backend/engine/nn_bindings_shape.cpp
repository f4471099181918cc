#include <fmt/format.h>

#include <algorithm>

#include "backend/engine/nn_binding_table.h"

namespace netwright {

namespace {

namespace nn = torch::nn;
namespace functional = torch::nn::functional;

Integers with_batch(const Integers& sizes, std::int64_t batch) {
  Integers all = {batch};
  all.insert(all.end(), sizes.begin(), sizes.end());
  return all;
}

Op flatten_module(NnArguments& a) {
  return module_op(
      nn::Flatten(nn::FlattenOptions().start_dim(a.integer("start_dim", 1)).end_dim(a.integer("end_dim", -1))));
}

Op flatten(NnArguments& a) {
  return function_op([start = a.integer("start_dim", 0), end = a.integer("end_dim", -1)](const Tensors& x) {
    return torch::flatten(x[0], start, end);
  });
}

Op unflatten(NnArguments& a) {
  return module_op(nn::Unflatten(nn::UnflattenOptions(a.integer("dim"), a.integers("unflattened_size"))));
}

Op reshape(NnArguments& a) {
  return function_op(
      [shape = a.integers("shape")](const Tensors& x) { return x[0].reshape(with_batch(shape, x[0].size(0))); });
}

Op expand(NnArguments& a) {
  return function_op(
      [shape = a.integers("shape")](const Tensors& x) { return x[0].expand(with_batch(shape, x[0].size(0))); });
}

Op permute(NnArguments& a) {
  return function_op([dims = a.integers("dims")](const Tensors& x) { return x[0].permute(dims); });
}

Op squeeze(NnArguments& a) {
  return function_op([dim = a.integer("dim")](const Tensors& x) { return x[0].squeeze(dim); });
}

Op unsqueeze(NnArguments& a) {
  return function_op([dim = a.integer("dim")](const Tensors& x) { return x[0].unsqueeze(dim); });
}

Op slice(NnArguments& a) {
  const std::int64_t start = a.integer("start");
  const std::int64_t end = a.integer("end");
  Op op = function_op([dim = a.integer("dim"), start, end, step = a.integer("step", 1)](const Tensors& x) {
    return x[0].slice(dim, start, end, step);
  });
  return start < 0 || end < 0 ? run_apart(std::move(op)) : zero_padded(std::move(op));
}

Op select(NnArguments& a) {
  const std::int64_t index = a.integer("index");
  Op op = function_op([dim = a.integer("dim"), index](const Tensors& x) { return x[0].select(dim, index); });
  if (index >= 0) return zero_padded(std::move(op));
  op.padded = [index](const Tensors& x, const Sequences& sequences) {
    const Sequences::Axis& axis = sequences.axes.front();
    Integers steps = axis.lengths->own();
    for (std::int64_t& step : steps) step = std::max<std::int64_t>(step + index, 0);
    return Tensors{picked(x[0], axis.dim, steps)};
  };
  return op;
}

Op split(NnArguments& a) {
  return {nullptr, [sizes = a.integers("split_sizes"), dim = a.integer("dim", 0)](const Tensors& x) {
            return torch::split_with_sizes(x[0], sizes, dim);
          }};
}

Op chunk(NnArguments& a) {
  return {nullptr, [chunks = a.integer("chunks"), dim = a.integer("dim", 0)](const Tensors& x) {
            return torch::chunk(x[0], chunks, dim);
          }};
}

Op pad(NnArguments& a) {
  functional::PadFuncOptions options(a.integers("pad"));
  const std::string mode = a.text("mode", "constant");
  options.mode(pad_mode(mode));
  if (mode == "constant") options.value(a.real("value", 0));
  return run_apart(function_op([options](const Tensors& x) {
    if (x[0].is_floating_point()) return functional::pad(x[0], options);
    // PyTorch mirrors real numbers alone; words are exact as such.
    return functional::pad(x[0].to(torch::kFloat64), options).to(x[0].scalar_type());
  }));
}

functional::InterpolateFuncOptions::mode_t interpolation(const std::string& mode) {
  if (mode == "nearest") return torch::kNearest;
  if (mode == "linear") return torch::kLinear;
  if (mode == "bilinear") return torch::kBilinear;
  if (mode == "bicubic") return torch::kBicubic;
  if (mode == "trilinear") return torch::kTrilinear;
  throw BindingError(fmt::format("Upsample has no mode “{}”.", mode));
}

Op upsample(NnArguments& a) {
  functional::InterpolateFuncOptions options;
  if (a.has("size")) options.size(a.integers("size"));
  if (a.has("scale_factor")) {
    // The factor itself places the values, as Python's Upsample does; LibTorch's module warns of it at each run.
    options.scale_factor(a.reals("scale_factor")).recompute_scale_factor(false);
  }
  const std::string mode = a.text("mode", "nearest");
  options.mode(interpolation(mode));
  if (mode != "nearest") options.align_corners(a.flag("align_corners", false));
  return run_apart(function_op([options](const Tensors& x) { return functional::interpolate(x[0], options); }));
}

Op pixel_shuffle(NnArguments& a) {
  return run_apart(module_op(nn::PixelShuffle(nn::PixelShuffleOptions(a.integer("upscale_factor")))));
}

Op pixel_unshuffle(NnArguments& a) {
  return run_apart(module_op(nn::PixelUnshuffle(nn::PixelUnshuffleOptions(a.integer("downscale_factor")))));
}

/// LibTorch has torch.nn.ChannelShuffle in Python alone.
Op channel_shuffle(NnArguments& a) {
  return function_op([groups = a.integer("groups")](const Tensors& x) {
    Integers sizes = x[0].sizes().vec();
    sizes[1] /= groups;
    sizes.insert(sizes.begin() + 1, groups);
    return x[0].reshape(sizes).transpose(1, 2).flatten(1, 2);
  });
}

}  // namespace

torch::nn::functional::PadFuncOptions::mode_t pad_mode(const std::string& mode) {
  if (mode == "constant") return torch::kConstant;
  if (mode == "reflect") return torch::kReflect;
  if (mode == "replicate") return torch::kReplicate;
  if (mode == "circular") return torch::kCircular;
  throw BindingError(fmt::format("There is no padding mode “{}”.", mode));
}

void add_shape_bindings(BindingTable& table) {
  table.merge(BindingTable{
      {"ChannelShuffle", channel_shuffle},
      {"Flatten", flatten_module},
      {"PixelShuffle", pixel_shuffle},
      {"PixelUnshuffle", pixel_unshuffle},
      {"Unflatten", unflatten},
      {"Upsample", upsample},
      {"netwright.expand", expand},
      {"netwright.slice", slice},
      {"torch.chunk", chunk},
      {"torch.flatten", flatten},
      {"torch.nn.functional.pad", pad},
      {"torch.permute", permute},
      {"torch.reshape", reshape},
      {"torch.select", select},
      {"torch.split", split},
      {"torch.squeeze", squeeze},
      {"torch.unsqueeze", unsqueeze},
  });
}

}  // namespace netwright
