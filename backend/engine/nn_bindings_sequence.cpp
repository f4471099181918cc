#include <fmt/format.h>

#include "backend/engine/attention.h"
#include "backend/engine/modules.h"
#include "backend/engine/nn_binding_table.h"

namespace netwright {

namespace {

namespace nn = torch::nn;
namespace rnn_utilities = torch::nn::utils::rnn;

template <class Options>
void set_padding(NnArguments& a, Options& options) {
  const std::int64_t padding = a.integer("padding_idx", -1);
  if (padding >= 0) options.padding_idx(padding);
}

Op embedding(NnArguments& a) {
  nn::EmbeddingOptions options(a.integer("num_embeddings"), a.integer("embedding_dim"));
  set_padding(a, options);
  return module_op(nn::Embedding(options));
}

Op embedding_bag(NnArguments& a) {
  nn::EmbeddingBagOptions options(a.integer("num_embeddings"), a.integer("embedding_dim"));
  const std::string mode = a.text("mode", "mean");
  if (mode == "mean") {
    options.mode(torch::kMean);
  } else if (mode == "sum") {
    options.mode(torch::kSum);
  } else if (mode == "max") {
    options.mode(torch::kMax);
  } else {
    throw BindingError(fmt::format("EmbeddingBag has no mode “{}”.", mode));
  }
  set_padding(a, options);
  nn::EmbeddingBag holder(options);
  Op op = module_op(holder);
  op.padded = [holder](const Tensors& x, const Sequences& sequences) mutable {
    Integers own;
    Integers starts;
    const Integers& lengths = sequences.axes.front().lengths->own();
    for (std::size_t text = 0; text < lengths.size(); ++text) {
      starts.push_back(static_cast<std::int64_t>(own.size()));
      for (std::int64_t word = 0; word < lengths[text]; ++word)
        own.push_back(static_cast<std::int64_t>(text) * x[0].size(1) + word);
    }
    const torch::Tensor words = x[0].flatten().index_select(0, torch::tensor(own, torch::kInt64).to(x[0].device()));
    return Tensors{holder->forward(words, torch::tensor(starts, torch::kInt64).to(x[0].device()))};
  };
  return op;
}

enum class Wanted { Sequence, LastOutput, LastHidden };

Wanted wanted(NnArguments& a) {
  const std::string output = a.forward_text("output", "sequence");
  if (output == "sequence") return Wanted::Sequence;
  if (output == "last output") return Wanted::LastOutput;
  if (output == "last hidden") return Wanted::LastHidden;
  throw BindingError(fmt::format("A recurrent layer has no output “{}”.", output));
}

template <class Options>
Options recurrent_options(NnArguments& a) {
  Options options(a.integer("input_size"), a.integer("hidden_size"));
  options.num_layers(a.integer("num_layers", 1)).bias(a.flag("bias", true));
  options.dropout(a.real("dropout", 0)).bidirectional(a.flag("bidirectional", false));
  if (!a.flag("batch_first", false)) throw BindingError("Recurrent layers have the batch first here.");
  return options.batch_first(true);
}

/// The final state is layers·directions×B×H; of the last layer both directions come side by side.
torch::Tensor last_layer(const torch::Tensor& hidden, bool is_bidirectional) {
  if (!is_bidirectional) return hidden[-1];
  return torch::cat({hidden[-2], hidden[-1]}, 1);
}

const torch::Tensor& hidden_of(const torch::Tensor& state) {
  return state;
}
const torch::Tensor& hidden_of(const std::tuple<torch::Tensor, torch::Tensor>& state) {
  return std::get<0>(state);
}

template <class Holder>
Op recurrent_op(Holder holder, Wanted output) {
  Op op{holder.ptr(), [holder, output](const Tensors& x) mutable {
          const auto [sequence, state] = holder->forward(x[0]);
          if (output == Wanted::Sequence) return Tensors{sequence};
          if (output == Wanted::LastOutput) return Tensors{sequence.select(1, -1)};
          return Tensors{last_layer(hidden_of(state), holder->options.bidirectional())};
        }};
  op.padded = [holder, output](const Tensors& x, const Sequences& sequences) mutable {
    const Lengths& lengths = *sequences.axes.front().lengths;
    const auto packed = rnn_utilities::pack_padded_sequence(x[0], lengths.tensor(), true, false);
    const auto [sequence, state] = holder->forward_with_packed_input(packed);
    if (output == Wanted::LastHidden) return Tensors{last_layer(hidden_of(state), holder->options.bidirectional())};
    const torch::Tensor steps = std::get<0>(rnn_utilities::pad_packed_sequence(sequence, true, 0, x[0].size(1)));
    if (output == Wanted::Sequence) return Tensors{steps};
    Integers last = lengths.own();
    for (std::int64_t& step : last) --step;
    return Tensors{picked(steps, 1, last)};
  };
  return op;
}

Op rnn(NnArguments& a) {
  auto options = recurrent_options<nn::RNNOptions>(a);
  const std::string nonlinearity = a.text("nonlinearity", "tanh");
  if (nonlinearity == "tanh") {
    options.nonlinearity(torch::kTanh);
  } else if (nonlinearity == "relu") {
    options.nonlinearity(torch::kReLU);
  } else {
    throw BindingError(fmt::format("RNN has no nonlinearity “{}”.", nonlinearity));
  }
  return recurrent_op(nn::RNN(options), wanted(a));
}

Op lstm(NnArguments& a) {
  auto options = recurrent_options<nn::LSTMOptions>(a);
  options.proj_size(a.integer("proj_size", 0));
  return recurrent_op(nn::LSTM(options), wanted(a));
}

Op gru(NnArguments& a) {
  return recurrent_op(nn::GRU(recurrent_options<nn::GRUOptions>(a)), wanted(a));
}

/// Attention, of which port 0 holds the queries and port 1 the keys, or port 0 both; the last axis but one is time.
template <class Attend>
Op attention_op(std::shared_ptr<nn::Module> module, Attend attend, bool is_causal = false) {
  Op op{std::move(module),
        [attend, is_causal](const Tensors& x) mutable { return attend(x, Attending{.is_causal = is_causal}); }};
  op.padded = [attend, is_causal](const Tensors& x, const Sequences& sequences) mutable {
    const std::int64_t time = x[0].dim() - 2;
    Tensors inputs = x;
    // Features that are multiplied along the steps: zeros add nothing.
    for (const Sequences::Axis& axis : sequences.axes) {
      if (axis.dim > time) inputs[axis.port] = filled(inputs[axis.port], axis.dim, *axis.lengths);
    }
    const std::size_t keys = x.size() > 1 ? 1 : 0;
    return attend(inputs, Attending{.is_causal = is_causal,
                                    .queries = sequences.along(0, time),
                                    .keys = sequences.along(keys, time),
                                    .weights = sequences.attention});
  };
  op.sees_padding = true;
  op.attends = true;
  return op;
}

Op multihead(NnArguments& a) {
  nn::MultiheadAttentionOptions options(a.integer("embed_dim"), a.integer("num_heads"));
  options.dropout(a.real("dropout", 0)).bias(a.flag("bias", true));
  if (!a.flag("batch_first", false)) throw BindingError("MultiheadAttention has the batch first here.");
  const bool is_causal = a.forward_flag("is_causal", false);
  nn::MultiheadAttention holder(options);
  const auto attend = [holder](const Tensors& x, const Attending& how) mutable {
    const torch::Tensor& key = x.size() > 1 ? x[1] : x[0];
    const torch::Tensor& value = x.size() > 2 ? x[2] : key;
    return Tensors{multihead_attention(*holder, x[0], key, value, how)};
  };
  return attention_op(holder.ptr(), attend, is_causal);
}

Op encoder_layer(NnArguments& a) {
  TransformerEncoderLayer::Options options{.d_model = a.integer("d_model"), .nhead = a.integer("nhead")};
  options.dim_feedforward = a.integer("dim_feedforward", 2048);
  options.dropout = a.real("dropout", 0.1);
  const std::string activation = a.text("activation", "relu");
  if (activation != "relu" && activation != "gelu")
    throw BindingError(fmt::format("TransformerEncoderLayer has no activation “{}”.", activation));
  options.uses_gelu = activation == "gelu";
  options.layer_norm_eps = a.real("layer_norm_eps", 1e-5);
  options.norm_first = a.flag("norm_first", false);
  if (!a.flag("batch_first", false)) throw BindingError("TransformerEncoderLayer has the batch first here.");
  const auto module = std::make_shared<TransformerEncoderLayer>(options);
  return attention_op(module,
                      [module](const Tensors& x, const Attending& how) { return Tensors{module->forward(x[0], how)}; });
}

Op positional_encoding(NnArguments& a) {
  const std::string kind = a.text("kind", "sinusoidal");
  if (kind != "sinusoidal" && kind != "learned")
    throw BindingError(fmt::format("PositionalEncoding has no kind “{}”.", kind));
  return own_op<PositionalEncoding>(a.integer("d_model"), a.integer("max_len"), kind == "learned");
}

Op additive_attention(NnArguments& a) {
  const auto module = std::make_shared<AdditiveAttention>(a.integer("input_size"), a.integer("hidden_size"));
  return attention_op(module,
                      [module](const Tensors& x, const Attending& how) { return Tensors{module->forward(x[0], how)}; });
}

Op scaled(NnArguments& a) {
  const auto attend = [](const Tensors& x, const Attending& how) {
    return Tensors{scaled_dot_product(x[0], x[1], x[2], how)};
  };
  return attention_op(nullptr, attend, a.flag("is_causal", false));
}

}  // namespace

void add_sequence_bindings(BindingTable& table) {
  table.merge(BindingTable{
      {"Embedding", embedding},
      {"EmbeddingBag", embedding_bag},
      {"GRU", gru},
      {"LSTM", lstm},
      {"MultiheadAttention", multihead},
      {"RNN", rnn},
      {"TransformerEncoderLayer", encoder_layer},
      {"netwright.AdditiveAttention", additive_attention},
      {"netwright.PositionalEncoding", positional_encoding},
      {"netwright.scaled_dot_product", scaled},
  });
}

}  // namespace netwright
