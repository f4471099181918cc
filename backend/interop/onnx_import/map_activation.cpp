// What works on each number for itself, by functions and by activations.

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>

#include "backend/interop/onnx_import/mapping.h"
#include "backend/interop/onnx_import/spatial.h"

namespace netwright::onnx_import {

namespace {

Result<void> draw_alike(Translation& translation, const Node& node, const char* type, const Settings& settings) {
  const auto input = translation.input(node);
  if (!input) return input.error();
  const auto drawn = translation.draw(type, translation.name_for(node), settings, {*input});
  if (!drawn) return drawn.error();
  give_alike(translation, node, *drawn, *input);
  return {};
}

/// An operator whose layer has no settings.
template <const char* type>
Result<void> plain(Translation& translation, const Node& node) {
  return draw_alike(translation, node, type, {});
}

constexpr char relu[] = "ReLU";
constexpr char sigmoid[] = "Sigmoid";
constexpr char log_sigmoid[] = "LogSigmoid";
constexpr char tanh_name[] = "Tanh";
constexpr char softplus[] = "Softplus";
constexpr char softsign[] = "Softsign";
constexpr char mish[] = "Mish";
constexpr char silu[] = "SiLU";
constexpr char hardswish[] = "Hardswish";
constexpr char tanhshrink[] = "Tanhshrink";
constexpr char exp_name[] = "Exp";
constexpr char log_name[] = "Log";
constexpr char sqrt_name[] = "Sqrt";
constexpr char abs_name[] = "Abs";
constexpr char neg[] = "Neg";
constexpr char erf_name[] = "Erf";

Result<void> gelu(Translation& translation, const Node& node) {
  return draw_alike(translation, node, "GELU", {{"approximate", node.text("approximate", "none")}});
}

Result<void> leaky_relu(Translation& translation, const Node& node) {
  return draw_alike(translation, node, "LeakyReLU", {{"negative_slope", node.real("alpha", 0.01)}});
}

Result<void> elu(Translation& translation, const Node& node) {
  return draw_alike(translation, node, node.op == "Celu" ? "CELU" : "ELU", {{"alpha", node.real("alpha", 1)}});
}

bool is_near(double a, double b) {
  constexpr double tolerance = 1e-6;
  return std::abs(a - b) <= tolerance * std::max(1.0, std::abs(b));
}

Result<void> selu(Translation& translation, const Node& node) {
  // Klambauer et al. 2017
  if (!is_near(node.real("alpha", 1.67326), 1.67326) && !is_near(node.real("alpha", 1.67326), 1.6732632423543772)) {
    return Error{"its alpha isn't that of PyTorch's SELU"};
  }
  return draw_alike(translation, node, "SELU", {});
}

Result<void> hard_sigmoid(Translation& translation, const Node& node) {
  const double alpha = node.real("alpha", 0.2);
  const double beta = node.real("beta", 0.5);
  if (is_near(alpha, 1.0 / 6) && is_near(beta, 0.5)) return draw_alike(translation, node, "Hardsigmoid", {});
  const auto input = translation.input(node);
  if (!input) return input.error();
  const auto scaled = translation.draw("Scale", "", {{"scale", alpha}, {"shift", beta}}, {*input});
  if (!scaled) return scaled.error();
  const auto drawn = translation.draw("Hardtanh", translation.name_for(node), {{"min_val", 0.0}, {"max_val", 1.0}},
                                      {Tensor{scaled->port(), input->layout, true}});
  if (!drawn) return drawn.error();
  give_alike(translation, node, *drawn, *input);
  return {};
}

/// max(x, b) = relu(x − b) + b, and min(x, b) = b − relu(b − x).
Result<void> one_sided(Translation& translation, const Node& node, double bound, bool is_lower) {
  const auto input = translation.input(node);
  if (!input) return input.error();
  const double sign = is_lower ? 1 : -1;
  Tensor tensor = *input;
  const auto next = [&](const char* type, const Settings& settings, const std::string& name) -> Result<Drawn> {
    auto drawn = translation.draw(type, name, settings, {tensor});
    if (drawn) tensor.port = drawn->port();
    return drawn;
  };
  if (const auto drawn = next("Scale", {{"scale", sign}, {"shift", -sign * bound}}, ""); !drawn) return drawn.error();
  if (const auto drawn = next("ReLU", {}, translation.name_for(node)); !drawn) return drawn.error();
  if (const auto drawn = next("Scale", {{"scale", sign}, {"shift", bound}}, ""); !drawn) return drawn.error();
  translation.set(node.output(0), tensor);
  return {};
}

Result<void> clip(Translation& translation, const Node& node) {
  constexpr double unbounded = std::numeric_limits<float>::max();
  std::array<double, 2> bounds = {node.real("min", -unbounded), node.real("max", unbounded)};
  for (std::size_t i = 0; i < 2; ++i) {
    if (node.input(i + 1) == no_value) continue;
    const auto bound = translation.known(node, i + 1, "bound");
    if (!bound) return bound.error();
    if (!bound->only_number()) return Error{"its bound isn't one number"};
    bounds[i] = *bound->only_number();
  }
  const bool has_lower = bounds[0] > -unbounded;
  const bool has_upper = bounds[1] < unbounded;
  if (bounds[0] == 0 && bounds[1] == 6) return draw_alike(translation, node, "ReLU6", {});
  if (bounds[0] == 0 && !has_upper) return draw_alike(translation, node, "ReLU", {});
  if (has_lower && has_upper) {
    return draw_alike(translation, node, "Hardtanh", {{"min_val", bounds[0]}, {"max_val", bounds[1]}});
  }
  if (!has_lower && !has_upper) return draw_alike(translation, node, "Identity", {});
  return one_sided(translation, node, has_lower ? bounds[0] : bounds[1], has_lower);
}

Result<void> thresholded_relu(Translation& translation, const Node& node) {
  return draw_alike(translation, node, "Threshold", {{"threshold", node.real("alpha", 1)}, {"value", 0.0}});
}

Result<void> shrink(Translation& translation, const Node& node) {
  const double lambda = node.real("lambd", 0.5);
  const double bias = node.real("bias", 0);
  if (bias == 0) return draw_alike(translation, node, "Hardshrink", {{"lambd", lambda}});
  if (bias == lambda) return draw_alike(translation, node, "Softshrink", {{"lambd", lambda}});
  return Error{"its bias is neither 0 nor lambd"};
}

Result<void> prelu(Translation& translation, const Node& node) {
  const auto input = translation.input(node);
  if (!input) return input.error();
  const auto slope = translation.known(node, 1, "slope");
  if (!slope) return slope.error();
  const std::int64_t count = slope->count();
  const Sizes sizes = input->layout.sizes();
  const bool is_per_channel = count > 1;
  if (is_per_channel) {
    const auto of_channels = broadcast_sizes(sizes, slope->sizes());
    const std::size_t lead = sizes.size() - std::min(sizes.size(), slope->rank());
    if (of_channels != sizes || sizes.size() < 2 || sizes[1] != count || lead > 1 ||
        slope->sizes()[1 - lead] != count) {
      return Error{
          fmt::format("its slope {} isn't one number for each channel of {}", to_text(slope->sizes()), to_text(sizes))};
    }
  }
  auto shaped = is_per_channel ? translation.batch_first(*input) : input;
  if (!shaped) return shaped.error();
  const auto drawn =
      translation.draw("PReLU", translation.name_for(node, &*slope), {{"num_parameters", count}}, {*shaped});
  if (!drawn) return drawn.error();
  translation.set_weight(*drawn, "weight", *slope, {count});
  give_alike(translation, node, *drawn, *shaped);
  return {};
}

Result<void> softmax(Translation& translation, const Node& node) {
  const auto input = translation.input(node);
  if (!input) return input.error();
  const bool is_single_axis = translation.opset() >= 13;
  Sizes sizes = input->layout.sizes();
  const auto axis = axis_at(node.integer("axis", is_single_axis ? -1 : 1), sizes.size());
  if (!axis) return Error{"it has no such axis"};
  Tensor tensor = *input;
  const auto behind = elements_of(Sizes(sizes.begin() + static_cast<std::ptrdiff_t>(*axis) + 1, sizes.end()));
  // Before opset 13 all axes from this one on were taken as one.
  const bool joins = !is_single_axis && behind != 1;
  if (joins) {
    Sizes joined(sizes.begin(), sizes.begin() + static_cast<std::ptrdiff_t>(*axis));
    joined.push_back(sizes[*axis] * behind.value_or(1));
    const auto layout = tensor.layout.reshaped(joined);
    if (!layout) return Error{"it joins axes in a way that can't be followed"};
    tensor.layout = *layout;
  }
  const auto at = translation.with_axis_at_place(tensor, *axis);
  if (!at) return at.error();
  const auto drawn = translation.draw(node.op == "LogSoftmax" ? "LogSoftmax" : "Softmax", translation.name_for(node),
                                      {{"dim", static_cast<std::int64_t>(at->place) + 1}}, {at->tensor});
  if (!drawn) return drawn.error();
  Tensor result = {drawn->port(), at->tensor.layout, true};
  if (joins) {
    const auto layout = result.layout.reshaped(sizes);
    if (!layout) return Error{"it joins axes in a way that can't be followed"};
    result.layout = *layout;
  }
  translation.set(node.output(0), result);
  return {};
}

Result<void> dropout(Translation& translation, const Node& node) {
  double p = node.real("ratio", 0.5);
  if (node.input(1) != no_value) {
    const auto ratio = translation.known(node, 1, "ratio");
    if (!ratio) return ratio.error();
    p = ratio->only_number().value_or(p);
  }
  if (translation.readers(node.output(1)) > 0) return Error{"its mask is used"};
  return draw_alike(translation, node, "Dropout", {{"p", p}});
}

Result<void> reciprocal(Translation& translation, const Node& node) {
  return draw_alike(translation, node, "Pow", {{"exponent", -1.0}});
}

}  // namespace

std::vector<MappingRow> activation_mappings() {
  return {{"Relu", plain<relu>},
          {"Sigmoid", plain<sigmoid>},
          {"netwright.LogSigmoid", plain<log_sigmoid>},
          {"Tanh", plain<tanh_name>},
          {"Softplus", plain<softplus>},
          {"Softsign", plain<softsign>},
          {"Mish", plain<mish>},
          {"netwright.SiLU", plain<silu>},
          {"HardSwish", plain<hardswish>},
          {"netwright.Tanhshrink", plain<tanhshrink>},
          {"Exp", plain<exp_name>},
          {"Log", plain<log_name>},
          {"Sqrt", plain<sqrt_name>},
          {"Abs", plain<abs_name>},
          {"Neg", plain<neg>},
          {"Erf", plain<erf_name>},
          {"Gelu", gelu},
          {"com.microsoft.Gelu", gelu},
          {"LeakyRelu", leaky_relu},
          {"Elu", elu},
          {"Celu", elu},
          {"Selu", selu},
          {"HardSigmoid", hard_sigmoid},
          {"Clip", clip},
          {"ThresholdedRelu", thresholded_relu},
          {"Shrink", shrink},
          {"PRelu", prelu},
          {"Softmax", softmax},
          {"LogSoftmax", softmax},
          {"Dropout", dropout},
          {"Reciprocal", reciprocal}};
}

}  // namespace netwright::onnx_import
