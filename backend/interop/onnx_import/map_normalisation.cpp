#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "backend/interop/onnx_import/mapping.h"
#include "backend/interop/onnx_import/spatial.h"

namespace netwright::onnx_import {

namespace {

/// Scale and bias; where they are left out or do nothing (all 1, all 0) there is nothing to learn.
struct Affine {
  std::optional<Constant> scale;
  std::optional<Constant> bias;

  bool is_learned() const { return does_something(scale, 1) || does_something(bias, 0); }

 private:
  static bool does_something(const std::optional<Constant>& constant, double neutral) {
    if (!constant) return false;
    if (constant->is_missing() || !constant->origin.empty()) {
      // An initialiser with a module's name was a parameter, whatever its values are.
      if (constant->is_missing() || constant->origin.find("::") == std::string::npos) return true;
    }
    for (std::int64_t i = 0; i < (constant->is_uniform() ? 1 : constant->count()); ++i) {
      if (constant->number(i) != neutral) return true;
    }
    return false;
  }
};

Result<Affine> affine_of(Translation& translation, const Node& node, std::int64_t count) {
  Affine affine;
  for (const std::size_t index : {std::size_t{1}, std::size_t{2}}) {
    if (node.input(index) == no_value) continue;
    auto constant = translation.known(node, index, index == 1 ? "scale" : "bias");
    if (!constant) return constant.error();
    if (constant->count() != count) {
      return Error{
          fmt::format("its {} {} isn't {} numbers", index == 1 ? "scale" : "bias", to_text(constant->sizes()), count)};
    }
    (index == 1 ? affine.scale : affine.bias) = std::move(*constant);
  }
  return affine;
}

void set_affine(Translation& translation, const Drawn& drawn, const Affine& affine, const Sizes& sizes) {
  const auto count = static_cast<std::size_t>(elements_of(sizes).value_or(0));
  const auto set = [&](const char* name, const std::optional<Constant>& constant, float neutral) {
    if (constant) {
      translation.set_weight(drawn, name, *constant, sizes);
    } else {
      translation.set_weight(drawn, name, std::vector<float>(count, neutral), sizes);
    }
  };
  set("weight", affine.scale, 1);
  set("bias", affine.bias, 0);
}

const Constant* named_by(const Affine& affine) {
  return affine.scale ? &*affine.scale : affine.bias ? &*affine.bias : nullptr;
}

/// The batch first, then channels, then up to three spatial axes.
Result<Tensor> channels_first(Translation& translation, const Node& node, std::size_t least_rank) {
  const auto input = translation.input(node);
  if (!input) return input.error();
  const std::size_t rank = input->layout.rank();
  if (rank < least_rank || rank > 5) {
    return Error{fmt::format("its input {} has no such channels", to_text(input->layout.sizes()))};
  }
  return translation.batch_first(*input);
}

Result<void> batch_norm(Translation& translation, const Node& node) {
  const auto input = channels_first(translation, node, 2);
  if (!input) return input.error();
  const std::int64_t channels = input->layout.place_sizes().front();
  const auto affine = affine_of(translation, node, channels);
  if (!affine) return affine.error();
  if (!affine->scale || !affine->bias) return Error{"it has no scale or bias"};
  std::array<Constant, 2> statistics;
  for (std::size_t i = 0; i < 2; ++i) {
    auto statistic = translation.known(node, 3 + i, "statistics");
    if (!statistic) return statistic.error();
    if (statistic->count() != channels) return Error{"its statistics don't fit its channels"};
    statistics[i] = std::move(*statistic);
  }
  const std::size_t dimensions = std::max<std::size_t>(input->layout.rank(), 3) - 2;
  const double momentum = node.real("momentum", 0.9);
  constexpr double grain = 1e6;  // 1 − 0.9 shows as 0.1
  const auto drawn = translation.draw(
      with_dimensions("BatchNorm", dimensions), translation.name_for(node, &*affine->scale),
      {{"eps", node.real("epsilon", 1e-5)}, {"momentum", std::round((1 - momentum) * grain) / grain}}, {*input});
  if (!drawn) return drawn.error();
  set_affine(translation, *drawn, *affine, {channels});
  translation.set_weight(*drawn, "running_mean", statistics[0], {channels});
  translation.set_weight(*drawn, "running_var", statistics[1], {channels});
  if (!statistics[0].is_missing()) translation.set_buffer(*drawn, "num_batches_tracked", 0);
  give_plain(translation, node, *drawn);
  return {};
}

Result<void> instance_norm(Translation& translation, const Node& node) {
  const auto input = channels_first(translation, node, 3);
  if (!input) return input.error();
  const std::int64_t channels = input->layout.place_sizes().front();
  const auto affine = affine_of(translation, node, channels);
  if (!affine) return affine.error();
  const auto drawn = translation.draw(
      with_dimensions("InstanceNorm", input->layout.rank() - 2), translation.name_for(node, named_by(*affine)),
      {{"eps", node.real("epsilon", 1e-5)}, {"affine", affine->is_learned()}}, {*input});
  if (!drawn) return drawn.error();
  if (affine->is_learned()) set_affine(translation, *drawn, *affine, {channels});
  give_plain(translation, node, *drawn);
  return {};
}

/// Of Reshape, InstanceNormalization, Reshape, Mul and Add (see patterns.h).
Result<void> group_norm(Translation& translation, const Node& node) {
  const auto input = channels_first(translation, node, 2);
  if (!input) return input.error();
  const std::int64_t channels = input->layout.place_sizes().front();
  const auto affine = affine_of(translation, node, channels);
  if (!affine) return affine.error();
  const auto drawn = translation.draw("GroupNorm", translation.name_for(node, named_by(*affine)),
                                      {{"num_groups", node.integer("groups", 1)},
                                       {"eps", node.real("epsilon", 1e-5)},
                                       {"affine", affine->is_learned()}},
                                      {*input});
  if (!drawn) return drawn.error();
  if (affine->is_learned()) set_affine(translation, *drawn, *affine, {channels});
  give_plain(translation, node, *drawn);
  return {};
}

Result<void> layer_norm(Translation& translation, const Node& node) {
  const auto input = translation.input(node);
  if (!input) return input.error();
  if (translation.readers(node.output(1)) > 0 || translation.readers(node.output(2)) > 0) {
    return Error{"its mean or deviation is used"};
  }
  const Sizes sizes = input->layout.sizes();
  const auto axis = axis_at(node.integer("axis", -1), sizes.size());
  if (!axis) return Error{"it has no such axis"};
  const Sizes normalised(sizes.begin() + static_cast<std::ptrdiff_t>(*axis), sizes.end());
  const auto affine = affine_of(translation, node, elements_of(normalised).value_or(0));
  if (!affine) return affine.error();

  // The normalised axes must be the last places, in order.
  Tensor tensor = *input;
  const auto are_last = [&] {
    const std::size_t places = tensor.layout.places().size();
    for (std::size_t i = 0; i < normalised.size(); ++i) {
      if (places < normalised.size() || tensor.layout.place_of(*axis + i) != places - normalised.size() + i)
        return false;
    }
    return true;
  };
  if (!are_last()) {
    auto first = translation.canonical(*input);
    if (!first) return first.error();
    tensor = std::move(*first);
    const Sizes places = tensor.layout.place_sizes();
    if (places.size() < normalised.size() || !std::equal(normalised.rbegin(), normalised.rend(), places.rbegin())) {
      return Error{"it normalises along the batch"};
    }
  }
  const auto drawn = translation.draw("LayerNorm", translation.name_for(node, named_by(*affine)),
                                      {{"normalized_dims", static_cast<std::int64_t>(normalised.size())},
                                       {"eps", node.real("epsilon", 1e-5)},
                                       {"elementwise_affine", affine->is_learned()}},
                                      {tensor});
  if (!drawn) return drawn.error();
  if (affine->is_learned()) set_affine(translation, *drawn, *affine, normalised);
  give_alike(translation, node, *drawn, tensor);
  return {};
}

Result<void> local_response_norm(Translation& translation, const Node& node) {
  const auto input = channels_first(translation, node, 3);
  if (!input) return input.error();
  const auto drawn = translation.draw("LocalResponseNorm", translation.name_for(node),
                                      {{"size", node.integer("size", 1)},
                                       {"alpha", node.real("alpha", 1e-4)},
                                       {"beta", node.real("beta", 0.75)},
                                       {"k", node.real("bias", 1)}},
                                      {*input});
  if (!drawn) return drawn.error();
  give_plain(translation, node, *drawn);
  return {};
}

}  // namespace

std::vector<MappingRow> normalisation_mappings() {
  return {{"BatchNormalization", batch_norm},
          {"InstanceNormalization", instance_norm},
          {"netwright.GroupNorm", group_norm},
          {"LayerNormalization", layer_norm},
          {"LRN", local_response_norm}};
}

}  // namespace netwright::onnx_import
