// Parts of tensors, and tensors put together.

#include <fmt/format.h>

#include <algorithm>

#include "backend/interop/onnx_import/mapping.h"
#include "backend/interop/onnx_import/spatial.h"

namespace netwright::onnx_import {

namespace {

/// Takes `range` of a tensor's axis; the tensor itself where that is all of it.
Result<Tensor> sliced(Translation& translation, const Tensor& tensor, const SliceRange& range,
                      const std::string& name) {
  const Sizes sizes = tensor.layout.sizes();
  if (range.start == 0 && range.step == 1 && range.count == sizes[range.axis]) return tensor;
  if (range.step < 0) return Error{"it goes backwards, which PyTorch's slices can't"};
  if (range.count < 1) return Error{"it takes nothing"};
  const auto at = translation.with_axis_at_place(tensor, range.axis);
  if (!at) return at.error();
  const auto drawn = translation.draw("Slice", name,
                                      {{"dim", static_cast<std::int64_t>(at->place) + 1},
                                       {"start", range.start},
                                       {"end", Integers{range.start + (range.count - 1) * range.step + 1}},
                                       {"step", range.step}},
                                      {at->tensor});
  if (!drawn) return drawn.error();
  return Tensor{drawn->port(), at->tensor.layout.resized(range.axis, at->place, range.count), tensor.is_real};
}

Result<void> slice(Translation& translation, const Node& node) {
  const auto input = translation.input(node);
  if (!input) return input.error();
  const auto ranges = slice_ranges(node, translation.constants_of(node), input->layout.sizes());
  if (!ranges) return Error{"where it begins and ends isn't known"};
  Tensor tensor = *input;
  for (const SliceRange& range : *ranges) {
    auto part = sliced(translation, tensor, range, translation.name_for(node));
    if (!part) return part.error();
    tensor = std::move(*part);
  }
  translation.set(node.output(0), tensor);
  return {};
}

Result<void> split(Translation& translation, const Node& node) {
  const auto input = translation.input(node);
  if (!input) return input.error();
  const Sizes sizes = input->layout.sizes();
  const auto axis = axis_at(node.integer("axis", 0), sizes.size());
  if (!axis) return Error{"it has no such axis"};
  const auto parts = split_sizes(node, translation.constants_of(node), sizes[*axis]);
  if (!parts) return Error{"the sizes of its parts aren't known"};
  const auto at = translation.with_axis_at_place(*input, *axis);
  if (!at) return at.error();
  const auto dim = static_cast<std::int64_t>(at->place) + 1;
  const bool is_even = std::all_of(parts->begin(), parts->end(), [&](auto part) { return part == parts->front(); });
  const auto count = static_cast<std::int64_t>(parts->size());
  const auto drawn =
      is_even ? translation.draw("Chunk", translation.name_for(node), {{"chunks", count}, {"dim", dim}}, {at->tensor})
              : translation.draw("Split", translation.name_for(node), {{"split_sizes", Integers(*parts)}, {"dim", dim}},
                                 {at->tensor});
  if (!drawn) return drawn.error();
  for (std::size_t i = 0; i < parts->size() && i < drawn->outputs.size(); ++i) {
    if (node.outputs[i] == no_value) continue;
    translation.set(node.outputs[i], Tensor{drawn->port(static_cast<int>(i)),
                                            at->tensor.layout.resized(*axis, at->place, (*parts)[i]), input->is_real});
  }
  return {};
}

/// One index along an axis, which is gone then.
Result<void> select(Translation& translation, const Node& node, const Tensor& input, std::size_t axis,
                    std::int64_t index) {
  const std::int64_t size = input.layout.sizes()[axis];
  if (index < -size || index >= size) return Error{fmt::format("it takes index {} of {}", index, size)};
  Sizes sizes = input.layout.sizes();
  if (size == 1) {
    sizes.erase(sizes.begin() + static_cast<std::ptrdiff_t>(axis));
    const auto layout = input.layout.reshaped(sizes);
    if (!layout) return Error{"it drops an axis in a way that can't be followed"};
    translation.set(node.output(0), Tensor{input.port, *layout, input.is_real});
    return {};
  }
  const auto at = translation.with_axis_at_place(input, axis);
  if (!at) return at.error();
  const auto drawn =
      translation.draw("Select", translation.name_for(node),
                       {{"dim", static_cast<std::int64_t>(at->place) + 1}, {"index", index}}, {at->tensor});
  if (!drawn) return drawn.error();
  // The place is gone as well as the axis: what is left keeps its order.
  std::vector<Places> axes;
  const Layout kept = at->tensor.layout.resized(axis, at->place, 1);
  const Layout& layout = at->tensor.layout;
  Sizes places = drawn->outputs.front();
  if (layout.places().size() == 1) {
    translation.set(node.output(0),
                    Tensor{drawn->port(), Layout::plain(translation.batch_size(), places), input.is_real});
    return {};
  }
  sizes[axis] = 1;
  Sizes squeezed = sizes;
  squeezed.erase(squeezed.begin() + static_cast<std::ptrdiff_t>(axis));
  auto rest = kept.without_place(at->place).reshaped(squeezed);
  if (!rest) return Error{"it drops an axis in a way that can't be followed"};
  translation.set(node.output(0), Tensor{drawn->port(), std::move(*rest), input.is_real});
  return {};
}

Result<void> embedding(Translation& translation, const Node& node, const Constant& table) {
  const auto words = translation.input(node, 1);
  if (!words) return words.error();
  if (table.rank() != 2 || !table.is_real() || node.integer("axis", 0) != 0) {
    return Error{"it looks numbers up in a table that isn't one row per word"};
  }
  if (words->is_real) return Error{"it looks up by numbers that aren't whole"};
  const auto drawn =
      translation.draw("Embedding", translation.name_for(node, &table),
                       {{"num_embeddings", table.sizes()[0]}, {"embedding_dim", table.sizes()[1]}}, {*words});
  if (!drawn) return drawn.error();
  translation.set_weight(*drawn, "weight", table, table.sizes());
  translation.set(node.output(0), Tensor{drawn->port(), words->layout.with_last(table.sizes()[1]), true});
  return {};
}

Result<void> gather(Translation& translation, const Node& node) {
  if (node.input(0) == no_value || node.input(1) == no_value) return Error{"one of its inputs is left out"};
  if (const Constant* table = translation.constant(node.input(0))) return embedding(translation, node, *table);
  const auto input = translation.input(node);
  if (!input) return input.error();
  const auto indices = translation.known(node, 1, "indices");
  if (!indices) return indices.error();
  const auto axis = axis_at(node.integer("axis", 0), input->layout.rank());
  if (!axis) return Error{"it has no such axis"};
  if (indices->is_missing() || indices->count() < 1) return Error{"its indices aren't known"};
  if (indices->rank() == 0) return select(translation, node, *input, *axis, indices->whole_number(0));
  if (indices->rank() > 1) return Error{"it takes a table of indices"};
  const std::int64_t size = input->layout.sizes()[*axis];
  std::vector<std::int64_t> list = indices->all_whole();
  for (std::int64_t& index : list) {
    if (index < -size || index >= size) return Error{fmt::format("it takes index {} of {}", index, size)};
    if (index < 0) index += size;
  }
  const std::int64_t step = list.size() > 1 ? list[1] - list[0] : 1;
  for (std::size_t i = 1; i < list.size(); ++i) {
    if (list[i] - list[i - 1] != step) return Error{"it takes indices in no regular order"};
  }
  if (step < 1) return Error{"it takes indices in no rising order"};
  auto part = sliced(translation, *input, {*axis, list.front(), static_cast<std::int64_t>(list.size()), step},
                     translation.name_for(node));
  if (!part) return part.error();
  translation.set(node.output(0), std::move(*part));
  return {};
}

Result<void> concat(Translation& translation, const Node& node) {
  if (node.inputs.empty() || node.input(0) == no_value ||
      (!translation.constant(node.input(0)) && !translation.tensor(node.input(0)))) {
    return Error{"its first input is left out"};
  }
  const auto axis = axis_at(node.integer("axis", 0), translation.sizes_of(node.input(0)).size());
  if (!axis) return Error{"it has no such axis"};
  if (node.inputs.size() == 1) {
    translation.set(node.output(0), *translation.tensor(node.input(0)));
    return {};
  }
  const auto parts = translation.aligned(node.inputs, {*axis});
  if (!parts) return parts.error();
  const Places& places = parts->of_axes[*axis];
  if (places.size() != 1 || places.front() == batch_place) return Error{"it joins along the batch"};
  const auto drawn = translation.draw("Concat", translation.name_for(node),
                                      {{"dim", static_cast<std::int64_t>(places.front()) + 1}}, parts->tensors);
  if (!drawn) return drawn.error();
  translation.set(node.output(0),
                  Tensor{drawn->port(), Layout::of(translation.batch_size(), drawn->outputs.front(), parts->of_axes),
                         parts->tensors.front().is_real});
  return {};
}

}  // namespace

std::vector<MappingRow> slicing_mappings() {
  return {{"Slice", slice}, {"Split", split}, {"Gather", gather}, {"Concat", concat}};
}

}  // namespace netwright::onnx_import
