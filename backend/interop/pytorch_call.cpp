#include "backend/interop/pytorch_call.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

#include "backend/interop/pytorch_defaults.h"

namespace netwright {

namespace {

std::string real_literal(double value) {
  if (std::isnan(value)) return "float(\"nan\")";
  if (std::isinf(value)) return value > 0 ? "float(\"inf\")" : "-float(\"inf\")";
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string text_literal(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (c == '\n') {
      quoted += "\\n";
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

template <class List, class Literal>
std::string tuple_literal(const List& list, Literal literal) {
  std::vector<std::string> items;
  for (const auto& item : list) items.push_back(literal(item));
  return fmt::format("({}{})", fmt::join(items, ", "), items.size() == 1 ? "," : "");
}

/// One number where the list repeats it, for arguments that PyTorch takes both ways.
Value collapsed(const Value& value) {
  const auto first_of_equal = [](const auto& list) -> std::optional<Value> {
    if (list.empty() || std::any_of(list.begin(), list.end(), [&](auto x) { return x != list.front(); })) return {};
    return Value(list.front());
  };
  if (const auto* list = std::get_if<Integers>(&value)) return first_of_equal(*list).value_or(value);
  if (const auto* list = std::get_if<Reals>(&value)) return first_of_equal(*list).value_or(value);
  return value;
}

bool takes_one_for_all(std::string_view argument) {
  static const std::set<std::string_view> names = {"kernel_size",    "stride",      "padding",      "dilation",
                                                   "output_padding", "output_size", "scale_factor", "size"};
  return names.contains(argument);
}

/// Arguments that go without saying their name when they come first.
bool is_usual_first(std::string_view argument) {
  static const std::set<std::string_view> names = {"in_channels",
                                                   "out_channels",
                                                   "in_features",
                                                   "out_features",
                                                   "in1_features",
                                                   "in2_features",
                                                   "num_features",
                                                   "num_embeddings",
                                                   "embedding_dim",
                                                   "input_size",
                                                   "hidden_size",
                                                   "embed_dim",
                                                   "num_heads",
                                                   "d_model",
                                                   "nhead",
                                                   "num_groups",
                                                   "num_channels",
                                                   "normalized_shape",
                                                   "output_size",
                                                   "kernel_size",
                                                   "p",
                                                   "std",
                                                   "threshold",
                                                   "value",
                                                   "max_len",
                                                   "shape",
                                                   "norm_type",
                                                   "upscale_factor",
                                                   "downscale_factor",
                                                   "groups",
                                                   "dim",
                                                   "unflattened_size",
                                                   "size"};
  return names.contains(argument);
}

bool is_same(const Value& a, const Value& b) {
  const Value x = collapsed(a);
  const Value y = collapsed(b);
  const auto number = [](const Value& value) -> std::optional<double> {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
    if (const auto* real = std::get_if<double>(&value)) return *real;
    return {};
  };
  if (number(x) && number(y)) return number(x) == number(y);
  return x == y;
}

std::string joined(const std::vector<std::string>& inputs, const char* separator) {
  return fmt::format("{}", fmt::join(inputs, separator));
}

Integers integers(const NnCall& call, std::string_view argument) {
  const Value* value = call.find(argument);
  if (!value) return {};
  if (const auto* number = std::get_if<std::int64_t>(value)) return {*number};
  const auto* list = std::get_if<Integers>(value);
  return list ? *list : Integers();
}

std::int64_t integer(const NnCall& call, std::string_view argument, std::int64_t fallback) {
  const Integers list = integers(call, argument);
  return list.size() == 1 ? list.front() : fallback;
}

std::string literal(const NnCall& call, std::string_view argument) {
  const Value* value = call.find(argument);
  return value ? python_literal(*value) : "None";
}

/// `x[:, :, 1:5]`.
std::string sliced(const NnCall& call, const std::string& input) {
  const std::int64_t dim = integer(call, "dim", 1);
  const std::int64_t start = integer(call, "start", 0);
  const Value* end = call.find("end");
  const std::int64_t step = integer(call, "step", 1);
  constexpr std::int64_t beyond = std::int64_t{1} << 30;
  const std::int64_t last = end && std::holds_alternative<std::int64_t>(*end) ? std::get<std::int64_t>(*end) : beyond;
  std::string range = start == 0 ? ":" : fmt::format("{}:", start);
  if (last < beyond) range += std::to_string(last);
  if (step != 1) range += fmt::format(":{}", step);
  std::string index;
  if (dim >= 0) {
    for (std::int64_t axis = 0; axis < dim; ++axis) index += ":, ";
    index += range;
  } else {
    index = "..., " + range;
    for (std::int64_t axis = dim + 1; axis < 0; ++axis) index += ", :";
  }
  return fmt::format("{}[{}]", input, index);
}

std::string nested(const char* function, const std::vector<std::string>& inputs) {
  std::string text = inputs.front();
  for (std::size_t i = 1; i < inputs.size(); ++i) text = fmt::format("{}({}, {})", function, text, inputs[i]);
  return text;
}

/// `x.mean(dim=(2, 3))`.
std::string reduced(const char* method, const NnCall& call, const std::string& input) {
  const Integers dims = integers(call, "dim");
  const std::string dim = dims.size() == 1 ? std::to_string(dims.front()) : python_literal(dims);
  const Value* keepdim = call.find("keepdim");
  return fmt::format("{}.{}(dim={}{})", input, method, dim, keepdim && *keepdim == Value(true) ? ", keepdim=True" : "");
}

std::string listed(const Integers& numbers) {
  return fmt::format("{}", fmt::join(numbers, ", "));
}

std::string padded(const NnCall& call, const std::string& input) {
  const Value* mode = call.find("mode");
  const bool is_constant = !mode || *mode == Value(std::string("constant"));
  std::string text = fmt::format("F.pad({}, {}", input, literal(call, "pad"));
  if (!is_constant) text += ", mode=" + python_literal(*mode);
  const Value* value = call.find("value");
  if (is_constant && value && !is_same(*value, 0.0)) text += ", value=" + python_literal(*value);
  return text + ")";
}

using Write = std::string (*)(const NnCall&, const std::vector<std::string>&);

const std::map<std::string_view, Write>& function_table() {
  using Inputs = std::vector<std::string>;
  static const std::map<std::string_view, Write> table = {
      {"operator.add", [](const NnCall&, const Inputs& x) { return joined(x, " + "); }},
      {"operator.mul", [](const NnCall&, const Inputs& x) { return joined(x, " * "); }},
      {"operator.sub", [](const NnCall&, const Inputs& x) { return joined(x, " - "); }},
      {"operator.truediv", [](const NnCall&, const Inputs& x) { return joined(x, " / "); }},
      {"torch.maximum", [](const NnCall&, const Inputs& x) { return nested("torch.maximum", x); }},
      {"netwright.average",
       [](const NnCall&, const Inputs& x) { return fmt::format("({}) / {}", joined(x, " + "), x.size()); }},
      {"torch.cat",
       [](const NnCall& call, const Inputs& x) {
         return fmt::format("torch.cat(({}), dim={})", joined(x, ", "), integer(call, "dim", 0));
       }},
      {"torch.matmul", [](const NnCall&, const Inputs& x) { return joined(x, " @ "); }},
      {"netwright.scaled_dot_product",
       [](const NnCall& call, const Inputs& x) {
         const Value* causal = call.find("is_causal");
         const bool is_causal = causal && *causal == Value(true);
         return fmt::format("scaled_dot_product({}{})", joined(x, ", "), is_causal ? ", is_causal=True" : "");
       }},
      {"torch.mean", [](const NnCall& call, const Inputs& x) { return reduced("mean", call, x[0]); }},
      {"torch.sum", [](const NnCall& call, const Inputs& x) { return reduced("sum", call, x[0]); }},
      {"torch.amax", [](const NnCall& call, const Inputs& x) { return reduced("amax", call, x[0]); }},
      {"netwright.affine",
       [](const NnCall& call, const Inputs& x) {
         const Value* scale = call.find("scale");
         const Value* shift = call.find("shift");
         std::string text = x[0];
         if (scale && !is_same(*scale, 1.0)) text = fmt::format("{} * {}", text, python_literal(*scale));
         if (shift && !is_same(*shift, 0.0)) text = fmt::format("{} + {}", text, python_literal(*shift));
         return text;
       }},
      {"netwright.constant",
       [](const NnCall& call, const Inputs& x) {
         return fmt::format("torch.full(({0}.size(0), {1}), {2}, device={0}.device)", x[0],
                            listed(integers(call, "shape")), literal(call, "value"));
       }},
      {"netwright.reparameterize",
       [](const NnCall&, const Inputs& x) { return fmt::format("reparameterize({}, {}, self.training)", x[0], x[1]); }},
      {"torch.reshape",
       [](const NnCall& call, const Inputs& x) {
         return fmt::format("{0}.reshape({0}.size(0), {1})", x[0], listed(integers(call, "shape")));
       }},
      {"torch.permute",
       [](const NnCall& call, const Inputs& x) {
         return fmt::format("{}.permute({})", x[0], listed(integers(call, "dims")));
       }},
      {"torch.squeeze",
       [](const NnCall& call, const Inputs& x) { return fmt::format("{}.squeeze({})", x[0], literal(call, "dim")); }},
      {"torch.unsqueeze",
       [](const NnCall& call, const Inputs& x) { return fmt::format("{}.unsqueeze({})", x[0], literal(call, "dim")); }},
      {"netwright.slice", [](const NnCall& call, const Inputs& x) { return sliced(call, x[0]); }},
      {"torch.select",
       [](const NnCall& call, const Inputs& x) {
         return fmt::format("{}.select({}, {})", x[0], literal(call, "dim"), literal(call, "index"));
       }},
      {"torch.split",
       [](const NnCall& call, const Inputs& x) {
         return fmt::format("{}.split(({},), dim={})", x[0], listed(integers(call, "split_sizes")),
                            literal(call, "dim"));
       }},
      {"torch.chunk",
       [](const NnCall& call, const Inputs& x) {
         return fmt::format("{}.chunk({}, dim={})", x[0], literal(call, "chunks"), literal(call, "dim"));
       }},
      {"torch.nn.functional.pad", [](const NnCall& call, const Inputs& x) { return padded(call, x[0]); }},
      {"netwright.expand",
       [](const NnCall& call, const Inputs& x) {
         return fmt::format("{}.expand(-1, {})", x[0], listed(integers(call, "shape")));
       }},
  };
  return table;
}

/// Of what a recurrent module returns, the part that the layer gives on.
std::string recurrent(const NnCall& call, const std::string& result) {
  const Value* wanted = call.find_forward("output");
  if (!wanted || *wanted == Value(std::string("sequence"))) return result + "[0]";
  if (*wanted == Value(std::string("last output"))) return result + "[0][:, -1]";
  const std::string hidden = result + (call.name == "LSTM" ? "[1][0]" : "[1]");
  const Value* both = call.find("bidirectional");
  const bool is_bidirectional = both && *both == Value(true);
  return hidden + (is_bidirectional ? "[-2:].transpose(0, 1).flatten(1)" : "[-1]");
}

bool is_causal(const NnCall& call) {
  const Value* causal = call.find_forward("is_causal");
  return causal && *causal == Value(true);
}

std::string attention(const NnCall& call, const std::string& module, const std::vector<std::string>& inputs) {
  const std::string& query = inputs.front();
  const std::string& key = inputs.size() > 1 ? inputs[1] : query;
  const Value* bias = call.find("bias");
  // The same tensor thrice takes a fast way that, without a bias, fails in PyTorch 1.13.
  const bool has_bias = !bias || *bias == Value(true);
  const bool is_fast = !has_bias && query == key && query == inputs.back();
  const std::string value = is_fast ? query + "[:]" : inputs.back();
  const std::string mask = is_causal(call) ? fmt::format(", attn_mask=causal_mask({}, {})", query, key) : "";
  return fmt::format("{}({}, {}, {}, need_weights=False{})[0]", module, query, key, value, mask);
}

}  // namespace

std::string python_literal(const Value& value) {
  struct Write {
    std::string operator()(bool flag) const { return flag ? "True" : "False"; }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(double number) const { return real_literal(number); }
    std::string operator()(const std::string& text) const { return text_literal(text); }
    std::string operator()(const Integers& list) const {
      return tuple_literal(list, [](std::int64_t number) { return std::to_string(number); });
    }
    std::string operator()(const Reals& list) const { return tuple_literal(list, real_literal); }
  };
  return std::visit(Write(), value);
}

std::string to_text(const PytorchConstructor& constructor) {
  std::vector<std::string> arguments;
  for (const PytorchArgument& argument : constructor.arguments) {
    arguments.push_back(argument.is_positional ? argument.text : argument.name + "=" + argument.text);
  }
  return fmt::format("{}({})", constructor.callee, fmt::join(arguments, ", "));
}

PytorchConstructor pytorch_constructor(const NnCall& call) {
  constexpr std::string_view own = "netwright.";
  const bool is_own = call.name.starts_with(own);
  PytorchConstructor constructor{is_own ? call.name.substr(own.size()) : "nn." + call.name, {}};
  bool is_positional = true;
  for (const auto& [name, value] : call.arguments) {
    const Value* usual = pytorch_default(call, name);
    if (usual && is_same(*usual, value)) {
      is_positional = false;
      continue;
    }
    is_positional = is_positional && constructor.arguments.size() < 2 && is_usual_first(name);
    // Softmax(dim=1) says more than Softmax(1); only Unflatten's is followed by another.
    if (name == "dim" && call.arguments.size() == 1) is_positional = false;
    const bool is_one =
        takes_one_for_all(name) || (name == "normalized_shape" && std::holds_alternative<Integers>(value) &&
                                    std::get<Integers>(value).size() == 1);
    constructor.arguments.push_back({name, python_literal(is_one ? collapsed(value) : value), is_positional});
  }
  return constructor;
}

std::string pytorch_expression(const NnCall& call, const std::string& module, const std::vector<std::string>& inputs) {
  if (call.is_module()) {
    const std::string result = fmt::format("{}({})", module, joined(inputs, ", "));
    if (call.find_forward("output")) return recurrent(call, result);
    if (call.name == "MultiheadAttention") return attention(call, module, inputs);
    if (is_causal(call)) return fmt::format("{0}({1}, causal_mask({1}, {1}))", module, inputs[0]);
    return result;
  }
  if (const auto it = function_table().find(call.name); it != function_table().end()) return it->second(call, inputs);
  std::string text = fmt::format("{}({}", call.name, joined(inputs, ", "));
  for (const auto& [name, value] : call.arguments) text += fmt::format(", {}={}", name, python_literal(value));
  return text + ")";
}

bool is_plain_module(const NnCall& call) {
  return call.is_module() && call.forward.empty() && call.name != "MultiheadAttention" &&
         call.name != "netwright.Parameter";
}

}  // namespace netwright
