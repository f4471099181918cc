#pragma once
// How the axes of an ONNX tensor lie in the drawn tensor, which always has the batch as its first axis. Reshapes and
// transpositions that only regroup axes (around attention, recurrent layers, channel shuffles) change this alone, and
// cost a layer only where something needs the axes as they are named.

#include <optional>
#include <vector>

#include "backend/interop/onnx_import/constant.h"

namespace netwright::onnx_import {

/// Pieces of axes, by number, outermost first. An axis of size 1 has none.
using Atoms = std::vector<int>;
inline constexpr int batch_atom = 0;

/// One axis of an ONNX tensor in a drawn one: at a place (an axis without the batch, from 0), or the batch itself.
inline constexpr int batch_place = -1;
using Places = std::vector<int>;

/// Where canonical() puts things.
struct Arrangement {
  std::vector<Atoms> places;    ///< of the drawn tensor, without the batch
  std::vector<Places> of_axes;  ///< by ONNX axis
};

class Layout {
 public:
  /// Place p of the drawn tensor has place_sizes[p]; the ONNX axes are made of those places (and of the batch).
  static Layout of(std::int64_t batch_size, const Sizes& place_sizes, const std::vector<Places>& axes);
  /// The batch first, then every place for itself.
  static Layout plain(std::int64_t batch_size, const Sizes& place_sizes);

  /// Of the ONNX tensor, as the model sees it.
  Sizes sizes() const;
  std::size_t rank() const { return axes_.size(); }
  Sizes place_sizes() const;
  std::int64_t batch_size() const { return atom_sizes_[batch_atom]; }
  std::int64_t size_of(const Atoms& atoms) const;
  const std::vector<Atoms>& places() const { return places_; }
  const Atoms& axis(std::size_t index) const { return axes_[index]; }
  /// The ONNX axis that the batch is in; nothing where a batch of 1 has lost its axis.
  std::optional<std::size_t> batch_axis() const;

  Layout transposed(const std::vector<std::size_t>& axes) const;
  /// Nothing where an axis would have to be cut across its pieces. The product of `sizes` must be the tensor's.
  std::optional<Layout> reshaped(const Sizes& sizes) const;
  /// The place that holds exactly this axis, larger than 1.
  std::optional<std::size_t> place_of(std::size_t axis) const;

  /// Each ONNX axis at a place of its own, in order, but for the batch's: around it there may be two. A batch of 1
  /// leaves out `dropped`, an axis of size 1.
  Arrangement canonical(std::optional<std::size_t> dropped) const;
  /// With another size at one place, which holds one axis or none.
  Layout resized(std::size_t axis, std::size_t place, std::int64_t size) const;

  /// Without a place of size 1.
  Layout without_place(std::size_t place) const;
  /// With another axis and place behind all others.
  Layout with_last(std::int64_t size) const;

  bool operator==(const Layout&) const = default;

 private:
  /// Atoms numbered in the order of the places, those that stay together joined: equal layouts compare equal.
  void normalise();
  void split(int atom, std::int64_t outer);

  std::vector<std::int64_t> atom_sizes_;  ///< 0 is the batch
  std::vector<Atoms> axes_;
  std::vector<Atoms> places_;
};

}  // namespace netwright::onnx_import
