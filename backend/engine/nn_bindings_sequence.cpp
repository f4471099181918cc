#include <fmt/format.h>

#include "backend/engine/attention.h"
#include "backend/engine/modules.h"
#include "backend/engine/nn_binding_table.h"

namespace netwright {

namespace {

namespace nn = torch::nn;

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
  return module_op(nn::EmbeddingBag(options));
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
  return {holder.ptr(), [holder, output](const Tensors& x) mutable {
            const auto [sequence, state] = holder->forward(x[0]);
            if (output == Wanted::Sequence) return Tensors{sequence};
            if (output == Wanted::LastOutput) return Tensors{sequence.select(1, -1)};
            return Tensors{last_layer(hidden_of(state), holder->options.bidirectional())};
          }};
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

Op multihead(NnArguments& a) {
  nn::MultiheadAttentionOptions options(a.integer("embed_dim"), a.integer("num_heads"));
  options.dropout(a.real("dropout", 0)).bias(a.flag("bias", true));
  if (!a.flag("batch_first", false)) throw BindingError("MultiheadAttention has the batch first here.");
  const bool is_causal = a.forward_flag("is_causal", false);
  nn::MultiheadAttention holder(options);
  return {holder.ptr(), [holder, is_causal](const Tensors& x) mutable {
            const torch::Tensor& key = x.size() > 1 ? x[1] : x[0];
            const torch::Tensor& value = x.size() > 2 ? x[2] : key;
            return Tensors{multihead_attention(*holder, x[0], key, value, is_causal)};
          }};
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
  return own_op<TransformerEncoderLayer>(options);
}

Op positional_encoding(NnArguments& a) {
  const std::string kind = a.text("kind", "sinusoidal");
  if (kind != "sinusoidal" && kind != "learned")
    throw BindingError(fmt::format("PositionalEncoding has no kind “{}”.", kind));
  return own_op<PositionalEncoding>(a.integer("d_model"), a.integer("max_len"), kind == "learned");
}

Op additive_attention(NnArguments& a) {
  return own_op<AdditiveAttention>(a.integer("input_size"), a.integer("hidden_size"));
}

Op scaled(NnArguments& a) {
  return function_op([is_causal = a.flag("is_causal", false)](const Tensors& x) {
    return scaled_dot_product(x[0], x[1], x[2], is_causal);
  });
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
