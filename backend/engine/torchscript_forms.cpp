#include "backend/engine/torchscript_forms.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "backend/engine/torchscript_form.h"
#include "backend/interop/pytorch_call.h"

namespace netwright {

namespace {

/// Modules that one operator or formula says. What isn't a weight or an argument of the call reads None.
const std::map<std::string_view, std::string_view>& expressions() {
  static const std::map<std::string_view, std::string_view> table = {
      {"AdaptiveAvgPool1d", "torch.adaptive_avg_pool1d(x, {output_size})"},
      {"AdaptiveAvgPool2d", "torch.adaptive_avg_pool2d(x, {output_size})"},
      {"AdaptiveAvgPool3d", "torch.adaptive_avg_pool3d(x, {output_size})"},
      {"AdaptiveMaxPool1d", "torch.adaptive_max_pool1d(x, {output_size})[0]"},
      {"AdaptiveMaxPool2d", "torch.adaptive_max_pool2d(x, {output_size})[0]"},
      {"AdaptiveMaxPool3d", "torch.adaptive_max_pool3d(x, {output_size})[0]"},
      {"AlphaDropout", "torch.alpha_dropout(x, {p}, self.training)"},
      {"AvgPool1d", "torch.avg_pool1d(x, {kernel_size}, {stride}, {padding}, {ceil_mode}, {count_include_pad})"},
      {"AvgPool2d", "torch.avg_pool2d(x, {kernel_size}, {stride}, {padding}, {ceil_mode}, {count_include_pad})"},
      {"AvgPool3d", "torch.avg_pool3d(x, {kernel_size}, {stride}, {padding}, {ceil_mode}, {count_include_pad})"},
      {"Bilinear", "torch.bilinear(x, y, {weight}, {bias})"},
      {"CELU", "torch.celu(x, {alpha})"},
      {"ChannelShuffle", "torch.channel_shuffle(x, {groups})"},
      {"Dropout", "torch.dropout(x, {p}, self.training)"},
      {"Dropout1d", "torch.feature_dropout(x, {p}, self.training)"},
      {"Dropout2d", "torch.feature_dropout(x, {p}, self.training)"},
      {"Dropout3d", "torch.feature_dropout(x, {p}, self.training)"},
      {"ELU", "torch.elu(x, {alpha})"},
      {"Flatten", "torch.flatten(x, {start_dim}, {end_dim})"},
      {"GELU", "torch.gelu(x, approximate={approximate})"},
      {"GLU", "torch.glu(x, {dim})"},
      {"GroupNorm", "torch.group_norm(x, {num_groups}, {weight}, {bias}, {eps}, True)"},
      {"Hardshrink", "torch.hardshrink(x, {lambd})"},
      {"Hardsigmoid", "torch.hardsigmoid(x)"},
      {"Hardswish", "torch.hardswish(x)"},
      {"Hardtanh", "torch.hardtanh(x, {min_val}, {max_val})"},
      {"Identity", "x"},
      {"LayerNorm", "torch.layer_norm(x, {normalized_shape}, {weight}, {bias}, {eps}, True)"},
      {"LeakyReLU", "torch.leaky_relu(x, {negative_slope})"},
      {"Linear", "torch.linear(x, {weight}, {bias})"},
      {"LogSigmoid", "torch.log_sigmoid(x)"},
      {"LogSoftmax", "torch.log_softmax(x, {dim})"},
      {"MaxPool1d", "torch.max_pool1d(x, {kernel_size}, {stride}, {padding}, {dilation}, {ceil_mode})"},
      {"MaxPool2d", "torch.max_pool2d(x, {kernel_size}, {stride}, {padding}, {dilation}, {ceil_mode})"},
      {"MaxPool3d", "torch.max_pool3d(x, {kernel_size}, {stride}, {padding}, {dilation}, {ceil_mode})"},
      {"Mish", "torch.mish(x)"},
      {"PReLU", "torch.prelu(x, {weight})"},
      {"PixelShuffle", "torch.pixel_shuffle(x, {upscale_factor})"},
      {"PixelUnshuffle", "torch.pixel_unshuffle(x, {downscale_factor})"},
      {"RReLU", "torch.rrelu(x, {lower}, {upper}, self.training)"},
      {"ReLU", "torch.relu(x)"},
      {"ReLU6", "torch.relu6(x)"},
      {"SELU", "torch.selu(x)"},
      {"SiLU", "torch.silu(x)"},
      {"Sigmoid", "torch.sigmoid(x)"},
      {"Softmax", "torch.softmax(x, {dim})"},
      {"Softplus", "torch.softplus(x, {beta}, {threshold})"},
      {"Softshrink", "torch.softshrink(x, {lambd})"},
      {"Softsign", "x / (1 + torch.abs(x))"},
      {"Tanh", "torch.tanh(x)"},
      {"Tanhshrink", "x - torch.tanh(x)"},
      {"Threshold", "torch.threshold(x, {threshold}, {value})"},
      {"Unflatten", "x.unflatten({dim}, {unflattened_size})"},
      {"netwright.PositionalEncoding", "x + self.pe[:x.size(1)]"},
      {"netwright.Parameter", "self.weight.unsqueeze(0).expand([x.size(0)] + list(self.weight.size()))"},
  };
  return table;
}

std::size_t axes_of(const NnCall& call) {
  const char digit = call.name[call.name.size() - 2];
  return static_cast<std::size_t>(digit - '0');
}

std::string convolution(const TorchscriptForm& form) {
  const std::size_t axes = axes_of(form.call());
  const std::string mode = form.text("padding_mode");
  const std::string convolved = fmt::format("torch.conv{}d(x, ", axes) + "{weight}, {bias}, {stride}, ";
  if (mode.empty() || mode == "zeros")
    return TorchscriptForm::returned(form.fill(convolved + "{padding}, {dilation}, {groups})"));
  // The last axis first, before and after.
  Integers amounts;
  const bool is_same = form.text("padding") == "same";
  const Integers kernel = form.numbers("kernel_size", axes);
  const Integers dilation = form.numbers("dilation", axes);
  const Integers padding = form.numbers("padding", axes);
  for (std::size_t axis = axes; axis-- > 0;) {
    const std::int64_t total = is_same ? dilation[axis] * (kernel[axis] - 1) : 2 * padding[axis];
    amounts.push_back(total / 2);
    amounts.push_back(total - total / 2);
  }
  return fmt::format("    x = torch.pad(x, {}, {})\n", torchscript_literal(amounts), python_literal(mode)) +
         TorchscriptForm::returned(
             form.fill(convolved + torchscript_literal(Integers(axes, 0)) + ", {dilation}, {groups})"));
}

std::string transposed_convolution(const TorchscriptForm& form) {
  return TorchscriptForm::returned(
      fmt::format("torch.conv_transpose{}d(x, ", axes_of(form.call())) +
      form.fill("{weight}, {bias}, {stride}, {padding}, {output_padding}, {groups}, {dilation})"));
}

std::string batch_norm(const TorchscriptForm& form) {
  if (!form.has("running_mean"))
    return TorchscriptForm::returned(
        form.fill("torch.batch_norm(x, {weight}, {bias}, None, None, True, {momentum}, {eps}, True)"));
  return "    if self.training:\n"
         "        self.num_batches_tracked.add_(1)\n" +
         TorchscriptForm::returned(
             form.fill("torch.batch_norm(x, {weight}, {bias}, {running_mean}, {running_var}, self.training, "
                       "{momentum}, {eps}, True)"));
}

std::string instance_norm(const TorchscriptForm& form) {
  const char* const own = form.has("running_mean") ? "self.training" : "True";
  return TorchscriptForm::returned(
      form.fill("torch.instance_norm(x, {weight}, {bias}, {running_mean}, {running_var}, ") + own +
      form.fill(", {momentum}, {eps}, True)"));
}

/// The mean of squares over neighbouring channels, as an average over a further axis.
std::string response_norm(const TorchscriptForm& form) {
  const std::int64_t size = form.number("size");
  return fmt::format(
             "    squares = torch.pad(x.mul(x).unsqueeze(1).flatten(3), [0, 0, {}, {}])\n"
             "    squares = torch.avg_pool2d(squares, [{}, 1], [1, 1]).squeeze(1).reshape(x.size())\n",
             size / 2, (size - 1) / 2, size) +
         TorchscriptForm::returned(form.fill("x / (squares * {alpha} + {k}).pow({beta})"));
}

std::string power_average_pool(const TorchscriptForm& form) {
  const std::size_t axes = axes_of(form.call());
  std::int64_t count = 1;
  for (const std::int64_t size : form.numbers("kernel_size", axes)) count *= size;
  return fmt::format("    means = torch.avg_pool{}d(x.pow(", axes) +
         form.fill("{norm_type}), {kernel_size}, {stride}, ") +
         fmt::format("{}, ", torchscript_literal(Integers(axes, 0))) + form.fill("{ceil_mode})\n") +
         TorchscriptForm::returned(
             fmt::format("(torch.sign(means) * torch.relu(torch.abs(means))).mul({}).pow(1.0 / ", count) +
             form.fill("{norm_type})"));
}

std::string upsampled(const TorchscriptForm& form) {
  static const std::map<std::string_view, std::string_view> kinds = {{"nearest", "upsample_nearest"},
                                                                     {"linear", "upsample_linear"},
                                                                     {"bilinear", "upsample_bilinear"},
                                                                     {"trilinear", "upsample_trilinear"},
                                                                     {"bicubic", "upsample_bicubic"}};
  const std::string mode = form.text("mode");
  const Value* scale = form.call().find("scale_factor");
  const Value* size = form.call().find("size");
  std::size_t axes = mode == "linear" ? 1 : mode == "trilinear" ? 3 : 2;
  for (const Value* list : {scale, size}) {
    if (const auto* sizes = list ? std::get_if<Integers>(list) : nullptr) axes = sizes->size();
    if (const auto* sizes = list ? std::get_if<Reals>(list) : nullptr) axes = sizes->size();
  }
  Reals scales;
  if (const auto* reals = scale ? std::get_if<Reals>(scale) : nullptr) scales = *reals;
  if (const auto* wholes = scale ? std::get_if<Integers>(scale) : nullptr)
    scales.assign(wholes->begin(), wholes->end());
  if (const auto* real = scale ? std::get_if<double>(scale) : nullptr) scales.assign(axes, *real);
  if (const auto* whole = scale ? std::get_if<std::int64_t>(scale) : nullptr)
    scales.assign(axes, static_cast<double>(*whole));
  const auto kind = kinds.find(mode.empty() ? "nearest" : mode);
  const std::string corners = kind->first == "nearest" ? "" : form.flag("align_corners") ? "True, " : "False, ";
  return TorchscriptForm::returned(fmt::format("torch.{}{}d(x, {}, {}{})", kind->second, axes,
                                               size ? form.fill("{size}") : "None", corners,
                                               scales.empty() ? "None" : torchscript_literal(scales)));
}

std::string gaussian_noise(const TorchscriptForm& form) {
  return "    if self.training:\n" + form.fill("        x = x + torch.randn_like(x) * {std}\n") +
         TorchscriptForm::returned("x");
}

const TorchscriptTable& bodies() {
  static const TorchscriptTable table = [] {
    TorchscriptTable rows = {
        {"BatchNorm1d", batch_norm},
        {"BatchNorm2d", batch_norm},
        {"BatchNorm3d", batch_norm},
        {"Conv1d", convolution},
        {"Conv2d", convolution},
        {"Conv3d", convolution},
        {"ConvTranspose1d", transposed_convolution},
        {"ConvTranspose2d", transposed_convolution},
        {"ConvTranspose3d", transposed_convolution},
        {"InstanceNorm1d", instance_norm},
        {"InstanceNorm2d", instance_norm},
        {"InstanceNorm3d", instance_norm},
        {"LPPool1d", power_average_pool},
        {"LPPool2d", power_average_pool},
        {"LocalResponseNorm", response_norm},
        {"Upsample", upsampled},
        {"netwright.GaussianNoise", gaussian_noise},
    };
    add_sequence_forms(rows);
    return rows;
  }();
  return table;
}

}  // namespace

Result<std::string> torchscript_forward(const NnCall& call, std::size_t inputs,
                                        const std::vector<std::string>& weights) {
  const TorchscriptForm form(call, weights, inputs);
  if (const auto it = expressions().find(call.name); it != expressions().end())
    return TorchscriptForm::returned(form.fill(it->second));
  if (const auto it = bodies().find(call.name); it != bodies().end()) return it->second(form);
  return Error{fmt::format("{} can't be written as TorchScript yet.", call.name)};
}

std::string torchscript_expression(const NnCall& call, const std::vector<std::string>& inputs) {
  if (call.name == "netwright.reparameterize") {
    return fmt::format(
        "{0} + (torch.exp({1} * 0.5) * torch.randn_like({0}) if self.training else torch.zeros_like({0}))", inputs[0],
        inputs[1]);
  }
  if (call.name == "netwright.scaled_dot_product") {
    const std::string scores =
        fmt::format("torch.matmul({0}, {1}.transpose(-2, -1)) / ({0}.size(-1) ** 0.5)", inputs[0], inputs[1]);
    if (const Value* causal = call.find("is_causal"); !causal || *causal != Value(true))
      return fmt::format("torch.matmul(torch.softmax({}, -1), {})", scores, inputs[2]);
    return fmt::format(
        "torch.matmul(torch.softmax(({0}).masked_fill(torch.ones([{1}.size(-2), {2}.size(-2)], device={1}.device)"
        ".triu(1) > 0, float(\"-inf\")), -1), {3})",
        scores, inputs[0], inputs[1], inputs[2]);
  }
  if (call.name == "torch.nn.functional.pad") {
    const Value* value = call.find("value");
    const Value* given = call.find("mode");
    const std::string mode = given ? std::get<std::string>(*given) : "constant";
    std::string text = fmt::format(", {}, {}", torchscript_literal(*call.find("pad")), python_literal(mode));
    if (mode == "constant") return fmt::format("torch.pad({}{}, value={})", inputs[0], text, python_literal(*value));
    // Only real numbers are mirrored.
    return fmt::format("torch.pad({0}.double(){1}).to({0}.dtype)", inputs[0], text);
  }
  return pytorch_expression(call, {}, inputs);
}

}  // namespace netwright
