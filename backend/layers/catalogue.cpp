#include "backend/layers/catalogue.h"

#include <algorithm>
#include <unordered_map>

#include "backend/layers/families.h"

namespace netwright {

std::string to_text(Category category) {
  switch (category) {
    case Category::InputOutput:
      return "Input and output";
    case Category::Convolution:
      return "Convolution";
    case Category::Pooling:
      return "Pooling";
    case Category::Linear:
      return "Linear";
    case Category::Recurrent:
      return "Recurrent";
    case Category::Attention:
      return "Attention";
    case Category::Activation:
      return "Activation";
    case Category::Normalisation:
      return "Normalisation";
    case Category::Regularisation:
      return "Regularisation";
    case Category::Shape:
      return "Shape";
    case Category::Merge:
      return "Merge";
    case Category::Block:
      return "Block";
  }
  return {};
}

const Value* NnCall::find(std::string_view argument) const {
  const auto it = std::find_if(arguments.begin(), arguments.end(), [&](const auto& a) { return a.first == argument; });
  return it == arguments.end() ? nullptr : &it->second;
}

const Value* NnCall::find_forward(std::string_view option) const {
  const auto it = std::find_if(forward.begin(), forward.end(), [&](const auto& a) { return a.first == option; });
  return it == forward.end() ? nullptr : &it->second;
}

bool NnCall::is_module() const {
  const std::size_t dot = name.rfind('.');
  const char first = dot == std::string::npos ? name.front() : name[dot + 1];
  return first >= 'A' && first <= 'Z';
}

const std::vector<LayerSpec>& catalogue() {
  static const std::vector<LayerSpec> rows = [] {
    std::vector<LayerSpec> all;
    for (auto family : {input_output_family,
                        convolution_family,
                        transposed_convolution_family,
                        pooling_family,
                        adaptive_pooling_family,
                        linear_family,
                        embedding_family,
                        recurrent_family,
                        attention_family,
                        activation_family,
                        elementwise_family,
                        normalisation_family,
                        regularisation_family,
                        shape_family,
                        axes_family,
                        slicing_family,
                        padding_family,
                        upsampling_family,
                        pixel_shuffle_family,
                        arithmetic_family,
                        merge_family,
                        reduction_family,
                        constant_family,
                        block_family}) {
      for (LayerSpec& row : family()) all.push_back(std::move(row));
    }
    return all;
  }();
  return rows;
}

int output_count(const LayerSpec& spec, const Settings& settings) {
  return spec.output_count ? spec.output_count(settings) : spec.outputs;
}

const LayerSpec* find_layer_spec(std::string_view type) {
  static const auto by_type = [] {
    std::unordered_map<std::string_view, const LayerSpec*> map;
    for (const LayerSpec& row : catalogue()) map.emplace(row.type, &row);
    return map;
  }();
  const auto it = by_type.find(type);
  return it == by_type.end() ? nullptr : it->second;
}

}  // namespace netwright
