// How tensors are brought into the order of axes that a layer needs: the part of Translation that draws Flatten,
// Reshape, Permute and the like.

#include <fmt/format.h>

#include <algorithm>

#include "backend/interop/onnx_import/translation.h"

namespace netwright::onnx_import {

namespace {

Atoms joined(const std::vector<Atoms>& lists) {
  Atoms all;
  for (const Atoms& atoms : lists) all.insert(all.end(), atoms.begin(), atoms.end());
  return all;
}

/// A row and its settings that turn sizes into others of the same product, all in row-major order.
std::pair<std::string, Settings> regrouping(const Sizes& from, const Sizes& to) {
  std::size_t head = 0;
  while (head < from.size() && head < to.size() && from[head] == to[head]) ++head;
  std::size_t tail = 0;
  while (tail + head < from.size() && tail + head < to.size() &&
         from[from.size() - 1 - tail] == to[to.size() - 1 - tail]) {
    ++tail;
  }
  // Several axes of size 1 after one that stays: they are laid into it.
  if (head > 0 && to.size() == head + tail && from.size() > head + tail + 1) --head;
  const std::size_t old_axes = from.size() - head - tail;
  const std::size_t new_axes = to.size() - head - tail;
  const auto dim = static_cast<std::int64_t>(head) + 1;
  if (old_axes == 1 && new_axes == 0) return {"Squeeze", {{"dim", dim}}};
  if (old_axes == 0 && new_axes == 1) return {"Unsqueeze", {{"dim", dim}}};
  if (new_axes == 1 && old_axes > 1) {
    const auto last = static_cast<std::int64_t>(head + old_axes);
    return {"Flatten", {{"start_dim", dim}, {"end_dim", tail == 0 ? std::int64_t{-1} : last}}};
  }
  if (old_axes == 1 && new_axes > 1) {
    return {"Unflatten",
            {{"dim", dim},
             {"unflattened_size", Integers(to.begin() + static_cast<std::ptrdiff_t>(head),
                                           to.begin() + static_cast<std::ptrdiff_t>(head + new_axes))}}};
  }
  return {"Reshape", {{"shape", Integers(to)}}};
}

/// Atoms that stay together while axes are moved, by where they are.
struct Block {
  Atoms atoms;
  std::size_t from_place;
  std::size_t to_place;
};

std::size_t place_with(const std::vector<Atoms>& places, int atom) {
  const auto it = std::find_if(places.begin(), places.end(), [&](const Atoms& place) {
    return std::find(place.begin(), place.end(), atom) != place.end();
  });
  return static_cast<std::size_t>(it - places.begin());
}

/// In the order of `to`.
std::vector<Block> blocks_of(const std::vector<Atoms>& from, const std::vector<Atoms>& to) {
  const Atoms order = joined(from);
  std::vector<Block> blocks;
  int expected = -1;
  for (std::size_t place = 0; place < to.size(); ++place) {
    for (const int atom : to[place]) {
      const std::size_t from_place = place_with(from, atom);
      const bool goes_on = !blocks.empty() && blocks.back().to_place == place &&
                           blocks.back().from_place == from_place && expected == atom;
      if (!goes_on) blocks.push_back({{}, from_place, place});
      blocks.back().atoms.push_back(atom);
      const auto at = std::find(order.begin(), order.end(), atom);
      expected = at + 1 < order.end() ? *(at + 1) : -1;
    }
  }
  return blocks;
}

}  // namespace

Result<Tensor> Translation::regrouped(const Tensor& tensor, const Sizes& sizes) {
  const Sizes now = tensor.layout.place_sizes();
  if (now == sizes) return tensor;
  const auto [type, settings] = regrouping(now, sizes);
  const Result<Drawn> drawn = draw(type, "", settings, {tensor});
  if (!drawn) return drawn.error();
  return Tensor{drawn->port(), Layout::plain(batch_size_, drawn->outputs.front()), tensor.is_real};
}

Result<Tensor> Translation::arranged(const Tensor& tensor, const Arrangement& arrangement) {
  const Layout& layout = tensor.layout;
  const std::vector<Atoms> from = layout.places();
  std::vector<Atoms> to = arrangement.places;
  // A sample of one number has an axis all the same.
  if (to.empty()) to.emplace_back();
  Sizes sizes;
  for (const Atoms& place : to) sizes.push_back(layout.size_of(place));
  const auto finished = [&](const Tensor& drawn) {
    return Tensor{drawn.port, Layout::of(batch_size_, sizes, arrangement.of_axes), tensor.is_real};
  };

  std::vector<Sizes> key = {layout.place_sizes()};
  for (const std::vector<Atoms>* places : {&from, static_cast<const std::vector<Atoms>*>(&to)}) {
    key.emplace_back();
    for (const Atoms& place : *places) {
      key.back().insert(key.back().end(), place.begin(), place.end());
      key.back().push_back(-1);
    }
  }
  const auto cached = arranged_.find({tensor.port, key});
  if (cached != arranged_.end()) return finished(cached->second);

  Tensor now = {tensor.port, Layout::plain(batch_size_, layout.place_sizes()), tensor.is_real};
  const Atoms order = joined(from);
  if (order != joined(to)) {
    const bool shuffles = from.size() == to.size() && !from.empty() && from[0].size() == 2 &&
                          to[0] == Atoms{from[0][1], from[0][0]} &&
                          std::equal(from.begin() + 1, from.end(), to.begin() + 1);
    if (shuffles && from.size() > 1) {
      const auto drawn = draw("ChannelShuffle", "", {{"groups", layout.size_of({from[0][0]})}}, {now});
      if (!drawn) return drawn.error();
      now.port = drawn->port();
    } else {
      const std::vector<Block> blocks = blocks_of(from, to);
      std::vector<const Block*> by_source;
      for (const Block& block : blocks) by_source.push_back(&block);
      std::sort(by_source.begin(), by_source.end(), [&](const Block* a, const Block* b) {
        return std::find(order.begin(), order.end(), a->atoms.front()) <
               std::find(order.begin(), order.end(), b->atoms.front());
      });
      const auto occupied = static_cast<std::size_t>(
          std::count_if(from.begin(), from.end(), [](const Atoms& place) { return !place.empty(); }));
      const bool is_cut = blocks.size() != occupied;
      if (is_cut) {
        Sizes cut;
        for (const Block* block : by_source) cut.push_back(layout.size_of(block->atoms));
        auto drawn = regrouped(now, cut);
        if (!drawn) return drawn.error();
        now = std::move(*drawn);
      }
      // Where each block is now, and axes of size 1, which come last unless there are as many of them afterwards.
      std::vector<std::int64_t> ones;
      std::map<const Block*, std::int64_t> axis_of;
      for (std::size_t i = 0, next = 0; i < (is_cut ? blocks.size() : from.size()); ++i) {
        if (!is_cut && from[i].empty()) {
          ones.push_back(static_cast<std::int64_t>(i));
        } else {
          axis_of[by_source[next++]] = static_cast<std::int64_t>(i);
        }
      }
      const auto wanted_ones = static_cast<std::size_t>(
          std::count_if(to.begin(), to.end(), [](const Atoms& place) { return place.empty(); }));
      const bool ones_fit = wanted_ones == ones.size();
      Integers dims = {0};
      auto next_one = ones.begin();
      for (std::size_t place = 0; place < to.size(); ++place) {
        if (to[place].empty() && ones_fit) dims.push_back(*next_one++ + 1);
        for (const Block& block : blocks) {
          if (block.to_place == place) dims.push_back(axis_of.at(&block) + 1);
        }
      }
      for (; next_one != ones.end(); ++next_one) dims.push_back(*next_one + 1);
      const auto drawn = draw("Permute", "", {{"dims", dims}}, {now});
      if (!drawn) return drawn.error();
      now = {drawn->port(), Layout::plain(batch_size_, drawn->outputs.front()), tensor.is_real};
    }
  }
  auto drawn = regrouped(now, sizes);
  if (!drawn) return drawn.error();
  arranged_.emplace(std::pair(tensor.port, key), *drawn);
  return finished(*drawn);
}

Result<Tensor> Translation::canonical(const Tensor& tensor) {
  const Layout& layout = tensor.layout;
  std::optional<std::size_t> dropped = layout.batch_axis();
  if (!dropped && layout.rank() > 0 && layout.sizes().front() == 1) dropped = 0;
  return arranged(tensor, layout.canonical(dropped));
}

Result<Tensor> Translation::batch_first(const Tensor& tensor, std::size_t batch_axis) {
  const Layout& layout = tensor.layout;
  if (batch_axis >= layout.rank()) return Error{"its input has too few axes"};
  const bool has_batch =
      batch_size_ == 1 ? layout.sizes()[batch_axis] == 1 : layout.axis(batch_axis) == Atoms{batch_atom};
  if (!has_batch) {
    return Error{fmt::format("axis {} of its input {} isn't the batch", batch_axis, to_text(layout.sizes()))};
  }
  return arranged(tensor, layout.canonical(batch_axis));
}

Result<Translation::AtPlace> Translation::with_axis_at_place(const Tensor& tensor, std::size_t axis) {
  if (const auto place = tensor.layout.place_of(axis)) return AtPlace{tensor, *place};
  const Layout& layout = tensor.layout;
  std::optional<std::size_t> dropped = layout.batch_axis();
  if (!dropped && layout.sizes().front() == 1) dropped = 0;
  // A batch of 1 that something is done along is an axis like others.
  if (dropped == axis && batch_size_ == 1) dropped = std::nullopt;
  const Arrangement arrangement = layout.canonical(dropped);
  const Places& places = arrangement.of_axes[axis];
  if (places.size() != 1 || places.front() == batch_place) {
    return Error{fmt::format("axis {} of its input holds the batch, which every sample must be free of", axis)};
  }
  auto drawn = arranged(tensor, arrangement);
  if (!drawn) return drawn.error();
  return AtPlace{std::move(*drawn), static_cast<std::size_t>(places.front())};
}

Result<Aligned> Translation::aligned(const std::vector<ValueId>& values, const std::set<std::size_t>& apart) {
  std::size_t rank = 0;
  for (const ValueId value : values) {
    if (value == no_value || (!constant(value) && !tensor(value))) return Error{"one of its inputs is left out"};
    rank = std::max(rank, sizes_of(value).size());
  }
  const auto size_at = [&](ValueId value, std::size_t axis) -> std::int64_t {
    const Sizes sizes = sizes_of(value);
    const std::size_t lead = rank - sizes.size();
    return axis < lead ? 1 : sizes[axis - lead];
  };

  // The axis that stands for the batch; of a batch of 1, only where nothing else is along it.
  std::optional<std::size_t> batch_axis;
  for (const ValueId value : values) {
    const Tensor* own = tensor(value);
    if (!own) continue;
    std::optional<std::size_t> axis = own->layout.batch_axis();
    if (!axis && batch_size_ == 1 && own->layout.rank() == rank) axis = 0;
    if (!axis) continue;
    *axis += rank - own->layout.rank();
    if (batch_size_ > 1) {
      if (batch_axis && batch_axis != axis) return Error{"its inputs have the batch on different axes"};
      if (apart.contains(*axis)) return Error{"it works along the batch"};
      batch_axis = axis;
      continue;
    }
    const bool is_free = !apart.contains(*axis) && std::all_of(values.begin(), values.end(), [&](ValueId other) {
      return size_at(other, *axis) == 1;
    });
    if (is_free && !batch_axis) batch_axis = axis;
  }

  std::vector<Arrangement> arrangements(values.size());
  std::vector<std::size_t> parts(rank, 0);  // places per axis
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Tensor* own = tensor(values[i]);
    if (!own) {
      for (std::size_t axis = 0; axis < rank; ++axis) {
        if (axis != batch_axis) parts[axis] = std::max<std::size_t>(parts[axis], 1);
        const bool is_same = size_at(values[i], axis) == 1 || constant(values[i])->is_uniform();
        if (axis == batch_axis && !is_same) return Error{"a constant differs from sample to sample"};
      }
      continue;
    }
    const std::size_t lead = rank - own->layout.rank();
    std::optional<std::size_t> dropped;
    if (batch_axis && *batch_axis >= lead) dropped = *batch_axis - lead;
    arrangements[i] = own->layout.canonical(dropped);
    for (std::size_t axis = 0; axis < own->layout.rank(); ++axis) {
      const Places& places = arrangements[i].of_axes[axis];
      const auto count = static_cast<std::size_t>(
          std::count_if(places.begin(), places.end(), [](int place) { return place != batch_place; }));
      parts[lead + axis] = std::max(parts[lead + axis], count);
    }
    for (std::size_t axis = 0; axis < lead; ++axis) {
      if (axis != batch_axis) parts[axis] = std::max<std::size_t>(parts[axis], 1);
    }
  }

  Aligned result;
  int next_place = 0;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    Places& places = result.of_axes.emplace_back();
    if (axis == batch_axis && parts[axis] == 0) places.push_back(batch_place);
    for (std::size_t part = 0; part < parts[axis]; ++part) places.push_back(next_place++);
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Tensor* own = tensor(values[i]);
    if (!own) {
      Sizes sizes;
      for (std::size_t axis = 0; axis < rank; ++axis) {
        for (std::size_t part = 0; part < parts[axis]; ++part) {
          sizes.push_back(part == 0 && axis != batch_axis ? size_at(values[i], axis) : 1);
        }
      }
      auto drawn = draw_parameter(*constant(values[i]), sizes);
      if (!drawn) return drawn.error();
      result.tensors.push_back(std::move(*drawn));
      continue;
    }
    Arrangement wide;
    const std::size_t lead = rank - own->layout.rank();
    for (std::size_t axis = 0; axis < rank; ++axis) {
      std::vector<Atoms> own_parts;
      if (axis >= lead) {
        const Places& places = arrangements[i].of_axes[axis - lead];
        // Where the batch stands among the parts must be the same for all, for a merged axis to mean the same.
        if (axis == batch_axis && batch_size_ > 1) {
          const auto before = std::find(places.begin(), places.end(), batch_place) - places.begin();
          Places& common = result.of_axes[axis];
          if (std::find(common.begin(), common.end(), batch_place) == common.end()) {
            common.insert(common.begin() + std::min<std::ptrdiff_t>(before, static_cast<std::ptrdiff_t>(common.size())),
                          batch_place);
          }
        }
        for (const int place : places) {
          if (place != batch_place) own_parts.push_back(arrangements[i].places[static_cast<std::size_t>(place)]);
        }
      }
      own_parts.resize(parts[axis]);
      wide.places.insert(wide.places.end(), own_parts.begin(), own_parts.end());
    }
    auto drawn = arranged(*own, wide);
    if (!drawn) return drawn.error();
    result.tensors.push_back(std::move(*drawn));
  }
  return result;
}

}  // namespace netwright::onnx_import
