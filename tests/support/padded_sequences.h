#pragma once
// Whether a network gives sequences of different lengths in one padded batch what it gives each of them alone.

#include <torch/torch.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "backend/analysis/analyse.h"
#include "backend/engine/graph_module.h"
#include "backend/graph/project.h"

namespace netwright {

/// The same network for sequences of so many steps: axis 0 of its first Input.
using DrawnFor = std::function<Project(std::int64_t steps)>;

struct PaddedBatch {
  std::vector<torch::Tensor> inputs;  ///< float64 or int64; the first B×steps×…
  std::vector<std::int64_t> lengths;
};

struct PaddedComparison {
  std::string complaint = {};  ///< empty where all is well
  int compared = 0;            ///< sequences that can be drawn alone
};

namespace padded_sequences {

inline std::shared_ptr<GraphModule> module_of(const Project& project) {
  auto built = GraphModule::build(project.networks.front(), analyse(project).networks.front());
  if (!built) return nullptr;
  (*built)->to(torch::kFloat64);
  return *built;
}

/// False where weights differ in their shapes: the network is tied to its number of steps.
inline bool copy_weights(const GraphModule& from, const GraphModule& to) {
  const torch::NoGradGuard no_grad;
  const NamedTensors source = from.named_state();
  NamedTensors target = to.named_state();
  if (source.size() != target.size()) return false;
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source[i].second.sizes() != target[i].second.sizes()) return false;
    target[i].second.copy_(source[i].second);
  }
  return true;
}

inline torch::Tensor part(torch::Tensor x, torch::IntArrayRef sizes) {
  for (std::int64_t dim = 0; dim < x.dim(); ++dim) x = x.narrow(dim, 0, sizes[static_cast<std::size_t>(dim)]);
  return x;
}

inline bool are_close(const torch::Tensor& a, const torch::Tensor& b) {
  return a.sizes() == b.sizes() && torch::allclose(a, b, 1e-7, 1e-9);
}

inline std::map<std::string, torch::Tensor> gradients_of(const GraphModule& module) {
  std::map<std::string, torch::Tensor> gradients;
  for (const auto& entry : module.named_parameters()) {
    if (entry.value().grad().defined()) gradients[entry.key()] = entry.value().grad();
  }
  return gradients;
}

}  // namespace padded_sequences

/// Runs the batch whole, with other padding, and each sequence alone in a network drawn for its length; compares
/// outputs and gradients. `are_alike`: false for networks that are tied to their number of steps, of which only the
/// padding's content is asked.
inline PaddedComparison compare_padded(const DrawnFor& drawn, const PaddedBatch& batch, bool is_training,
                                       bool are_alike = true) {
  using namespace padded_sequences;
  PaddedComparison result;
  const torch::Tensor& first = batch.inputs.front();
  const std::int64_t steps = first.size(1);
  const auto whole = module_of(drawn(steps));
  if (!whole) throw std::runtime_error("the padded network can't be built");
  {
    const torch::NoGradGuard no_grad;
    for (auto& entry : whole->named_buffers()) {
      if (entry.key().find("running") != std::string::npos) entry.value().copy_(torch::rand_like(entry.value()) + 0.5);
    }
  }
  whole->train(is_training);
  const torch::Tensor lengths = torch::tensor(batch.lengths, torch::kInt64);

  std::vector<torch::Tensor> inputs = batch.inputs;
  if (first.is_floating_point()) inputs[0] = first.detach().clone().set_requires_grad(true);
  const auto outputs = whole->forward(inputs, lengths);
  std::vector<torch::Tensor> others = batch.inputs;
  others[0] = first.clone();
  for (std::int64_t sample = 0; sample < first.size(0); ++sample) {
    const std::int64_t own = batch.lengths[static_cast<std::size_t>(sample)];
    torch::Tensor rest = others[0][sample].narrow(0, own, steps - own);
    if (first.is_floating_point()) {
      rest.fill_(std::numeric_limits<double>::quiet_NaN());
    } else {
      rest.fill_(first[sample][0].flatten()[0]);
    }
  }
  const auto again = whole->forward(others, lengths);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!torch::allclose(outputs[i], again[i], 0, 1e-12))
      result.complaint = "the padding's content changes output " + std::to_string(i);
    if (!torch::isfinite(outputs[i]).all().item<bool>()) result.complaint = "an output isn't finite";
  }
  if (!result.complaint.empty() || !are_alike) return result;

  std::vector<torch::Tensor> weighing;
  for (const torch::Tensor& output : outputs) weighing.push_back(torch::randn_like(output));
  std::map<std::int64_t, std::shared_ptr<GraphModule>> alone_by_length;
  torch::Tensor expected_input = torch::zeros_like(first);
  for (std::int64_t sample = 0; sample < first.size(0); ++sample) {
    const std::int64_t own = batch.lengths[static_cast<std::size_t>(sample)];
    if (!alone_by_length.contains(own)) {
      auto module = module_of(drawn(own));
      if (module && !copy_weights(*whole, *module)) module = nullptr;
      if (module) module->train(is_training);
      alone_by_length[own] = module;
    }
    const auto& alone = alone_by_length[own];
    if (!alone) {
      for (torch::Tensor& weights : weighing) weights[sample].zero_();
      continue;
    }
    ++result.compared;
    std::vector<torch::Tensor> given;
    for (const torch::Tensor& input : batch.inputs) given.push_back(input.narrow(0, sample, 1));
    given[0] = given[0].narrow(1, 0, own).detach().clone();
    if (first.is_floating_point()) given[0].set_requires_grad(true);
    const auto expected = alone->forward(given);
    torch::Tensor loss = torch::zeros({}, torch::kFloat64);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const torch::Tensor found = outputs[i].narrow(0, sample, 1);
      if (found.dim() != expected[i].dim()) return {"another rank", result.compared};
      for (std::int64_t dim = 0; dim < found.dim(); ++dim) {
        if (found.size(dim) < expected[i].size(dim)) return {"fewer steps than alone", result.compared};
      }
      if (!are_close(part(found, expected[i].sizes()), expected[i])) {
        return {"another output for " + std::to_string(own) + " of " + std::to_string(steps) + " steps",
                result.compared};
      }
      torch::Tensor rest = found.detach().clone();
      part(rest, expected[i].sizes()).zero_();
      if (rest.count_nonzero().item<std::int64_t>() > 0) return {"padding comes out", result.compared};
      loss = loss + (expected[i] * part(weighing[i].narrow(0, sample, 1), expected[i].sizes())).sum();
    }
    if (!loss.requires_grad()) continue;
    loss.backward();
    if (given[0].grad().defined()) expected_input[sample].narrow(0, 0, own).copy_(given[0].grad()[0]);
  }

  torch::Tensor loss = torch::zeros({}, torch::kFloat64);
  for (std::size_t i = 0; i < outputs.size(); ++i) loss = loss + (outputs[i] * weighing[i]).sum();
  if (!loss.requires_grad() || result.compared == 0) return result;
  loss.backward();
  if (inputs[0].grad().defined() && !are_close(inputs[0].grad(), expected_input)) {
    return {"another gradient of the input", result.compared};
  }
  std::map<std::string, torch::Tensor> expected;
  for (const auto& [own, alone] : alone_by_length) {
    if (!alone) continue;
    for (const auto& [name, gradient] : gradients_of(*alone)) {
      expected[name] = expected.contains(name) ? expected[name] + gradient : gradient;
    }
  }
  for (const auto& [name, gradient] : gradients_of(*whole)) {
    const auto wanted = expected.find(name);
    if (!are_close(gradient, wanted == expected.end() ? torch::zeros_like(gradient) : wanted->second)) {
      return {"another gradient of " + name, result.compared};
    }
  }
  return result;
}

}  // namespace netwright
