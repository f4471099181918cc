#pragma once
// A network by GraphModule and by ONNX Runtime, on the same inputs.

#include <torch/torch.h>

#include <QString>
#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

#include "backend/engine/checkpoint.h"
#include "backend/engine/graph_module.h"
#include "backend/interop/onnx/onnx_export.h"
#include "tests/support/onnx_runtime.h"

namespace netwright {

inline Array to_array(const torch::Tensor& tensor) {
  const torch::Tensor whole = tensor.detach().contiguous();
  Array array =
      make_array(whole.scalar_type() == torch::kInt64 ? ElementType::Int64 : ElementType::Float32, whole.sizes().vec());
  if (!array.bytes.empty()) std::memcpy(array.bytes.data(), whole.data_ptr(), array.bytes.size());
  return array;
}

inline torch::Tensor to_tensor(const Array& array) {
  torch::Tensor tensor = torch::empty(array.sizes, array.type == ElementType::Int64 ? torch::kInt64 : torch::kFloat32);
  if (!array.bytes.empty()) std::memcpy(tensor.data_ptr(), array.bytes.data(), array.bytes.size());
  return tensor;
}

/// In evaluation mode, with weights and states that aren't what they begin as: a normalisation that does nothing would
/// hide a mistake.
inline Result<std::shared_ptr<GraphModule>> unsettled_module(const Network& network, const NetworkReport& report) {
  auto module = GraphModule::build(network, report);
  if (!module) return module;
  const torch::NoGradGuard no_grad;
  for (auto& [name, tensor] : (*module)->named_state()) {
    if (!tensor.is_floating_point()) continue;
    if (name.ends_with("running_var")) {
      tensor.copy_(torch::rand_like(tensor) + 0.5);
    } else if (name.ends_with("running_mean") || tensor.dim() == 1) {
      tensor.add_(torch::randn_like(tensor) * 0.2);
    }
  }
  (*module)->eval();
  return module;
}

struct Comparison {
  QString complaint;      ///< empty where both ran and gave the same shapes
  double error = 0;       ///< the largest difference, relative to the largest; infinite where only one of two is finite
  bool is_plain = false;  ///< ONNX Runtime runs it only without its own changes to the graph
  bool is_finite = true;  ///< whether every number of the reference is
};

inline double relative_error(const torch::Tensor& actual, const torch::Tensor& expected) {
  const torch::Tensor reference = expected.to(torch::kFloat64);
  const double largest = std::max(reference.abs().max().item<double>(), 1e-6);
  return (actual.to(torch::kFloat64) - reference).abs().max().item<double>() / largest;
}

inline Comparison compare_with_onnx(const Network& network, const NetworkReport& report, GraphModule& module,
                                    const std::vector<torch::Tensor>& inputs, OnnxRuntime& runtime) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> expected;
  try {
    expected = module.forward(inputs);
  } catch (const std::exception& error) {
    return {QString("the reference doesn't run: %1").arg(QString(error.what()).section('\n', 0, 0))};
  }
  const auto model = onnx_model(network, report, weights_of(module));
  if (!model) return {QString::fromStdString(model.error().message)};
  OnnxRuntime::Arrays feeds;
  std::vector<std::string> outputs;
  for (const Layer& layer : network.layers) {
    if (layer.type == "Input") feeds[layer.name] = to_array(inputs.at(feeds.size()));
    if (layer.type == "Output") outputs.push_back(layer.name);
  }
  Comparison comparison;
  auto given = runtime.run(*model, feeds);
  if (!given) {
    comparison.is_plain = true;
    given = runtime.run(*model, feeds, false);
  }
  if (!given) return {QString::fromStdString(given.error().message)};
  for (const torch::Tensor& output : expected) {
    if (!torch::isfinite(output).all().item<bool>()) comparison.is_finite = false;
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto found = given->find(outputs[i]);
    if (found == given->end()) return {QString("there is no output %1").arg(QString::fromStdString(outputs[i]))};
    const torch::Tensor actual = to_tensor(found->second);
    if (actual.sizes() != expected[i].sizes() || actual.scalar_type() != expected[i].scalar_type()) {
      return {QString("output %1 has another shape or type").arg(QString::fromStdString(outputs[i]))};
    }
    const torch::Tensor finite = torch::isfinite(expected[i]);
    if (!torch::isfinite(actual).equal(finite)) {
      comparison.error = std::numeric_limits<double>::infinity();
      continue;
    }
    if (!finite.any().item<bool>()) continue;
    comparison.error =
        std::max(comparison.error, relative_error(actual.masked_select(finite), expected[i].masked_select(finite)));
  }
  return comparison;
}

}  // namespace netwright
