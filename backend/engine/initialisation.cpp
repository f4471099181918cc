#include "backend/engine/initialisation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "backend/graph/recipe_specs.h"
#include "backend/layers/catalogue.h"

namespace netwright {

namespace {

namespace init = torch::nn::init;

constexpr double tanh_gain = 5.0 / 3;
constexpr double deviation = 0.02;
constexpr double constant_weight = 0.01;

template <std::size_t count>
bool is_one_of(const std::array<std::string_view, count>& types, std::string_view type) {
  return std::ranges::find(types, type) != types.end();
}

double leaky_gain(double slope) {
  return std::sqrt(2 / (1 + slope * slope));
}

/// torch.nn.init.calculate_gain.
double gain_of(const Layer& activation, const LayerSpec& spec) {
  constexpr std::array<std::string_view, 9> rectifiers = {"ReLU", "ReLU6", "ELU",       "CELU",    "GELU",
                                                          "SiLU", "Mish",  "Hardswish", "Softplus"};
  const Settings settings = completed(spec.settings, activation.settings);
  const std::string& type = activation.type;
  if (is_one_of(rectifiers, type)) return leaky_gain(0);
  if (type == "LeakyReLU") return leaky_gain(settings.real("negative_slope"));
  if (type == "PReLU") return leaky_gain(settings.real("init"));
  if (type == "RReLU") return leaky_gain((settings.real("lower") + settings.real("upper")) / 2);
  if (type == "Tanh" || type == "Hardtanh") return tanh_gain;
  if (type == "SELU") return 3.0 / 4;
  return 1;
}

class Surroundings {
 public:
  explicit Surroundings(const Network& network) {
    for (const Layer& layer : network.layers) {
      by_name_[layer.name] = &layer;
      by_id_[layer.id] = &layer;
    }
    for (const Connection& connection : network.connections) {
      followers_[connection.from.layer].push_back(connection.to.layer);
    }
  }

  const Layer* find(const std::string& name) const {
    const auto it = by_name_.find(name);
    return it == by_name_.end() ? nullptr : it->second;
  }

  /// Of the activation that a layer's output comes to first, past layers that hand it on.
  double gain_behind(const Layer& layer) const {
    std::vector<LayerId> ahead = {layer.id};
    std::set<LayerId> seen;
    for (std::size_t i = 0; i < ahead.size(); ++i) {
      const auto next = followers_.find(ahead[i]);
      if (next == followers_.end()) continue;
      for (const LayerId id : next->second) {
        const auto follower = by_id_.find(id);
        if (follower == by_id_.end() || !seen.insert(id).second) continue;
        const LayerSpec* spec = find_layer_spec(follower->second->type);
        if (!spec) continue;
        if (spec->category == Category::Activation) return gain_of(*follower->second, *spec);
        if (hands_on(spec->category)) ahead.push_back(id);
      }
    }
    return 1;
  }

 private:
  static bool hands_on(Category category) {
    return category == Category::Normalisation || category == Category::Pooling ||
           category == Category::Regularisation || category == Category::Shape || category == Category::Merge;
  }

  std::map<std::string, const Layer*, std::less<>> by_name_;
  std::map<LayerId, const Layer*> by_id_;
  std::map<LayerId, std::vector<LayerId>> followers_;
};

bool is_table(std::string_view type) {
  constexpr std::array<std::string_view, 4> tables = {"Embedding", "EmbeddingBag", "PositionalEncoding", "Parameter"};
  return is_one_of(tables, type);
}

/// How many matrices stand one below the other in a parameter: gates, or query, key and value.
std::int64_t parts_of(const std::string& type, const std::string& parameter) {
  if (parameter.ends_with("in_proj_weight")) return 3;
  if (!parameter.starts_with("weight_ih") && !parameter.starts_with("weight_hh")) return 1;
  return type == "LSTM" ? 4 : type == "GRU" ? 3 : 1;
}

/// `behind`: of the activation behind the layer.
double gain_for(const Layer& layer, Category category, const std::string& parameter, double behind) {
  if (layer.type == "TransformerEncoderLayer" && parameter == "linear1.weight") return leaky_gain(0);
  if (layer.type == "AdditiveAttention" && parameter == "proj.weight") return tanh_gain;
  return category == Category::Recurrent || category == Category::Attention ? 1 : behind;
}

void fill(const torch::Tensor& weight, const std::string& way, double gain) {
  const torch::Tensor drawn = torch::empty(weight.sizes(), torch::kFloat32);
  if (way == "xavier_uniform") {
    init::xavier_uniform_(drawn, gain);
  } else if (way == "xavier_normal") {
    init::xavier_normal_(drawn, gain);
  } else if (way == "orthogonal") {
    init::orthogonal_(drawn, gain);
  } else if (way == "normal") {
    init::normal_(drawn, 0, deviation);
  } else if (way == "constant") {
    init::constant_(drawn, constant_weight);
  } else {
    // LibTorch's own Kaiming knows fewer activations.
    const auto fan_in = static_cast<double>(std::get<0>(init::_calculate_fan_in_and_fan_out(drawn)));
    const double spread = gain / std::sqrt(fan_in);
    if (way == "kaiming_normal") {
      init::normal_(drawn, 0, spread);
    } else {
      init::uniform_(drawn, -std::sqrt(3.0) * spread, std::sqrt(3.0) * spread);
    }
  }
  torch::Tensor(weight).copy_(drawn);
}

}  // namespace

Result<void> initialise(GraphModule& module, const Network& network, const std::string& fallback) {
  const SettingSpec& ways = *find_spec(recipe_specs(), "initialisation");
  const Surroundings surroundings(network);
  const torch::NoGradGuard no_grad;
  for (const auto& [name, part] : module.layers()) {
    const Layer* layer = surroundings.find(name);
    const LayerSpec* spec = layer ? find_layer_spec(layer->type) : nullptr;
    if (!spec)
      return Error{fmt::format("“{}” can't begin with weights of its own: the drawing has no such layer.", name)};
    const std::string& way = layer->initialisation.empty() ? fallback : layer->initialisation;
    if (const auto why = complaint(ways, way)) return Error{fmt::format("“{}”: {}.", name, *why)};
    const bool is_left =
        spec->category == Category::Normalisation || (is_table(layer->type) && layer->initialisation.empty());
    if (way == "default" || is_left) continue;
    const double behind = surroundings.gain_behind(*layer);
    for (const auto& parameter : part->named_parameters()) {
      torch::Tensor weight = parameter.value();
      if (parameter.key().find("bias") != std::string::npos) {
        weight.zero_();
      } else if (weight.dim() >= 2 && weight.numel() > 0) {
        const double gain = gain_for(*layer, spec->category, parameter.key(), behind);
        for (const torch::Tensor& matrix : weight.chunk(parts_of(layer->type, parameter.key()), 0)) {
          fill(matrix, way, gain);
        }
      }
    }
    // A word that stands for nothing stays nothing.
    const Settings settings = completed(spec->settings, layer->settings);
    const bool has_padding = settings.find("padding_idx") && settings.integer("padding_idx") >= 0;
    if (has_padding) part->named_parameters()["weight"][settings.integer("padding_idx")].zero_();
  }
  return {};
}

}  // namespace netwright
