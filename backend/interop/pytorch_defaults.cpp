#include "backend/interop/pytorch_defaults.h"

#include <map>
#include <string_view>

namespace netwright {

const Value* pytorch_default(const NnCall& call, const std::string& argument) {
  using Table = std::map<std::string_view, Value>;
  static const Table common = {{"stride", std::int64_t{1}},
                               {"padding", std::int64_t{0}},
                               {"output_padding", std::int64_t{0}},
                               {"dilation", std::int64_t{1}},
                               {"groups", std::int64_t{1}},
                               {"bias", true},
                               {"padding_mode", std::string("zeros")},
                               {"eps", 1e-5},
                               {"momentum", 0.1},
                               {"affine", true},
                               {"track_running_stats", true},
                               {"elementwise_affine", true},
                               {"ceil_mode", false},
                               {"count_include_pad", true},
                               {"inplace", false},
                               {"num_layers", std::int64_t{1}},
                               {"batch_first", false},
                               {"bidirectional", false},
                               {"proj_size", std::int64_t{0}},
                               {"align_corners", false}};
  static const std::map<std::string_view, Table> special = {
      {"AlphaDropout", {{"p", 0.5}}},
      {"CELU", {{"alpha", 1.0}}},
      {"ChannelShuffle", {}},
      {"Dropout", {{"p", 0.5}}},
      {"Dropout1d", {{"p", 0.5}}},
      {"Dropout2d", {{"p", 0.5}}},
      {"Dropout3d", {{"p", 0.5}}},
      {"ELU", {{"alpha", 1.0}}},
      {"EmbeddingBag", {{"mode", std::string("mean")}}},
      {"Flatten", {{"start_dim", std::int64_t{1}}, {"end_dim", std::int64_t{-1}}}},
      {"GELU", {{"approximate", std::string("none")}}},
      {"GLU", {{"dim", std::int64_t{-1}}}},
      {"Hardshrink", {{"lambd", 0.5}}},
      {"Hardtanh", {{"min_val", -1.0}, {"max_val", 1.0}}},
      {"InstanceNorm1d", {{"affine", false}, {"track_running_stats", false}}},
      {"InstanceNorm2d", {{"affine", false}, {"track_running_stats", false}}},
      {"InstanceNorm3d", {{"affine", false}, {"track_running_stats", false}}},
      {"LSTM", {{"dropout", 0.0}}},
      {"GRU", {{"dropout", 0.0}}},
      {"RNN", {{"dropout", 0.0}, {"nonlinearity", std::string("tanh")}}},
      {"LeakyReLU", {{"negative_slope", 0.01}}},
      {"LocalResponseNorm", {{"alpha", 1e-4}, {"beta", 0.75}, {"k", 1.0}}},
      {"MultiheadAttention", {{"dropout", 0.0}}},
      {"PReLU", {{"num_parameters", std::int64_t{1}}, {"init", 0.25}}},
      {"RReLU", {{"lower", 1.0 / 8}, {"upper", 1.0 / 3}}},
      {"Softplus", {{"beta", 1.0}, {"threshold", 20.0}}},
      {"Softshrink", {{"lambd", 0.5}}},
      {"TransformerEncoderLayer",
       {{"dim_feedforward", std::int64_t{2048}},
        {"dropout", 0.1},
        {"activation", std::string("relu")},
        {"layer_norm_eps", 1e-5},
        {"norm_first", false}}},
      {"Upsample", {{"mode", std::string("nearest")}}},
      {"netwright.Parameter", {{"init", std::string("zeros")}}},
      {"netwright.PositionalEncoding", {{"kind", std::string("sinusoidal")}}},
  };
  if (argument == "stride" && call.name.find("Pool") != std::string::npos) return call.find("kernel_size");
  if (argument == "groups" && call.name == "ChannelShuffle") return nullptr;
  if (const auto table = special.find(call.name); table != special.end()) {
    if (const auto it = table->second.find(argument); it != table->second.end()) return &it->second;
  }
  const auto it = common.find(argument);
  return it == common.end() ? nullptr : &it->second;
}

}  // namespace netwright
