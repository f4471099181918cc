#pragma once
// Receptive fields, composed layer by layer (Araujo, Norris and Sim 2019, "Computing Receptive Fields of Convolutional
// Neural Networks", equations 2 and 3), as intervals so that branches join exactly.

#include <span>

#include "backend/analysis/report.h"

namespace netwright {

/// A layer's field while it is carried along: per spatial axis of the network's input.
struct CarriedField {
  ReceptiveField field;
  std::vector<Dim> input_sizes;  ///< of the network's input, per axis
  std::vector<Dim> positions;    ///< how many outputs the layer has along each axis
  bool is_spread = false;        ///< the axes were flattened into features: the next mixing sees all positions
};

/// Every pixel sees itself.
CarriedField field_of_input(const Shape& input);

/// After a layer whose outputs look back through `windows` (empty: pointwise) and have shape `output`.
CarriedField carry(const CarriedField& before, const std::vector<AxisWindow>& windows, const Shape& output);

/// Where branches meet: the union. Exact where their strides agree, else a bound.
CarriedField merge(std::span<const CarriedField> branches);

}  // namespace netwright
