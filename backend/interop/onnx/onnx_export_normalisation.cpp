#include <algorithm>

#include "backend/interop/onnx/onnx_export_parts.h"
#include "backend/interop/onnx/onnx_mapping.h"

namespace netwright {

namespace {

std::string filled_with(const OnnxLayer& l, const char* name, std::int64_t count, float value) {
  return l.graph.numbers(name, std::vector<float>(static_cast<std::size_t>(count), value), {count});
}

/// A weight per channel, brought to stand along dimension 1 of `l`'s input.
std::string per_channel(const OnnxLayer& l, const char* weight) {
  Integers axes;
  for (std::int64_t axis = 1; axis + 1 < l.rank(); ++axis) axes.push_back(axis);
  return axes.empty() ? l.weight(weight) : l.unsqueeze(l.weight(weight), axes);
}

std::string scaled_per_channel(const OnnxLayer& l, const std::string& value) {
  return l.add("Add", {l.add("Mul", {value, per_channel(l, "weight")}), per_channel(l, "bias")});
}

std::string scale(const OnnxLayer& l, std::int64_t channels) {
  return l.has_weight("weight") ? l.weight("weight") : filled_with(l, "ones", channels, 1);
}
std::string shift(const OnnxLayer& l, std::int64_t channels) {
  return l.has_weight("bias") ? l.weight("bias") : filled_with(l, "zeros", channels, 0);
}

OnnxValues with_running_statistics(const OnnxLayer& l, double momentum) {
  const std::int64_t channels = l.integer("num_features");
  return {l.add("BatchNormalization",
                {l.x(), scale(l, channels), shift(l, channels), l.weight("running_mean"), l.weight("running_var")},
                {{"epsilon", l.real("eps", 1e-5)}, {"momentum", 1 - momentum}})};
}

OnnxValues batch_norm(const OnnxLayer& l) {
  if (l.flag("track_running_stats", true)) return with_running_statistics(l, l.real("momentum", 0.1));
  // Without them PyTorch takes the batch's own, in evaluation too.
  Integers axes;
  for (std::int64_t axis = 0; axis < l.rank(); ++axis) {
    if (axis != 1) axes.push_back(axis);
  }
  const std::string y = onnx_normalised(l, l.x(), axes, l.real("eps", 1e-5));
  return {l.flag("affine", true) ? scaled_per_channel(l, y) : y};
}

OnnxValues instance_norm(const OnnxLayer& l) {
  if (l.flag("track_running_stats", false)) return with_running_statistics(l, l.real("momentum", 0.1));
  const std::int64_t channels = l.integer("num_features");
  return {l.add("InstanceNormalization", {l.x(), scale(l, channels), shift(l, channels)},
                {{"epsilon", l.real("eps", 1e-5)}})};
}

/// A group's channels laid into one make it an instance.
OnnxValues group_norm(const OnnxLayer& l) {
  const std::int64_t groups = l.integer("num_groups");
  const std::string folded = l.add("Reshape", {l.x(), l.graph.integers("groups", {0, groups, -1})});
  const std::string y =
      l.add("InstanceNormalization", {folded, filled_with(l, "ones", groups, 1), filled_with(l, "zeros", groups, 0)},
            {{"epsilon", l.real("eps", 1e-5)}});
  const std::string unfolded = l.reshape(y, sizes_of(l.input_shapes.front()));
  return {l.flag("affine", true) ? scaled_per_channel(l, unfolded) : unfolded};
}

OnnxValues layer_norm(const OnnxLayer& l) {
  const auto count = static_cast<std::int64_t>(l.integers("normalized_shape").size());
  return {onnx_layer_norm(l, l.x(), count, l.real("eps", 1e-5), "")};
}

/// x / (k + α/size · Σ x²)^β over `size` channels around each.
OnnxValues local_response_norm(const OnnxLayer& l) {
  const std::int64_t size = l.integer("size");
  const double alpha = l.real("alpha", 1e-4);
  const double beta = l.real("beta", 0.75);
  const double k = l.real("k", 1);
  if (size % 2 == 1 && l.rank() == 4) {
    return {l.add("LRN", {l.x()}, {{"size", size}, {"alpha", alpha}, {"beta", beta}, {"bias", k}})};
  }
  // ONNX's sum leans the other way than PyTorch's where the size is even, and runtimes know only odd ones.
  const std::string squares = l.add("Mul", {l.x(), l.x()});
  const std::string rows = l.add("Reshape", {squares, l.graph.integers("rows", {0, 1, l.size(1), -1})});
  const std::string means = l.add("AveragePool", {rows},
                                  {{"kernel_shape", Integers{size, 1}},
                                   {"strides", Integers{1, 1}},
                                   {"pads", Integers{size / 2, 0, (size - 1) / 2, 0}},
                                   {"count_include_pad", std::int64_t{1}}});
  const std::string weighed = l.add("Mul", {l.reshape(means, sizes_of(l.input_shapes.front())), l.graph.number(alpha)});
  const std::string base = l.add("Add", {weighed, l.graph.number(k)});
  return {l.add("Div", {l.x(), l.add("Pow", {base, l.graph.number(beta)})})};
}

}  // namespace

void add_onnx_normalisations(OnnxMappingTable& table) {
  table.merge(OnnxMappingTable{
      {"BatchNorm1d", batch_norm},
      {"BatchNorm2d", batch_norm},
      {"BatchNorm3d", batch_norm},
      {"GroupNorm", group_norm},
      {"InstanceNorm1d", instance_norm},
      {"InstanceNorm2d", instance_norm},
      {"InstanceNorm3d", instance_norm},
      {"LayerNorm", layer_norm},
      {"LocalResponseNorm", local_response_norm},
  });
}

}  // namespace netwright
