#pragma once
// A layer type is one row: plain data with small pure functions. Forms, validation, palette, help, code and the
// engine's modules are all derived from it.

#include <span>
#include <string>
#include <variant>
#include <vector>

#include "backend/core/settings.h"
#include "backend/core/shape.h"
#include "backend/layers/nn_call.h"

namespace netwright {

/// What a rule sees: the settings (valid) and the shapes at the inputs (without batch; dims may be unknown).
struct LayerView {
  const Settings& settings;
  std::span<const Shape> inputs;

  const Shape& input(std::size_t port = 0) const { return inputs[port]; }
};

/// A mend that a rule knows of, in terms of its own layer.
struct ChangeSetting {
  std::string setting;
  Value value;
};
struct InsertBefore {
  int port;
  std::string type;
  Settings settings;  ///< those that differ from the defaults
};
struct FixHint {
  std::string label;  ///< "Insert Flatten before fc1"
  std::variant<ChangeSetting, InsertBefore> action;
};

/// Why the inputs don't fit this layer.
struct ShapeProblem {
  std::string message;
  std::string expected;
  std::string actual;
  int port = -1;
  std::string setting;
  std::vector<FixHint> fixes = {};
};

using ShapeResult = std::variant<std::vector<Shape>, ShapeProblem>;

/// A parameter (`weight`, `bias`) or, where `is_buffer`, a state that isn't learned (`running_mean`).
struct Weight {
  std::string name;
  Shape shape;
  bool is_buffer = false;
};

/// How the outputs look back on one axis of an input: output i sees those inputs j whose place j·divisor lies in
/// [i·stride − before, i·stride − before + extent). `divisor` is 1 but where the output's grid is finer than the
/// input's (transposed convolution, upsampling, adaptive pooling).
struct AxisWindow {
  static constexpr int same = -2;  ///< the output's axis of the same number
  static constexpr int gone = -1;  ///< no output axis: every output sees what this window says (i = 0)

  std::int64_t extent = 1;
  std::int64_t stride = 1;
  std::int64_t before = 0;
  std::int64_t divisor = 1;
  bool everything = false;  ///< every output sees the whole axis
  bool is_bound = false;    ///< no output sees more, some see less
  bool is_folded = false;   ///< laid into output axis `to` with others (Flatten): what mixes that axis mixes this one
  int to = same;            ///< the output's axis along which the positions run (axes count without the batch)
};

/// What the values of a layer's inputs and outputs are.
enum class Elements {
  Real,     ///< real numbers in and out
  Indices,  ///< whole numbers in (words of a vocabulary), real numbers out
  Any       ///< either: the outputs are of the inputs' kind, which is one
};

/// What autograd keeps of a layer until its backward pass.
struct Saved {
  bool input = false;
  bool output = false;
  std::int64_t bytes_per_output = 0;  ///< besides: a mask (1), the places of maxima (8)
};

/// One formula, first in symbols and then with this layer's numbers:
/// `H = ⌊(28 + 2·0 − 1·(3 − 1) − 1) / 1⌋ + 1 = 26`.
struct FormulaLine {
  std::string symbols;
  std::string numbers;
};

/// Feeds the conformance test: settings that differ from the defaults, and input shapes they fit.
struct Sample {
  Settings settings;
  std::vector<Shape> inputs;
  bool is_positive = false;  ///< the inputs' values must be (Log, Sqrt)
};

enum class Category {
  InputOutput,
  Convolution,
  Pooling,
  Linear,
  Recurrent,
  Attention,
  Activation,
  Normalisation,
  Regularisation,
  Shape,
  Merge,
  Block
};
std::string to_text(Category category);

struct LayerSpec {
  std::string type;  ///< PyTorch's class name where there is one
  Category category;
  std::string summary;    ///< one line: what it does
  std::string name_stem;  ///< new layers are called stem1, stem2, ...
  std::vector<SettingSpec> settings = {};
  int min_inputs = 1;
  int max_inputs = 1;  ///< more than min_inputs: ports are added as they are connected
  int outputs = 1;
  /// Where the settings decide how many outputs there are (Split); else `outputs` holds.
  int (*output_count)(const Settings&) = nullptr;
  Elements elements = Elements::Real;
  bool features_last = false;  ///< takes sequences as time × features, so that axis 0 of two is the positions'
  Saved saved = {};
  bool is_view = false;  ///< its output is its input laid out otherwise, with no memory of its own

  ShapeResult (*shapes)(const LayerView&) = nullptr;
  /// What is allowed but rarely meant, said as a warning.
  std::vector<ShapeProblem> (*warnings)(const LayerView&) = nullptr;
  /// Empty function pointers mean: no weights, no MACs, pointwise on every axis, no module (identity).
  std::vector<Weight> (*weights)(const LayerView&) = nullptr;
  /// Multiply-adds for one sample; nothing where a needed dimension is unknown or the count doesn't fit.
  Dim (*macs)(const LayerView&, std::span<const Shape> outputs) = nullptr;
  /// One entry per axis of the input at `port`, the channels' included; empty means that every axis is kept as it is.
  std::vector<AxisWindow> (*window)(const LayerView&, std::size_t port) = nullptr;
  /// Instead of `window` where the outputs look at different places (Split).
  std::vector<AxisWindow> (*output_window)(const LayerView&, std::size_t port, std::size_t output) = nullptr;
  NnCall (*call)(const LayerView&) = nullptr;
  std::vector<FormulaLine> (*formula)(const LayerView&, std::span<const Shape> outputs) = nullptr;
  std::vector<Sample> samples = {};
  /// The settings worth showing on the node, in one line: `3×3, 32`.
  std::string (*caption)(const Settings&) = nullptr;
};

/// The caption of a layer whose settings aren't worth showing on it.
inline std::string no_caption(const Settings&) {
  return {};
}

}  // namespace netwright
