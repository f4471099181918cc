#include "backend/engine/layer_watch.h"

#include <cmath>

#include "backend/graph/layer_search.h"
#include "backend/layers/catalogue.h"

namespace netwright {

namespace {

/// Records are read by people and kept for long.
double with_five_digits(double value) {
  if (value == 0) return 0;
  const double unit = std::pow(10, std::floor(std::log10(std::abs(value))) - 4);
  return unit < 1 ? std::round(value / unit) / std::round(1 / unit) : std::round(value / unit) * unit;
}

/// Values of one layer that wait on the device, so that it is asked once for all of them.
class WaitingValues {
 public:
  void add(const char* name, const torch::Tensor& value) {
    names_.push_back(name);
    values_.push_back(value.to(torch::kFloat64).reshape({}));
  }
  void add_spread(const char* mean, const char* deviation, const torch::Tensor& of) {
    add(mean, of.mean());
    add(deviation, of.std(/*unbiased=*/false));
  }
  FigureValues read() const {
    FigureValues out;
    if (values_.empty()) return out;
    const torch::Tensor all = torch::stack(values_).to(torch::kCPU);
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const double value = all.data_ptr<double>()[i];
      if (std::isfinite(value)) out[names_[i]] = with_five_digits(value);
    }
    return out;
  }

 private:
  std::vector<const char*> names_;
  std::vector<torch::Tensor> values_;
};

torch::Tensor in_one_row(const std::vector<torch::Tensor>& tensors) {
  std::vector<torch::Tensor> rows;
  for (const torch::Tensor& tensor : tensors) rows.push_back(tensor.detach().flatten());
  return torch::cat(rows);
}

/// Trainable weights without biases, or these alone.
std::vector<torch::Tensor> watched_weights(const torch::nn::Module& module) {
  std::vector<torch::Tensor> weights;
  std::vector<torch::Tensor> biases;
  for (const auto& parameter : module.named_parameters()) {
    if (!parameter.value().requires_grad()) continue;
    const bool is_bias = parameter.key().find("bias") != std::string::npos;
    (is_bias ? biases : weights).push_back(parameter.value());
  }
  return weights.empty() ? biases : weights;
}

/// Convolutions and what comes of them have channels first, all else features last. An output of three dimensions alone
/// doesn't say which: what it came through does.
std::int64_t unit_axis_of(const Network& network, const Layer* layer) {
  for (std::size_t steps = 0; layer && steps <= network.layers.size(); ++steps) {
    const LayerSpec* spec = find_layer_spec(layer->type);
    if (!spec || spec->category == Category::InputOutput) break;
    const std::string& type = layer->type;
    const bool is_spatial = type.ends_with("1d") || type.ends_with("2d") || type.ends_with("3d");
    if (is_spatial) return 1;
    const bool keeps_axes = spec->category == Category::Activation || spec->category == Category::Regularisation ||
                            spec->category == Category::Merge || spec->category == Category::Normalisation;
    if (!keeps_axes) break;
    layer = source_of(network, layer->id);
  }
  return -1;
}

/// The share of units that are one number throughout. `output`: B×…
torch::Tensor dead_share(const torch::Tensor& output, std::int64_t unit_axis) {
  const torch::Tensor rows = output.movedim(unit_axis, 0).flatten(1);
  return rows.amax(1).eq(rows.amin(1)).to(torch::kFloat64).mean();
}

}  // namespace

LayerWatch::LayerWatch(Learner& learner, const Network& network, std::string owner)
    : learner_(learner), owner_(owner.empty() ? std::move(owner) : owner + '.') {
  std::map<std::string, std::vector<torch::Tensor>> weights;
  for (const auto& [name, module] : learner.module().layers()) weights[name] = watched_weights(*module);
  for (const Layer& layer : network.layers) {
    const LayerSpec* spec = find_layer_spec(layer.type);
    if (!spec || (spec->category != Category::Activation && weights[layer.name].empty())) continue;
    watched_[layer.name] = {weights[layer.name], unit_axis_of(network, &layer)};
  }
}

void LayerWatch::before_step() {
  steps_before_ = learner_.steps();
  before_.clear();
  for (const auto& [name, layer] : watched_) {
    if (!layer.weights.empty()) before_[name] = in_one_row(layer.weights);
  }
}

std::vector<LayerFigures> LayerWatch::after_step(const std::vector<torch::Tensor>& inputs,
                                                 const torch::Tensor& lengths) {
  const torch::NoGradGuard no_grad;
  const bool has_stepped = learner_.steps() > steps_before_;
  std::vector<torch::Tensor> few;
  for (const torch::Tensor& input : inputs) few.push_back(input.narrow(0, 0, std::min(input.size(0), sampled)));
  const torch::Tensor few_lengths =
      lengths.defined() ? lengths.narrow(0, 0, std::min(lengths.size(0), sampled)) : torch::Tensor();

  std::vector<LayerFigures> out;
  learner_.module().observe(few, few_lengths, [&](const std::string& name, const torch::Tensor& output) {
    const auto found = watched_.find(name);
    if (found == watched_.end()) return;
    const auto& [weights, unit_axis] = found->second;
    WaitingValues values;
    if (!weights.empty()) {
      const torch::Tensor now = in_one_row(weights);
      values.add_spread("weight_mean", "weight_deviation", now);
      values.add("weight_norm", now.norm());
      const auto before = before_.find(name);
      if (has_stepped && before != before_.end()) {
        std::vector<torch::Tensor> gradients;
        for (const torch::Tensor& weight : weights) gradients.push_back(weight.grad());
        const torch::Tensor gradient = in_one_row(gradients);
        values.add_spread("gradient_mean", "gradient_deviation", gradient);
        values.add("gradient_norm", gradient.norm());
        values.add("update_ratio", (now - before->second).norm() / before->second.norm());
      }
    }
    if (output.is_floating_point() && output.numel() > 0) {
      values.add_spread("activation_mean", "activation_deviation", output.to(torch::kFloat32));
      if (output.dim() > 1 && output.size(0) > 1) values.add("dead", dead_share(output, unit_axis));
    }
    out.push_back({owner_ + name, values.read()});
  });
  before_.clear();
  return out;
}

}  // namespace netwright
