#include "backend/engine/torchscript_forms.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "backend/interop/pytorch_call.h"

namespace netwright {

namespace {

/// Lists in brackets: a tuple is no list of sizes everywhere in TorchScript.
std::string literal(const Value& value) {
  const auto bracketed = [](const auto& list) {
    std::vector<std::string> items;
    for (const auto& item : list) items.push_back(python_literal(item));
    return fmt::format("[{}]", fmt::join(items, ", "));
  };
  if (const auto* list = std::get_if<Integers>(&value)) return bracketed(*list);
  if (const auto* list = std::get_if<Reals>(&value)) return bracketed(*list);
  return python_literal(value);
}

/// Replaces `{name}`: by a weight (`self.name`, or None where the layer has none), an argument, or nothing.
class Form {
 public:
  Form(const NnCall& call, const std::vector<std::string>& weights) : call_(call), weights_(weights) {}

  bool has(std::string_view weight) const {
    return std::find(weights_.begin(), weights_.end(), weight) != weights_.end();
  }

  std::string fill(std::string_view text) const {
    std::string filled;
    while (!text.empty()) {
      const std::size_t open = text.find('{');
      filled += text.substr(0, open);
      if (open == std::string_view::npos) break;
      const std::size_t close = text.find('}', open);
      filled += value_of(text.substr(open + 1, close - open - 1));
      text.remove_prefix(close + 1);
    }
    return filled;
  }

 private:
  std::string value_of(std::string_view name) const {
    if (const Value* argument = call_.find(name); argument && !is_weight_switch(name)) return literal(*argument);
    if (has(name)) return fmt::format("self.{}", name);
    return "None";
  }

  /// `bias` is an argument that says whether there is one, and the weight itself.
  static bool is_weight_switch(std::string_view name) { return name == "bias"; }

  const NnCall& call_;
  const std::vector<std::string>& weights_;
};

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

Integers numbers(const NnCall& call, std::string_view argument, std::size_t count) {
  const Value* value = call.find(argument);
  if (const auto* list = value ? std::get_if<Integers>(value) : nullptr; list && list->size() == count) return *list;
  const auto* number = value ? std::get_if<std::int64_t>(value) : nullptr;
  return Integers(count, number ? *number : 1);
}

std::string text_of(const NnCall& call, std::string_view argument) {
  const Value* value = call.find(argument);
  const auto* text = value ? std::get_if<std::string>(value) : nullptr;
  return text ? *text : std::string();
}

bool flag(const NnCall& call, std::string_view argument) {
  const Value* value = call.find(argument);
  return value && *value == Value(true);
}

std::string returned(const std::string& expression) {
  return "    return " + expression + "\n";
}

std::string convolution(const NnCall& call, const Form& form) {
  const std::size_t axes = axes_of(call);
  const std::string mode = text_of(call, "padding_mode");
  const std::string convolved = fmt::format("torch.conv{}d(x, ", axes) + "{weight}, {bias}, {stride}, ";
  if (mode.empty() || mode == "zeros") return returned(form.fill(convolved + "{padding}, {dilation}, {groups})"));
  // The last axis first, before and after.
  Integers amounts;
  const bool is_same = text_of(call, "padding") == "same";
  const Integers kernel = numbers(call, "kernel_size", axes);
  const Integers dilation = numbers(call, "dilation", axes);
  const Integers padding = numbers(call, "padding", axes);
  for (std::size_t axis = axes; axis-- > 0;) {
    const std::int64_t total = is_same ? dilation[axis] * (kernel[axis] - 1) : 2 * padding[axis];
    amounts.push_back(total / 2);
    amounts.push_back(total - total / 2);
  }
  return fmt::format("    x = torch.pad(x, {}, {})\n", literal(amounts), python_literal(mode)) +
         returned(form.fill(convolved + literal(Integers(axes, 0)) + ", {dilation}, {groups})"));
}

std::string transposed_convolution(const NnCall& call, const Form& form) {
  return returned(fmt::format("torch.conv_transpose{}d(x, ", axes_of(call)) +
                  form.fill("{weight}, {bias}, {stride}, {padding}, {output_padding}, {groups}, {dilation})"));
}

std::string batch_norm(const NnCall&, const Form& form) {
  if (!form.has("running_mean"))
    return returned(form.fill("torch.batch_norm(x, {weight}, {bias}, None, None, True, {momentum}, {eps}, True)"));
  return "    if self.training:\n"
         "        self.num_batches_tracked.add_(1)\n" +
         returned(form.fill("torch.batch_norm(x, {weight}, {bias}, {running_mean}, {running_var}, self.training, "
                            "{momentum}, {eps}, True)"));
}

std::string instance_norm(const NnCall&, const Form& form) {
  const char* const own = form.has("running_mean") ? "self.training" : "True";
  return returned(form.fill("torch.instance_norm(x, {weight}, {bias}, {running_mean}, {running_var}, ") + own +
                  form.fill(", {momentum}, {eps}, True)"));
}

/// The mean of squares over neighbouring channels, as an average over a further axis.
std::string response_norm(const NnCall& call, const Form& form) {
  const std::int64_t size = numbers(call, "size", 1).front();
  return fmt::format(
             "    squares = torch.pad(x.mul(x).unsqueeze(1).flatten(3), [0, 0, {}, {}])\n"
             "    squares = torch.avg_pool2d(squares, [{}, 1], [1, 1]).squeeze(1).reshape(x.size())\n",
             size / 2, (size - 1) / 2, size) +
         returned(form.fill("x / (squares * {alpha} + {k}).pow({beta})"));
}

std::string power_average_pool(const NnCall& call, const Form& form) {
  const std::size_t axes = axes_of(call);
  std::int64_t count = 1;
  for (const std::int64_t size : numbers(call, "kernel_size", axes)) count *= size;
  return fmt::format("    means = torch.avg_pool{}d(x.pow(", axes) +
         form.fill("{norm_type}), {kernel_size}, {stride}, ") + fmt::format("{}, ", literal(Integers(axes, 0))) +
         form.fill("{ceil_mode})\n") +
         returned(fmt::format("(torch.sign(means) * torch.relu(torch.abs(means))).mul({}).pow(1.0 / ", count) +
                  form.fill("{norm_type})"));
}

std::string upsampled(const NnCall& call, const Form& form) {
  static const std::map<std::string_view, std::string_view> kinds = {{"nearest", "upsample_nearest"},
                                                                     {"linear", "upsample_linear"},
                                                                     {"bilinear", "upsample_bilinear"},
                                                                     {"trilinear", "upsample_trilinear"},
                                                                     {"bicubic", "upsample_bicubic"}};
  const std::string mode = text_of(call, "mode");
  const Value* scale = call.find("scale_factor");
  const Value* size = call.find("size");
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
  const std::string corners = kind->first == "nearest" ? "" : flag(call, "align_corners") ? "True, " : "False, ";
  return returned(fmt::format("torch.{}{}d(x, {}, {}{})", kind->second, axes, size ? form.fill("{size}") : "None",
                              corners, scales.empty() ? "None" : literal(scales)));
}

std::string recurrent(const NnCall& call, const Form& form, const std::vector<std::string>& weights) {
  std::vector<std::string> flat;
  for (const std::string& weight : weights) flat.push_back("self." + weight);
  const std::int64_t layers = numbers(call, "num_layers", 1).front();
  const std::int64_t directions = flag(call, "bidirectional") ? 2 : 1;
  const std::int64_t hidden = numbers(call, "hidden_size", 1).front();
  const Value* projection = call.find("proj_size");
  const auto* projected = projection ? std::get_if<std::int64_t>(projection) : nullptr;
  const auto zeros = [&](std::int64_t width) {
    return fmt::format("torch.zeros([{}, x.size(0), {}], dtype=x.dtype, device=x.device)", layers * directions, width);
  };
  std::string state = zeros(projected && *projected > 0 ? *projected : hidden);
  std::string function = call.name == "GRU" ? "gru" : "rnn_" + text_of(call, "nonlinearity");
  std::string results = "y, h";
  if (call.name == "LSTM") {
    function = "lstm";
    state = fmt::format("[{}, {}]", state, zeros(hidden));
    results = "y, h, c";
  }
  std::string body = fmt::format("    {} = torch.{}(x, {}, [{}], {}, ", results, function, state, fmt::join(flat, ", "),
                                 flag(call, "bias") ? "True" : "False") +
                     form.fill("{num_layers}, {dropout}, self.training, {bidirectional}, True)\n");
  const Value* output = call.find_forward("output");
  if (!output || *output == Value(std::string("sequence"))) return body + returned("y");
  if (*output == Value(std::string("last output"))) return body + returned("y[:, -1]");
  return body + returned(directions == 2 ? "h[-2:].transpose(0, 1).flatten(1)" : "h[-1]");
}

std::string embedding_bag(const NnCall&, const Form& form) {
  return "    offsets = torch.arange(0, x.numel(), x.size(1), device=x.device)\n" + form.fill("    mode = {mode}\n") +
         "    number = 0 if mode == \"sum\" else 1 if mode == \"mean\" else 2\n" +
         form.fill("    padding: Optional[int] = {padding_idx}\n") +
         returned(form.fill("torch.embedding_bag({weight}, x.reshape(-1), offsets, False, number, False, None, False, "
                            "padding)[0]"));
}

std::string additive_attention(const NnCall&, const Form& form) {
  return form.fill(
             "    scores = torch.linear(torch.tanh(torch.linear(x, {proj.weight}, {proj.bias})), {score.weight}, "
             "{score.bias})\n") +
         returned("(torch.softmax(scores, 1) * x).sum([1])");
}

/// Multi-head attention (Vaswani et al. 2017) of the variables q, k and v into `result`; the weights' names begin with
/// `prefix`.
std::string attended(const Form& form, const std::string& prefix, const std::string& heads, const std::string& dropout,
                     bool is_causal, const std::string& result) {
  const auto weight = [&](const std::string& name) { return form.fill("{" + prefix + name + "}"); };
  std::string body;
  const char* const names[] = {"q", "k", "v"};
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string rows = fmt::format(".chunk(3)[{}]", i);
    const std::string name = names[i];
    const std::string matrix =
        form.has(prefix + "in_proj_weight") ? weight("in_proj_weight") + rows : weight(name + "_proj_weight");
    const std::string bias = form.has(prefix + "in_proj_bias") ? weight("in_proj_bias") + rows : "None";
    body += fmt::format("    {0} = torch.linear({0}, {1}, {2})\n", name, matrix, bias);
    body += fmt::format("    {0} = {0}.reshape([{0}.size(0), {0}.size(1), {1}, -1]).transpose(1, 2)\n", name, heads);
  }
  body += "    scores = torch.matmul(q, k.transpose(-2, -1)) / (q.size(-1) ** 0.5)\n";
  if (is_causal) {
    body +=
        "    later = torch.ones([q.size(2), k.size(2)], device=q.device).triu(1) > 0\n"
        "    scores = scores.masked_fill(later, float(\"-inf\"))\n";
  }
  body += fmt::format("    shares = torch.dropout(torch.softmax(scores, -1), {}, self.training)\n", dropout);
  body += fmt::format("    {} = torch.linear(torch.matmul(shares, v).transpose(1, 2).flatten(2), {}, {})\n", result,
                      weight("out_proj.weight"), weight("out_proj.bias"));
  return body;
}

bool is_causal(const NnCall& call) {
  const Value* causal = call.find_forward("is_causal");
  return causal && *causal == Value(true);
}

std::string attention(const NnCall& call, const Form& form, std::size_t inputs) {
  const std::string start = inputs == 1   ? "    q, k, v = x, x, x\n"
                            : inputs == 2 ? "    q, k, v = x, y, y\n"
                                          : "    q, k, v = x, y, z\n";
  const std::string dropout = call.find("dropout") ? form.fill("{dropout}") : "0.0";
  return start + attended(form, "", form.fill("{num_heads}"), dropout, is_causal(call), "result") + returned("result");
}

std::string encoder_layer(const NnCall& call, const Form& form) {
  const std::string dropout = form.fill("{dropout}");
  const std::string activation = text_of(call, "activation") == "gelu" ? "torch.gelu" : "torch.relu";
  const auto normed = [&](int which, const std::string& value) {
    return fmt::format("torch.layer_norm({0}, [x.size(-1)], self.norm{1}.weight, self.norm{1}.bias, {2}, True)", value,
                       which, form.fill("{layer_norm_eps}"));
  };
  const auto dropped = [&](const std::string& value) {
    return fmt::format("torch.dropout({}, {}, self.training)", value, dropout);
  };
  const auto fed = [&](const std::string& value) {
    const std::string inner = dropped(
        fmt::format("{}(torch.linear({}, self.linear1.weight, {}))", activation, value, form.fill("{linear1.bias}")));
    return dropped(fmt::format("torch.linear({}, self.linear2.weight, {})", inner, form.fill("{linear2.bias}")));
  };
  const std::string attend = attended(form, "self_attn.", form.fill("{nhead}"), dropout, is_causal(call), "attended");
  if (flag(call, "norm_first")) {
    return fmt::format("    q = {}\n    k, v = q, q\n", normed(1, "x")) + attend +
           fmt::format("    x = x + {}\n    return x + {}\n", dropped("attended"), fed(normed(2, "x")));
  }
  return "    q, k, v = x, x, x\n" + attend +
         fmt::format("    x = {}\n    return {}\n", normed(1, "x + " + dropped("attended")),
                     normed(2, "x + " + fed("x")));
}

std::string gaussian_noise(const NnCall&, const Form& form) {
  return "    if self.training:\n" + form.fill("        x = x + torch.randn_like(x) * {std}\n") + returned("x");
}

using Write = std::string (*)(const NnCall&, const Form&);

const std::map<std::string_view, Write>& bodies() {
  static const std::map<std::string_view, Write> table = {
      {"BatchNorm1d", batch_norm},
      {"BatchNorm2d", batch_norm},
      {"BatchNorm3d", batch_norm},
      {"Conv1d", convolution},
      {"Conv2d", convolution},
      {"Conv3d", convolution},
      {"ConvTranspose1d", transposed_convolution},
      {"ConvTranspose2d", transposed_convolution},
      {"ConvTranspose3d", transposed_convolution},
      {"Embedding",
       [](const NnCall&, const Form& form) { return returned(form.fill("torch.embedding({weight}, x)")); }},
      {"EmbeddingBag", embedding_bag},
      {"InstanceNorm1d", instance_norm},
      {"InstanceNorm2d", instance_norm},
      {"InstanceNorm3d", instance_norm},
      {"LPPool1d", power_average_pool},
      {"LPPool2d", power_average_pool},
      {"LocalResponseNorm", response_norm},
      {"TransformerEncoderLayer", encoder_layer},
      {"Upsample", upsampled},
      {"netwright.AdditiveAttention", additive_attention},
      {"netwright.GaussianNoise", gaussian_noise},
  };
  return table;
}

}  // namespace

Result<std::string> torchscript_forward(const NnCall& call, std::size_t inputs,
                                        const std::vector<std::string>& weights) {
  const Form form(call, weights);
  if (call.name == "RNN" || call.name == "LSTM" || call.name == "GRU") return recurrent(call, form, weights);
  if (call.name == "MultiheadAttention") return attention(call, form, inputs);
  if (const auto it = expressions().find(call.name); it != expressions().end()) return returned(form.fill(it->second));
  if (const auto it = bodies().find(call.name); it != bodies().end()) return it->second(call, form);
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
    if (!flag(call, "is_causal")) return fmt::format("torch.matmul(torch.softmax({}, -1), {})", scores, inputs[2]);
    return fmt::format(
        "torch.matmul(torch.softmax(({0}).masked_fill(torch.ones([{1}.size(-2), {2}.size(-2)], device={1}.device)"
        ".triu(1) > 0, float(\"-inf\")), -1), {3})",
        scores, inputs[0], inputs[1], inputs[2]);
  }
  if (call.name == "torch.nn.functional.pad") {
    const Value* value = call.find("value");
    const std::string mode = text_of(call, "mode");
    std::string text = fmt::format(", {}, {}", literal(*call.find("pad")), python_literal(mode));
    if (mode == "constant") return fmt::format("torch.pad({}{}, value={})", inputs[0], text, python_literal(*value));
    // Only real numbers are mirrored.
    return fmt::format("torch.pad({0}.double(){1}).to({0}.dtype)", inputs[0], text);
  }
  return pytorch_expression(call, {}, inputs);
}

}  // namespace netwright
