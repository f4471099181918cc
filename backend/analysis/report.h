#pragma once
// What analyse() finds out. Figures are for one sample, float32; what can't be known is nothing, never zero.

#include <map>
#include <string>
#include <vector>

#include "backend/analysis/diagnostic.h"
#include "backend/core/shape.h"
#include "backend/layers/layer_spec.h"

namespace netwright {

/// On one axis: output i of the layer sees inputs [start + i·stride, start + i·stride + size) of the network's input,
/// padding included (so start may be negative). stride 0: every output sees the same. After upsampling the field
/// moves on by `stride` only every `period` outputs.
struct AxisField {
  std::int64_t size = 1;
  std::int64_t stride = 1;
  std::int64_t period = 1;
  std::int64_t start = 0;
  bool is_whole = false;  ///< the whole input axis
  bool is_bound = false;  ///< an upper bound: positions differ
  bool operator==(const AxisField&) const = default;
};

/// One entry per axis of the input along which positions lie: H and W of C×H×W, L of C×L, time of time × features;
/// empty where there is none.
using ReceptiveField = std::vector<AxisField>;

/// True where every axis is seen whole; false for an empty field.
bool sees_whole_input(const ReceptiveField& field);
/// `5×5`, `whole input`, `≤ 12×12`; empty text for an empty field.
std::string to_text(const ReceptiveField& field);

struct LayerReport {
  bool is_valid = false;  ///< settings and inputs fit; outputs have shapes
  std::vector<Shape> inputs;
  std::vector<Shape> outputs;
  std::vector<Weight> weights;
  Dim parameters;  ///< learnable numbers, frozen ones included
  Dim macs;
  Dim output_bytes;
  Dim saved_bytes;  ///< what autograd keeps for the backward pass, besides inputs and outputs: masks, places of maxima
  bool holds_integers = false;  ///< the outputs are whole numbers (words), not real ones
  ReceptiveField field;
};

struct Totals {
  Dim parameters;
  Dim trainable_parameters;
  Dim macs;
  Dim activation_bytes;      ///< every layer's output, summed
  Dim inference_peak_bytes;  ///< the most that lives at once when outputs are freed after their last use
  Dim weight_bytes;          ///< parameters and buffers
  Dim training_fixed_bytes;  ///< weights, their gradients, the optimiser's state: whatever the batch
  /// The most that lives at once in a training step, for each sample: what autograd keeps and gradients under way.
  Dim training_sample_bytes;

  /// For a batch; nothing where it isn't known.
  Dim training_bytes(std::int64_t batch) const;
  /// The largest batch whose training step fits in `memory` bytes; 0 where not even one sample does.
  Dim largest_batch(std::int64_t memory) const;
};

struct NetworkReport {
  NetworkId id;
  std::string name;
  std::vector<LayerId> order;  ///< topological; layers on a cycle are left out
  std::map<LayerId, LayerReport> layers;
  Totals totals;
  Shape input;           ///< the first Input's shape
  Shape output;          ///< the first Output's shape
  ReceptiveField field;  ///< the union over the Outputs
};

struct Report {
  std::vector<NetworkReport> networks;
  std::vector<Diagnostic> diagnostics;

  const NetworkReport* find(NetworkId network) const;
  const LayerReport* find(NetworkId network, LayerId layer) const;
  /// True where nothing forbids training `network`.
  bool is_sound(NetworkId network) const;
};

}  // namespace netwright
