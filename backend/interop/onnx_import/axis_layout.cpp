#include "backend/interop/onnx_import/axis_layout.h"

#include <algorithm>
#include <map>

#include "backend/core/numbers.h"

namespace netwright::onnx_import {

Layout Layout::of(std::int64_t batch_size, const Sizes& place_sizes, const std::vector<Places>& axes) {
  Layout layout;
  layout.atom_sizes_.push_back(batch_size);
  for (const std::int64_t size : place_sizes) {
    Atoms& place = layout.places_.emplace_back();
    if (size == 1) continue;
    place.push_back(static_cast<int>(layout.atom_sizes_.size()));
    layout.atom_sizes_.push_back(size);
  }
  for (const Places& places : axes) {
    Atoms& axis = layout.axes_.emplace_back();
    for (const int place : places) {
      if (place == batch_place) {
        axis.push_back(batch_atom);
      } else {
        const Atoms& atoms = layout.places_[static_cast<std::size_t>(place)];
        axis.insert(axis.end(), atoms.begin(), atoms.end());
      }
    }
  }
  layout.normalise();
  return layout;
}

Layout Layout::plain(std::int64_t batch_size, const Sizes& place_sizes) {
  std::vector<Places> axes = {{batch_place}};
  for (std::size_t place = 0; place < place_sizes.size(); ++place) axes.push_back({static_cast<int>(place)});
  return of(batch_size, place_sizes, axes);
}

std::int64_t Layout::size_of(const Atoms& atoms) const {
  std::int64_t size = 1;
  for (const int atom : atoms) size *= atom_sizes_[static_cast<std::size_t>(atom)];
  return size;
}

Sizes Layout::sizes() const {
  Sizes sizes;
  for (const Atoms& axis : axes_) sizes.push_back(size_of(axis));
  return sizes;
}

Sizes Layout::place_sizes() const {
  Sizes sizes;
  for (const Atoms& place : places_) sizes.push_back(size_of(place));
  return sizes;
}

std::optional<std::size_t> Layout::batch_axis() const {
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    if (std::find(axes_[i].begin(), axes_[i].end(), batch_atom) != axes_[i].end()) return i;
  }
  return std::nullopt;
}

Layout Layout::transposed(const std::vector<std::size_t>& axes) const {
  Layout layout = *this;
  for (std::size_t i = 0; i < axes.size(); ++i) layout.axes_[i] = axes_[axes[i]];
  layout.normalise();
  return layout;
}

void Layout::split(int atom, std::int64_t outer) {
  const auto inner = static_cast<int>(atom_sizes_.size());
  std::int64_t& size = atom_sizes_[static_cast<std::size_t>(atom)];
  const std::int64_t rest = size / outer;
  size = outer;
  atom_sizes_.push_back(rest);
  for (auto* lists : {&axes_, &places_}) {
    for (Atoms& atoms : *lists) {
      const auto it = std::find(atoms.begin(), atoms.end(), atom);
      if (it != atoms.end()) atoms.insert(it + 1, inner);
    }
  }
}

std::optional<Layout> Layout::reshaped(const Sizes& sizes) const {
  Layout layout = *this;
  Atoms open;  // still to be laid into the new axes, outermost first
  for (const Atoms& axis : axes_) open.insert(open.end(), axis.begin(), axis.end());
  std::reverse(open.begin(), open.end());
  const bool may_lose_batch = batch_size() == 1;
  bool is_batch_lost = may_lose_batch && !batch_axis();
  std::vector<Atoms> axes;
  for (const std::int64_t size : sizes) {
    Atoms& axis = axes.emplace_back();
    std::int64_t rest = size;
    while (rest > 1 || (axis.empty() && !open.empty() && open.back() == batch_atom)) {
      if (open.empty()) return std::nullopt;
      const int atom = open.back();
      if (atom == batch_atom && may_lose_batch) {
        // A batch of 1 keeps an axis of its own or none: a merged one would stand in the way and says nothing.
        open.pop_back();
        if (rest == 1) {
          axis.push_back(atom);
        } else {
          is_batch_lost = true;
        }
        continue;
      }
      const std::int64_t atom_size = layout.atom_sizes_[static_cast<std::size_t>(atom)];
      if (rest % atom_size == 0) {
        open.pop_back();
      } else if (atom != batch_atom && atom_size % rest == 0) {
        const auto inner = static_cast<int>(layout.atom_sizes_.size());
        layout.split(atom, rest);
        open.back() = inner;
      } else {
        return std::nullopt;
      }
      axis.push_back(atom);
      rest /= layout.atom_sizes_[static_cast<std::size_t>(atom)];
    }
  }
  if (!open.empty() && open != Atoms{batch_atom}) return std::nullopt;
  if (!open.empty() && !may_lose_batch) return std::nullopt;
  is_batch_lost = is_batch_lost || !open.empty();
  if (is_batch_lost) {
    for (std::size_t i = 0; i < axes.size(); ++i) {
      if (!axes[i].empty() || sizes[i] != 1) continue;
      axes[i].push_back(batch_atom);
      break;
    }
  }
  layout.axes_ = std::move(axes);
  layout.normalise();
  return layout;
}

std::optional<std::size_t> Layout::place_of(std::size_t axis) const {
  if (axes_[axis].empty() || size_of(axes_[axis]) == 1) return std::nullopt;
  const auto it = std::find(places_.begin(), places_.end(), axes_[axis]);
  if (it == places_.end()) return std::nullopt;
  return static_cast<std::size_t>(it - places_.begin());
}

Arrangement Layout::canonical(std::optional<std::size_t> dropped) const {
  Arrangement arrangement;
  const auto add_place = [&](Atoms atoms) {
    arrangement.places.push_back(std::move(atoms));
    return static_cast<int>(arrangement.places.size()) - 1;
  };
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    const Atoms& axis = axes_[i];
    Places& places = arrangement.of_axes.emplace_back();
    const auto batch = std::find(axis.begin(), axis.end(), batch_atom);
    if (batch_size() == 1) {
      if (dropped == i && size_of(axis) == 1) {
        places.push_back(batch_place);
        continue;
      }
      Atoms rest = axis;
      std::erase(rest, batch_atom);
      places.push_back(add_place(std::move(rest)));
    } else if (batch == axis.end()) {
      places.push_back(add_place(axis));
    } else {
      if (batch != axis.begin()) places.push_back(add_place(Atoms(axis.begin(), batch)));
      places.push_back(batch_place);
      if (batch + 1 != axis.end()) places.push_back(add_place(Atoms(batch + 1, axis.end())));
    }
  }
  return arrangement;
}

Layout Layout::resized(std::size_t axis, std::size_t place, std::int64_t size) const {
  Layout layout = *this;
  const Atoms atoms = size == 1 ? Atoms() : Atoms{static_cast<int>(layout.atom_sizes_.size())};
  layout.atom_sizes_.push_back(size);
  layout.places_[place] = atoms;
  layout.axes_[axis] = atoms;
  layout.normalise();
  return layout;
}

Layout Layout::without_place(std::size_t place) const {
  Layout layout = *this;
  layout.places_.erase(layout.places_.begin() + static_cast<std::ptrdiff_t>(place));
  return layout;
}

Layout Layout::with_last(std::int64_t size) const {
  Layout layout = *this;
  const Atoms atoms = size == 1 ? Atoms() : Atoms{static_cast<int>(layout.atom_sizes_.size())};
  layout.atom_sizes_.push_back(size);
  layout.places_.push_back(atoms);
  layout.axes_.push_back(atoms);
  layout.normalise();
  return layout;
}

void Layout::normalise() {
  // What comes directly after each atom in its axis, so that pairs that are neighbours in both lists can be joined.
  std::map<int, int> next_in_axis;
  for (const Atoms& axis : axes_) {
    for (std::size_t i = 0; i + 1 < axis.size(); ++i) next_in_axis[axis[i]] = axis[i + 1];
  }
  std::vector<std::int64_t> sizes = {atom_sizes_[batch_atom]};
  std::map<int, int> renumbered = {{batch_atom, batch_atom}};
  std::map<int, bool> is_joined;  // to the atom before it
  for (Atoms& place : places_) {
    Atoms joined;
    for (std::size_t i = 0; i < place.size(); ++i) {
      const std::int64_t size = atom_sizes_[static_cast<std::size_t>(place[i])];
      const auto next = i == 0 ? next_in_axis.end() : next_in_axis.find(place[i - 1]);
      if (next != next_in_axis.end() && next->second == place[i]) {
        sizes.back() *= size;
        is_joined[place[i]] = true;
      } else {
        joined.push_back(static_cast<int>(sizes.size()));
        sizes.push_back(size);
      }
      renumbered[place[i]] = joined.back();
    }
    place = std::move(joined);
  }
  for (Atoms& axis : axes_) {
    Atoms kept;
    for (const int atom : axis) {
      if (!is_joined.contains(atom)) kept.push_back(renumbered.at(atom));
    }
    axis = std::move(kept);
  }
  atom_sizes_ = std::move(sizes);
}

}  // namespace netwright::onnx_import
