// Operators that only regroup or move axes: most change the layout and draw nothing.

#include <fmt/format.h>

#include <algorithm>

#include "backend/interop/onnx_import/mapping.h"
#include "backend/interop/onnx_import/spatial.h"

namespace netwright::onnx_import {

namespace {

Result<void> give_reshaped(Translation& translation, const Node& node, const Tensor& input, const Sizes& sizes) {
  if (auto layout = input.layout.reshaped(sizes)) {
    translation.set(node.output(0), Tensor{input.port, std::move(*layout), input.is_real});
    return {};
  }
  // Axes are cut across: drawn as it is, which works where the batch stays in front.
  const auto first = translation.batch_first(input);
  if (!first) return first.error();
  if (sizes.empty() || sizes.front() != translation.batch_size()) {
    return Error{
        fmt::format("it turns {} into {}, which mixes the samples", to_text(input.layout.sizes()), to_text(sizes))};
  }
  const auto drawn = translation.draw("Reshape", translation.name_for(node),
                                      {{"shape", Integers(sizes.begin() + 1, sizes.end())}}, {*first});
  if (!drawn) return drawn.error();
  translation.set(node.output(0), Tensor{drawn->port(), Layout::plain(translation.batch_size(), drawn->outputs.front()),
                                         input.is_real});
  return {};
}

Result<void> reshape(Translation& translation, const Node& node) {
  const auto input = translation.input(node);
  if (!input) return input.error();
  const auto wanted = translation.known(node, 1, "shape");
  if (!wanted) return wanted.error();
  const auto sizes = reshape_sizes(input->layout.sizes(), wanted->all_whole(), node.integer("allowzero", 0) != 0);
  if (!sizes) {
    return Error{
        fmt::format("{} can't be reshaped to {}", to_text(input->layout.sizes()), to_text(wanted->all_whole()))};
  }
  return give_reshaped(translation, node, *input, *sizes);
}

Result<void> flatten(Translation& translation, const Node& node) {
  const auto input = translation.input(node);
  if (!input) return input.error();
  const Sizes sizes = input->layout.sizes();
  const auto rank = static_cast<std::int64_t>(sizes.size());
  std::int64_t axis = node.integer("axis", 1);
  if (axis < 0) axis += rank;
  if (axis < 0 || axis > rank) return Error{"it has no such axis"};
  const auto outer = elements_of(Sizes(sizes.begin(), sizes.begin() + axis));
  const auto inner = elements_of(Sizes(sizes.begin() + axis, sizes.end()));
  if (!outer || !inner) return Error{"its input is absurdly large"};
  return give_reshaped(translation, node, *input, {*outer, *inner});
}

Result<void> squeeze(Translation& translation, const Node& node) {
  const auto input = translation.input(node);
  if (!input) return input.error();
  const Sizes sizes = input->layout.sizes();
  const auto axes = axes_of(node, translation.constants_of(node), 1, sizes.size());
  if (!axes) return Error{"the axes it drops aren't known"};
  Sizes kept;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const bool is_named = std::find(axes->begin(), axes->end(), i) != axes->end();
    if (is_named && sizes[i] != 1) return Error{fmt::format("axis {} of {} isn't 1", i, to_text(sizes))};
    if (!(axes->empty() ? sizes[i] == 1 : is_named)) kept.push_back(sizes[i]);
  }
  return give_reshaped(translation, node, *input, kept);
}

Result<void> unsqueeze(Translation& translation, const Node& node) {
  const auto input = translation.input(node);
  if (!input) return input.error();
  Sizes sizes = input->layout.sizes();
  const auto constants = translation.constants_of(node);
  const std::size_t count = node.has("axes")                       ? node.integers("axes").size()
                            : constants.size() > 1 && constants[1] ? static_cast<std::size_t>(constants[1]->count())
                                                                   : 0;
  constexpr std::size_t most_axes = 16;
  if (count == 0 || count + sizes.size() > most_axes) return Error{"the axes it adds aren't known"};
  auto axes = axes_of(node, constants, 1, sizes.size() + count);
  if (!axes) return Error{"the axes it adds aren't known"};
  std::sort(axes->begin(), axes->end());
  for (const std::size_t axis : *axes) sizes.insert(sizes.begin() + static_cast<std::ptrdiff_t>(axis), 1);
  return give_reshaped(translation, node, *input, sizes);
}

Result<void> transpose(Translation& translation, const Node& node) {
  const auto input = translation.input(node);
  if (!input) return input.error();
  Integers order = node.integers("perm");
  if (order.empty()) {
    for (std::size_t i = input->layout.rank(); i-- > 0;) order.push_back(static_cast<std::int64_t>(i));
  }
  Integers sorted = order;
  std::sort(sorted.begin(), sorted.end());
  bool is_order = order.size() == input->layout.rank();
  for (std::size_t i = 0; is_order && i < sorted.size(); ++i) is_order = sorted[i] == static_cast<std::int64_t>(i);
  if (!is_order) return Error{"its perm isn't an order of its input's axes"};
  translation.set(node.output(0),
                  Tensor{input->port, input->layout.transposed({order.begin(), order.end()}), input->is_real});
  return {};
}

Result<void> hand_on(Translation& translation, const Node& node) {
  const auto input = translation.input(node);
  if (!input) return input.error();
  translation.set(node.output(0), *input);
  return {};
}

Result<void> cast(Translation& translation, const Node& node) {
  const auto input = translation.input(node);
  if (!input) return input.error();
  const std::int64_t to = node.integer("to", 0);
  const bool to_real = to == 1 || to == 10 || to == 11 || to == 16;  // FLOAT, FLOAT16, DOUBLE, BFLOAT16
  const bool to_whole = to == 6 || to == 7;                          // INT32, INT64
  if (input->is_real ? !to_real : !to_whole) return Error{"it turns numbers of one kind into another"};
  translation.set(node.output(0), *input);
  return {};
}

Result<void> expand(Translation& translation, const Node& node) {
  const auto wanted = translation.known(node, 1, "shape");
  if (!wanted) return wanted.error();
  if (node.input(0) == no_value) return Error{"its input is left out"};
  const Constant* constant = translation.constant(node.input(0));
  const Tensor* found = translation.tensor(node.input(0));
  if (!constant && !found) return Error{"its input is left out"};
  const Sizes own = translation.sizes_of(node.input(0));
  const auto sizes = broadcast_sizes(own, wanted->all_whole());
  if (!sizes) return Error{fmt::format("{} can't be stretched to {}", to_text(own), to_text(wanted->all_whole()))};
  const std::size_t lead = sizes->size() - own.size();

  std::vector<Places> axes;
  Sizes shape;
  if (constant) {
    // The same for every sample: a Parameter, which has the batch by nature.
    Sizes parameter;
    bool has_batch = false;
    for (std::size_t axis = 0; axis < sizes->size(); ++axis) {
      const std::int64_t own_size = axis < lead ? 1 : own[axis - lead];
      if (!has_batch && own_size == 1 && (*sizes)[axis] == translation.batch_size()) {
        axes.push_back({batch_place});
        has_batch = true;
        continue;
      }
      axes.push_back({static_cast<int>(parameter.size())});
      parameter.push_back(own_size);
      shape.push_back((*sizes)[axis]);
    }
    if (!has_batch && translation.batch_size() > 1) return Error{"it stretches a constant without the batch"};
    auto drawn = translation.draw_parameter(*constant, parameter);
    if (!drawn) return drawn.error();
    Tensor tensor = *drawn;
    if (shape != parameter) {
      const auto wider = translation.draw("Expand", translation.name_for(node), {{"shape", Integers(shape)}}, {tensor});
      if (!wider) return wider.error();
      tensor.port = wider->port();
    }
    if (shape.empty()) shape.push_back(1);
    translation.set(node.output(0), Tensor{tensor.port, Layout::of(translation.batch_size(), shape, axes), true});
    return {};
  }
  Sizes wide = own;
  wide.insert(wide.begin(), lead, 1);
  const auto layout = found->layout.reshaped(wide);
  if (!layout) return Error{"it adds axes in a way that can't be followed"};
  Tensor tensor = {found->port, *layout, found->is_real};
  if (wide == *sizes) {
    translation.set(node.output(0), tensor);
    return {};
  }
  auto drawn = translation.canonical(tensor);
  if (!drawn) return drawn.error();
  const Sizes places = drawn->layout.place_sizes();
  std::size_t place = 0;
  for (std::size_t axis = 0; axis < sizes->size(); ++axis) {
    const bool is_batch = drawn->layout.batch_axis() == axis && drawn->layout.sizes()[axis] == translation.batch_size();
    if (is_batch && wide[axis] != (*sizes)[axis]) return Error{"it stretches the batch"};
    if (is_batch) {
      axes.push_back({batch_place});
      continue;
    }
    if (place >= places.size() || places[place] != wide[axis])
      return Error{"it stretches an axis that holds the batch"};
    axes.push_back({static_cast<int>(place++)});
    shape.push_back((*sizes)[axis]);
  }
  if (place != places.size()) return Error{"it stretches an axis that holds the batch"};
  const auto wider = translation.draw("Expand", translation.name_for(node), {{"shape", Integers(shape)}}, {*drawn});
  if (!wider) return wider.error();
  translation.set(node.output(0),
                  Tensor{wider->port(), Layout::of(translation.batch_size(), shape, axes), tensor.is_real});
  return {};
}

/// Repeats by stretching a new axis of 1 before the repeated one.
Result<void> tile(Translation& translation, const Node& node) {
  const auto input = translation.input(node);
  if (!input) return input.error();
  const auto repeats = translation.known(node, 1, "repeats");
  if (!repeats) return repeats.error();
  const std::vector<std::int64_t> counts = repeats->all_whole();
  if (counts.size() != input->layout.rank()) return Error{"its repeats don't fit its input"};
  if (std::all_of(counts.begin(), counts.end(), [](std::int64_t count) { return count == 1; })) {
    return hand_on(translation, node);
  }
  const auto first = translation.batch_first(*input);
  if (!first) return first.error();
  if (counts.front() != 1) return Error{"it repeats samples"};
  Sizes split;
  Sizes stretched;
  Sizes joined;
  const Sizes places = first->layout.place_sizes();
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::int64_t count = counts[i + 1];
    constexpr std::int64_t most = 1'000'000;
    if (count < 1 || count > most) return Error{fmt::format("it repeats {} times", count)};
    if (count > 1) {
      split.push_back(1);
      stretched.push_back(count);
    }
    split.push_back(places[i]);
    stretched.push_back(places[i]);
    joined.push_back(places[i] * count);
  }
  const auto cut = translation.draw("Reshape", "", {{"shape", Integers(split)}}, {*first});
  if (!cut) return cut.error();
  const auto plain = [&](const Drawn& drawn) {
    return Tensor{drawn.port(), Layout::plain(translation.batch_size(), drawn.outputs.front()), input->is_real};
  };
  const auto wide =
      translation.draw("Expand", translation.name_for(node), {{"shape", Integers(stretched)}}, {plain(*cut)});
  if (!wide) return wide.error();
  const auto whole = translation.draw("Reshape", "", {{"shape", Integers(joined)}}, {plain(*wide)});
  if (!whole) return whole.error();
  translation.set(node.output(0), plain(*whole));
  return {};
}

/// DepthToSpace as CRD is PyTorch's PixelShuffle; as DCR, and SpaceToDepth, regrouped axes.
Result<void> depth_to_space(Translation& translation, const Node& node) {
  const auto input = translation.input(node);
  if (!input) return input.error();
  const std::int64_t block = node.integer("blocksize", 0);
  const Sizes sizes = input->layout.sizes();
  constexpr std::int64_t largest = 1000;
  if (sizes.size() != 4 || block < 1 || block > largest) return Error{"it doesn't fit its input"};
  if (node.op == "DepthToSpace" && node.text("mode", "DCR") == "CRD") {
    const auto first = translation.batch_first(*input);
    if (!first) return first.error();
    const auto drawn =
        translation.draw("PixelShuffle", translation.name_for(node), {{"upscale_factor", block}}, {*first});
    if (!drawn) return drawn.error();
    give_plain(translation, node, *drawn);
    return {};
  }
  const bool to_space = node.op == "DepthToSpace";
  const std::int64_t n = sizes[0];
  const std::int64_t c = sizes[1];
  const std::int64_t h = sizes[2];
  const std::int64_t w = sizes[3];
  if (to_space ? c % (block * block) != 0 : h % block != 0 || w % block != 0) return Error{"it doesn't fit its input"};
  const Sizes cut =
      to_space ? Sizes{n, block, block, c / block / block, h, w} : Sizes{n, c, h / block, block, w / block, block};
  const Sizes joined =
      to_space ? Sizes{n, c / block / block, h * block, w * block} : Sizes{n, c * block * block, h / block, w / block};
  const auto first = input->layout.reshaped(cut);
  if (!first) return Error{"it doesn't fit its input"};
  const auto moved = first->transposed(to_space ? std::vector<std::size_t>{0, 3, 4, 1, 5, 2}
                                                : std::vector<std::size_t>{0, 3, 5, 1, 2, 4});
  return give_reshaped(translation, node, Tensor{input->port, moved, input->is_real}, joined);
}

}  // namespace

std::vector<MappingRow> shape_mappings() {
  return {{"Reshape", reshape},
          {"Flatten", flatten},
          {"Squeeze", squeeze},
          {"Unsqueeze", unsqueeze},
          {"Transpose", transpose},
          {"Identity", hand_on},
          {"Cast", cast},
          {"Expand", expand},
          {"Tile", tile},
          {"DepthToSpace", depth_to_space},
          {"SpaceToDepth", depth_to_space}};
}

}  // namespace netwright::onnx_import
