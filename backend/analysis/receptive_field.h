#pragma once
// Receptive fields, composed layer by layer (Araujo, Norris and Sim 2019, "Computing Receptive Fields of Convolutional
// Neural Networks", equations 2 and 3), as intervals so that branches join exactly, and phase by phase so that
// upsampling does too.

#include <span>
#include <vector>

#include "backend/analysis/report.h"

namespace netwright {

/// What the positions of a layer's outputs see along one axis of the network's input, padding included: position
/// m·phases.size() + r sees [phases[r].start + m·stride, phases[r].end + m·stride).
struct AxisTrack {
  struct Span {
    std::int64_t start = 0;
    std::int64_t end = 1;
    bool operator==(const Span&) const = default;
  };
  std::vector<Span> phases = {{}};
  std::int64_t stride = 1;  ///< input pixels for one turn of the phases
  bool is_whole = false;    ///< all of the axis, from every position
  bool is_bound = false;    ///< no position sees more, some may see less
  int at = 0;               ///< the tensor's axis along which the positions run; AxisWindow::gone where there is none
  bool is_folded = false;   ///< laid out in `at` together with others
  Dim input_size;           ///< of the network's input along this axis
  Dim positions;            ///< how many there are
  bool operator==(const AxisTrack&) const = default;
};

/// A layer's field while it is carried along: one track per axis of the network's input, the channels' included.
using CarriedField = std::vector<AxisTrack>;

/// Every value sees itself.
CarriedField field_of_input(const Shape& input);

/// After a layer that looks back at `input` through `windows` (empty: every axis is kept) and gives `output`. Axes are
/// matched from the last where ranks differ, as broadcasting does.
CarriedField carry(const CarriedField& before, const std::vector<AxisWindow>& windows, const Shape& input,
                   const Shape& output);

/// Where branches meet: the union. Exact where their strides agree, else a bound.
CarriedField merge(std::span<const CarriedField> branches);

/// The tracks from axis `first` on, `count` of them, as a report gives them.
ReceptiveField summary_of(const CarriedField& carried, std::size_t first, std::size_t count);

}  // namespace netwright
