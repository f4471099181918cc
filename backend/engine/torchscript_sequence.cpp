#include <fmt/format.h>
#include <fmt/ranges.h>

#include "backend/engine/torchscript_form.h"

namespace netwright {

namespace {

std::string recurrent(const TorchscriptForm& form) {
  std::vector<std::string> flat;
  for (const std::string& weight : form.weights()) flat.push_back("self." + weight);
  const std::int64_t layers = form.number("num_layers");
  const std::int64_t directions = form.flag("bidirectional") ? 2 : 1;
  const std::int64_t hidden = form.number("hidden_size");
  const Value* projection = form.call().find("proj_size");
  const auto* projected = projection ? std::get_if<std::int64_t>(projection) : nullptr;
  const auto zeros = [&](std::int64_t width) {
    return fmt::format("torch.zeros([{}, x.size(0), {}], dtype=x.dtype, device=x.device)", layers * directions, width);
  };
  std::string state = zeros(projected && *projected > 0 ? *projected : hidden);
  std::string function = form.call().name == "GRU" ? "gru" : "rnn_" + form.text("nonlinearity");
  std::string results = "y, h";
  if (form.call().name == "LSTM") {
    function = "lstm";
    state = fmt::format("[{}, {}]", state, zeros(hidden));
    results = "y, h, c";
  }
  std::string body = fmt::format("    {} = torch.{}(x, {}, [{}], {}, ", results, function, state, fmt::join(flat, ", "),
                                 form.flag("bias") ? "True" : "False") +
                     form.fill("{num_layers}, {dropout}, self.training, {bidirectional}, True)\n");
  const Value* output = form.call().find_forward("output");
  if (!output || *output == Value(std::string("sequence"))) return body + TorchscriptForm::returned("y");
  if (*output == Value(std::string("last output"))) return body + TorchscriptForm::returned("y[:, -1]");
  return body + TorchscriptForm::returned(directions == 2 ? "h[-2:].transpose(0, 1).flatten(1)" : "h[-1]");
}

std::string embedding_bag(const TorchscriptForm& form) {
  return "    offsets = torch.arange(0, x.numel(), x.size(1), device=x.device)\n" + form.fill("    mode = {mode}\n") +
         "    number = 0 if mode == \"sum\" else 1 if mode == \"mean\" else 2\n" +
         form.fill("    padding: Optional[int] = {padding_idx}\n") +
         TorchscriptForm::returned(
             form.fill("torch.embedding_bag({weight}, x.reshape(-1), offsets, False, number, False, None, False, "
                       "padding)[0]"));
}

std::string additive_attention(const TorchscriptForm& form) {
  return form.fill(
             "    scores = torch.linear(torch.tanh(torch.linear(x, {proj.weight}, {proj.bias})), {score.weight}, "
             "{score.bias})\n") +
         TorchscriptForm::returned("(torch.softmax(scores, 1) * x).sum([1])");
}

/// Multi-head attention (Vaswani et al. 2017) of the variables q, k and v into `result`; the weights' names begin with
/// `prefix`.
std::string attended(const TorchscriptForm& form, const std::string& prefix, const std::string& heads,
                     const std::string& dropout, bool is_causal, const std::string& result) {
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

bool is_causal(const TorchscriptForm& form) {
  const Value* causal = form.call().find_forward("is_causal");
  return causal && *causal == Value(true);
}

std::string attention(const TorchscriptForm& form) {
  const std::string start = form.inputs() == 1   ? "    q, k, v = x, x, x\n"
                            : form.inputs() == 2 ? "    q, k, v = x, y, y\n"
                                                 : "    q, k, v = x, y, z\n";
  const std::string dropout = form.call().find("dropout") ? form.fill("{dropout}") : "0.0";
  return start + attended(form, "", form.fill("{num_heads}"), dropout, is_causal(form), "result") +
         TorchscriptForm::returned("result");
}

std::string encoder_layer(const TorchscriptForm& form) {
  const std::string dropout = form.fill("{dropout}");
  const std::string activation = form.text("activation") == "gelu" ? "torch.gelu" : "torch.relu";
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
  const std::string attend = attended(form, "self_attn.", form.fill("{nhead}"), dropout, is_causal(form), "attended");
  if (form.flag("norm_first")) {
    return fmt::format("    q = {}\n    k, v = q, q\n", normed(1, "x")) + attend +
           fmt::format("    x = x + {}\n    return x + {}\n", dropped("attended"), fed(normed(2, "x")));
  }
  return "    q, k, v = x, x, x\n" + attend +
         fmt::format("    x = {}\n    return {}\n", normed(1, "x + " + dropped("attended")),
                     normed(2, "x + " + fed("x")));
}

}  // namespace

void add_sequence_forms(TorchscriptTable& table) {
  table.merge(TorchscriptTable{
      {"Embedding",
       [](const TorchscriptForm& form) {
         return TorchscriptForm::returned(form.fill("torch.embedding({weight}, x)"));
       }},
      {"EmbeddingBag", embedding_bag},
      {"GRU", recurrent},
      {"LSTM", recurrent},
      {"MultiheadAttention", attention},
      {"RNN", recurrent},
      {"TransformerEncoderLayer", encoder_layer},
      {"netwright.AdditiveAttention", additive_attention},
  });
}

}  // namespace netwright
