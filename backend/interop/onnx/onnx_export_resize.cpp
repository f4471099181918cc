#include <algorithm>
#include <cmath>
#include <limits>

#include "backend/interop/onnx/onnx_mapping.h"

namespace netwright {

namespace {

/// One axis that changes its size.
struct Stretch {
  std::int64_t axis;
  std::int64_t from;
  std::int64_t to;
  double factor;  ///< as given, or to/from

  bool is_whole_multiple() const {
    return to % from == 0 && factor == static_cast<double>(to) / static_cast<double>(from);
  }
};

std::vector<Stretch> stretches_of(const OnnxLayer& l) {
  const bool has_size = l.has("size");
  Reals factors;
  if (!has_size) factors = l.reals("scale_factor");
  std::vector<Stretch> stretches;
  for (std::int64_t axis = 2; axis < l.rank(); ++axis) {
    const auto index = static_cast<std::size_t>(axis) - 2;
    const std::int64_t from = l.size(axis);
    const std::int64_t to = l.output_shapes.front()[index + 1].value();
    const double factor =
        has_size ? static_cast<double>(to) / static_cast<double>(from) : factors[std::min(index, factors.size() - 1)];
    stretches.push_back({axis, from, to, factor});
  }
  return stretches;
}

/// With scales and not sizes, which would have to name the batch's. Runtimes find the size as ⌊from · scale⌋ in
/// float32.
std::string scales(const OnnxLayer& l, const std::vector<Stretch>& stretches) {
  std::vector<float> values = {1, 1};
  for (const Stretch& stretch : stretches) {
    auto scale = static_cast<float>(stretch.factor);
    while (static_cast<std::int64_t>(scale * static_cast<float>(stretch.from)) < stretch.to) {
      scale = std::nextafter(scale, std::numeric_limits<float>::infinity());
    }
    values.push_back(scale);
  }
  return l.graph.numbers("scales", values, {static_cast<std::int64_t>(values.size())});
}

std::string resized(const OnnxLayer& l, const std::vector<Stretch>& stretches, const OnnxAttributes& attributes) {
  return l.add("Resize", {l.x(), "", scales(l, stretches)}, attributes);
}

/// Runtimes round differently where the nearest position is a matter of rounding: whole multiples leave no choice, for
/// others the positions are worked out here, as PyTorch does it in float32.
OnnxValues nearest(const OnnxLayer& l, const std::vector<Stretch>& stretches) {
  if (std::all_of(stretches.begin(), stretches.end(), [](const Stretch& s) { return s.is_whole_multiple(); })) {
    return {resized(l, stretches,
                    {{"mode", std::string("nearest")},
                     {"coordinate_transformation_mode", std::string("asymmetric")},
                     {"nearest_mode", std::string("floor")}})};
  }
  std::string value = l.x();
  for (const Stretch& stretch : stretches) {
    if (stretch.from == stretch.to) continue;
    const auto scale = static_cast<float>(1 / stretch.factor);
    Integers places;
    for (std::int64_t i = 0; i < stretch.to; ++i) {
      const auto place = static_cast<std::int64_t>(std::floor(static_cast<float>(i) * scale));
      places.push_back(std::min(place, stretch.from - 1));
    }
    value = l.add("Gather", {value, l.graph.integers("places", places)}, {{"axis", stretch.axis}});
  }
  return {value};
}

OnnxValues upsample(const OnnxLayer& l) {
  const std::vector<Stretch> stretches = stretches_of(l);
  const std::string mode = l.text("mode", "nearest");
  if (mode == "nearest") return nearest(l, stretches);
  OnnxAttributes attributes = {
      {"mode", std::string(mode == "bicubic" ? "cubic" : "linear")},
      {"coordinate_transformation_mode", std::string(l.flag("align_corners", false) ? "align_corners" : "half_pixel")}};
  if (mode == "bicubic") attributes.emplace_back("cubic_coeff_a", -0.75);
  return {resized(l, stretches, attributes)};
}

OnnxValues pixel_shuffle(const OnnxLayer& l) {
  return {l.add("DepthToSpace", {l.x()}, {{"blocksize", l.integer("upscale_factor")}, {"mode", std::string("CRD")}})};
}

/// SpaceToDepth would put the pixels' places before the channels.
OnnxValues pixel_unshuffle(const OnnxLayer& l) {
  const std::int64_t r = l.integer("downscale_factor");
  const std::string cut = l.reshape(l.x(), {l.size(1), l.size(2) / r, r, l.size(3) / r, r});
  return {l.reshape(l.transpose(cut, {0, 1, 3, 5, 2, 4}), sizes_of(l.output_shapes.front()))};
}

OnnxValues channel_shuffle(const OnnxLayer& l) {
  const std::int64_t groups = l.integer("groups");
  std::int64_t pixels = 1;
  for (std::int64_t axis = 2; axis < l.rank(); ++axis) pixels *= l.size(axis);
  const std::string cut = l.reshape(l.x(), {groups, l.size(1) / groups, pixels});
  return {l.reshape(l.transpose(cut, {0, 2, 1, 3}), sizes_of(l.output_shapes.front()))};
}

}  // namespace

void add_onnx_resizing(OnnxMappingTable& table) {
  table.merge(OnnxMappingTable{
      {"ChannelShuffle", channel_shuffle},
      {"PixelShuffle", pixel_shuffle},
      {"PixelUnshuffle", pixel_unshuffle},
      {"Upsample", upsample},
  });
}

}  // namespace netwright
