#include "backend/engine/attention_sample.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace netwright {

namespace {

using Json = nlohmann::ordered_json;

/// The steps of sample `index`, as words or as numbers counted from 1.
std::vector<std::string> steps_of(const Dataset& dataset, const Batch& batch, std::int64_t index, std::int64_t length) {
  std::vector<std::string> steps;
  const bool are_words = !batch.inputs.is_floating_point();
  const torch::Tensor words = are_words ? batch.inputs[index].to(torch::kCPU).contiguous() : torch::Tensor();
  for (std::int64_t step = 0; step < length; ++step) {
    const auto token = are_words ? static_cast<std::size_t>(words.data_ptr<std::int64_t>()[step]) : 0;
    const bool is_known = are_words && token < dataset.vocabulary.tokens.size();
    steps.push_back(is_known ? dataset.vocabulary.tokens[token] : fmt::format("{}", step + 1));
  }
  return steps;
}

std::vector<float> row_of(const torch::Tensor& weights, std::int64_t length) {
  const torch::Tensor row = weights.narrow(0, 0, length).to(torch::kFloat32).contiguous();
  return {row.data_ptr<float>(), row.data_ptr<float>() + length};
}

std::string class_name(const Dataset& dataset, std::int64_t index) {
  const auto at = static_cast<std::size_t>(index);
  return at < dataset.classes.size() ? dataset.classes[at] : std::to_string(index);
}

}  // namespace

std::vector<Event> show_attention(GraphModule& module, const Dataset& dataset, const Result<Batch>& samples,
                                  const SamplePlace& place) {
  if (!samples || dataset.target != TargetKind::Class || samples->inputs.dim() < 2) return {};
  const torch::NoGradGuard no_grad;
  module.eval();
  const auto maps = module.attention({samples->inputs}, samples->lengths);
  if (maps.empty()) return {};
  const torch::Tensor predicted = module.forward(samples->inputs, samples->lengths).argmax(1).to(torch::kCPU);
  const torch::Tensor targets = samples->targets.to(torch::kCPU);
  const torch::Tensor weights = maps.back().weights.to(torch::kCPU);
  const std::int64_t steps = samples->inputs.size(1);
  // What the weights run over is the input's steps only where nothing in between changed their number.
  if (weights.size(-1) != steps) return {};
  Json content = {{"layer", maps.back().layer}, {"samples", Json::array()}};
  for (std::int64_t i = 0; i < samples->size(); ++i) {
    const std::int64_t length = samples->lengths.defined() ? samples->lengths[i].item<std::int64_t>() : steps;
    Json sample = {{"tokens", steps_of(dataset, *samples, i, length)}};
    if (weights.dim() == 2) {
      sample["weights"] = row_of(weights[i], length);
    } else {
      // Heads are shown by their mean.
      const torch::Tensor mean = weights[i].mean(0);
      Json rows = Json::array();
      for (std::int64_t row = 0; row < std::min(length, mean.size(0)); ++row) rows.push_back(row_of(mean[row], length));
      sample["weights"] = std::move(rows);
    }
    sample["target"] = class_name(dataset, targets[i].item<std::int64_t>());
    sample["predicted"] = class_name(dataset, predicted[i].item<std::int64_t>());
    content["samples"].push_back(std::move(sample));
  }
  return {write_sample(place, "attention", content)};
}

}  // namespace netwright
