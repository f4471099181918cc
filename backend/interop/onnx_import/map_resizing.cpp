// Pad, Resize and Upsample.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "backend/interop/onnx_import/mapping.h"
#include "backend/interop/onnx_import/spatial.h"

namespace netwright::onnx_import {

namespace {

Result<void> pad(Translation& translation, const Node& node) {
  const auto input = translation.input(node);
  if (!input) return input.error();
  Integers pads = node.integers("pads");
  if (pads.empty()) {
    const auto given = translation.known(node, 1, "pads");
    if (!given) return given.error();
    pads = given->all_whole();
  }
  const std::size_t rank = input->layout.rank();
  if (pads.size() != 2 * rank) return Error{"its pads don't fit its input"};
  if (std::all_of(pads.begin(), pads.end(), [](std::int64_t count) { return count == 0; })) {
    translation.set(node.output(0), *input);
    return {};
  }
  double value = node.real("value", 0);
  if (node.input(2) != no_value) {
    const auto given = translation.known(node, 2, "value");
    if (!given) return given.error();
    value = given->only_number().value_or(0);
  }
  const std::string mode = node.text("mode", "constant");
  if (mode != "constant" && mode != "reflect" && mode != "edge")
    return Error{fmt::format("its mode {:.50} isn't known", mode)};
  const auto first = translation.batch_first(*input);
  if (!first) return first.error();
  if (pads[0] != 0 || pads[rank] != 0) return Error{"it adds samples"};
  std::size_t lead = 1;
  while (lead < rank && pads[lead] == 0 && pads[rank + lead] == 0) ++lead;
  Padding padding;
  constexpr std::int64_t largest = 1'000'000;
  for (std::size_t axis = lead; axis < rank; ++axis) {
    if (std::abs(pads[axis]) > largest || std::abs(pads[rank + axis]) > largest) return Error{"its pads make no sense"};
    padding.before.push_back(pads[axis]);
    padding.after.push_back(pads[rank + axis]);
  }
  auto drawn =
      padded(translation, *first, padding, mode == "constant" ? value : 0, mode == "edge" ? "replicate" : mode);
  if (!drawn) return drawn.error();
  translation.set(node.output(0), std::move(*drawn));
  return {};
}

/// How PyTorch's Upsample would do what the node says; an error where it can't.
Result<Settings> interpolation(const Translation& translation, const Node& node, std::size_t dimensions,
                               const Reals& factors) {
  const std::string mode = node.text("mode", "nearest");
  const bool is_old = node.op == "Upsample" || translation.opset() < 11;
  const std::string coordinates = node.text("coordinate_transformation_mode", is_old ? "asymmetric" : "half_pixel");
  const bool is_whole =
      std::all_of(factors.begin(), factors.end(), [](double f) { return f >= 1 && f == std::floor(f); });
  if (mode == "nearest") {
    const std::string rounding = node.text("nearest_mode", is_old ? "floor" : "round_prefer_floor");
    const bool is_plain = coordinates == "asymmetric" && rounding == "floor";
    // Enlarged by whole factors, half-pixel centres choose the same neighbours.
    if (!is_plain && !(is_whole && coordinates != "align_corners")) {
      return Error{
          fmt::format("it chooses neighbours by {:.50} and {:.50}, which PyTorch doesn't", coordinates, rounding)};
    }
    return Settings{{"mode", std::string("nearest")}};
  }
  if (mode != "linear" && mode != "cubic") return Error{fmt::format("its mode {:.50} isn't known", mode)};
  if (mode == "cubic" && (dimensions != 2 || node.real("cubic_coeff_a", -0.75) != -0.75)) {
    return Error{"its cubic interpolation isn't PyTorch's"};
  }
  const bool aligns = coordinates == "align_corners";
  if (!aligns && coordinates != "half_pixel" && coordinates != "pytorch_half_pixel") {
    return Error{fmt::format("it interpolates by {:.50} coordinates, which PyTorch doesn't", coordinates)};
  }
  const char* linear = dimensions == 1 ? "linear" : dimensions == 2 ? "bilinear" : "trilinear";
  return Settings{{"mode", std::string(mode == "cubic" ? "bicubic" : linear)}, {"align_corners", aligns}};
}

Result<void> resize(Translation& translation, const Node& node) {
  const auto input = translation.input(node);
  if (!input) return input.error();
  const std::size_t rank = input->layout.rank();
  if (rank < 3 || rank > 5)
    return Error{fmt::format("its input {} is no signal or image", to_text(input->layout.sizes()))};
  const auto first = translation.batch_first(*input);
  if (!first) return first.error();
  const Sizes now = input->layout.sizes();

  const bool is_late = node.op == "Resize" && translation.opset() >= 11;
  const auto list = [&](std::size_t index) -> const Constant* {
    const Constant* constant = node.input(index) == no_value ? nullptr : translation.constant(node.input(index));
    return constant && constant->count() > 0 && !constant->is_missing() ? constant : nullptr;
  };
  const Constant* scales = list(is_late ? 2 : 1);
  const Constant* sizes = is_late ? list(3) : nullptr;
  Reals factors = node.attributes.reals("scales");
  if (scales) {
    factors.clear();
    for (std::int64_t i = 0; i < scales->count(); ++i) {
      factors.push_back(as_written(static_cast<float>(scales->number(i))));
    }
  }
  std::vector<std::int64_t> wanted;
  if (sizes) {
    wanted = sizes->all_whole();
    if (wanted.size() != rank) return Error{"its sizes don't fit its input"};
    factors.clear();
    for (std::size_t i = 0; i < rank; ++i)
      factors.push_back(static_cast<double>(wanted[i]) / static_cast<double>(now[i]));
  }
  if (factors.size() != rank) return Error{"how much it enlarges isn't known"};
  if (factors[0] != 1 || factors[1] != 1) return Error{"it enlarges channels or the batch"};
  factors.erase(factors.begin(), factors.begin() + 2);
  auto settings = interpolation(translation, node, rank - 2, factors);
  if (!settings) return settings.error();
  const bool is_even = std::all_of(factors.begin(), factors.end(), [&](double f) { return f == factors[0]; });
  if (!wanted.empty() && !(is_even && factors[0] == std::floor(factors[0]))) {
    settings->set("size", Integers(wanted.begin() + 2, wanted.end()));
  } else {
    settings->set("scale_factor", is_even ? Reals{factors[0]} : factors);
  }
  const auto drawn = translation.draw("Upsample", translation.name_for(node), *settings, {*first});
  if (!drawn) return drawn.error();
  give_plain(translation, node, *drawn);
  return {};
}

}  // namespace

std::vector<MappingRow> resizing_mappings() {
  return {{"Pad", pad}, {"Resize", resize}, {"Upsample", resize}};
}

}  // namespace netwright::onnx_import
