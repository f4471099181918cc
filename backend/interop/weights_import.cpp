#include "backend/interop/weights_import.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "backend/interop/checkpoint_names.h"

namespace netwright {

namespace {

constexpr std::string_view counter = "num_batches_tracked";

/// As a layer's name can be: `features.0.weight` -> `features_0.weight`.
std::string with_layer_name(std::string name) {
  const std::size_t last = name.rfind('.');
  if (last == std::string::npos) return name;
  std::replace(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(last), '.', '_');
  return name;
}

std::string in_brackets(const std::vector<std::int64_t>& sizes) {
  return fmt::format("[{}]", fmt::join(sizes, ", "));
}

std::vector<std::int64_t> known_sizes_of(const Shape& shape) {
  std::vector<std::int64_t> sizes;
  for (const Dim& dim : shape.dims()) sizes.push_back(dim.value_or(-1));
  return sizes;
}

/// Real numbers as float32; false for other types.
bool make_float32(NamedTensor& tensor) {
  if (tensor.dtype == "F32") return true;
  if (tensor.dtype != "F64") return false;
  std::vector<std::byte> narrow(tensor.bytes.size() / 2);
  for (std::size_t i = 0; i < narrow.size() / sizeof(float); ++i) {
    double wide = 0;
    std::memcpy(&wide, tensor.bytes.data() + i * sizeof(double), sizeof(double));
    const auto number = static_cast<float>(wide);
    std::memcpy(narrow.data() + i * sizeof(float), &number, sizeof(float));
  }
  tensor.bytes = std::move(narrow);
  tensor.dtype = "F32";
  return true;
}

}  // namespace

std::vector<std::string> MatchedWeights::complaints() const {
  std::vector<std::string> sentences = unfitting;
  for (const std::string& name : unused) sentences.push_back(fmt::format("The network has no {}.", name));
  return sentences;
}

MatchedWeights match_weights(const Network& network, const NetworkReport& report, TensorFile file) {
  MatchedWeights result;
  if (prefix_in(file, network.name)) file = *only_weights_of(std::move(file), network.name);
  std::map<std::string, NamedTensor*> by_name;
  for (NamedTensor& tensor : file.tensors) by_name.emplace(with_layer_name(tensor.name), &tensor);
  for (NamedTensor& tensor : file.tensors) by_name.insert_or_assign(tensor.name, &tensor);

  std::map<const NamedTensor*, bool> is_used;
  for (const Layer& layer : network.layers) {
    const auto figures = report.layers.find(layer.id);
    if (figures == report.layers.end()) continue;
    for (const Weight& weight : figures->second.weights) {
      ++result.expected;
      const std::string name = layer.name + "." + weight.name;
      auto found = by_name.find(name);
      if (found == by_name.end()) found = by_name.find(with_layer_name(name));
      if (found == by_name.end()) {
        if (weight.name == counter) {
          // Files of other programs leave it out; it counts from 0 again.
          result.weights.push_back({name, "I64", {}, std::vector<std::byte>(sizeof(std::int64_t))});
        } else {
          result.missing.push_back(name);
        }
        continue;
      }
      NamedTensor& tensor = *found->second;
      is_used[&tensor] = true;
      const std::vector<std::int64_t> wanted = known_sizes_of(weight.shape);
      const bool is_counter = weight.name == counter;
      if (tensor.sizes != wanted) {
        result.unfitting.push_back(fmt::format("{} is {} in the file, and the network has {}.", tensor.name,
                                               in_brackets(tensor.sizes), in_brackets(wanted)));
        result.missing.push_back(name);
      } else if (is_counter ? tensor.dtype != "I64" : !make_float32(tensor)) {
        result.unfitting.push_back(
            fmt::format("{} holds numbers of type {}, not F32 or F64.", tensor.name, tensor.dtype));
        result.missing.push_back(name);
      } else {
        NamedTensor taken = tensor;
        taken.name = name;
        result.weights.push_back(std::move(taken));
      }
    }
  }
  for (const NamedTensor& tensor : file.tensors) {
    if (!is_used[&tensor] && !is_training_state(tensor.name)) {
      result.unused.push_back(tensor.name);
    }
  }
  return result;
}

}  // namespace netwright
