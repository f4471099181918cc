#pragma once
// How each NnCall is said in ONNX (opset 13, evaluation mode): one small function per call, in files by family.

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "backend/core/shape.h"
#include "backend/interop/onnx/onnx_graph.h"
#include "backend/layers/nn_call.h"

namespace netwright {

/// Why a layer can't be said in ONNX; caught where the model is made.
struct OnnxExportError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

using WeightsByName = std::map<std::string, const NamedTensor*, std::less<>>;

/// A layer as its mapping sees it. Shapes leave the batch out; values have it as dimension 0.
class OnnxLayer {
 public:
  OnnxGraph& graph;
  std::string name;
  const NnCall& call;
  OnnxValues inputs;                ///< by port
  std::string batch_source;         ///< a value whose dimension 0 is the batch
  std::vector<Shape> input_shapes;  ///< by port; every dimension known
  std::vector<Shape> output_shapes;
  bool holds_integers;  ///< the inputs are whole numbers
  const WeightsByName& weights;

  const std::string& x() const { return inputs.front(); }
  /// Dimensions of the input's and the output's tensors, the batch included.
  std::int64_t rank(std::size_t port = 0) const { return static_cast<std::int64_t>(input_shapes[port].rank()) + 1; }
  std::int64_t size(std::int64_t axis, std::size_t port = 0) const;  ///< of axis 1 and up; counts from the end below 0

  // The call's arguments. Throw where one is of another kind, or is missing and has no fallback.
  bool flag(std::string_view argument, std::optional<bool> fallback = {}) const;
  std::int64_t integer(std::string_view argument, std::optional<std::int64_t> fallback = {}) const;
  double real(std::string_view argument, std::optional<double> fallback = {}) const;
  std::string text(std::string_view argument, const std::optional<std::string>& fallback = {}) const;
  /// `count` numbers, or one that stands for all; any number of them where count is 0.
  Integers integers(std::string_view argument, std::size_t count = 0,
                    const std::optional<Integers>& fallback = {}) const;
  Reals reals(std::string_view argument) const;
  bool has(std::string_view argument) const { return call.find(argument) != nullptr; }
  bool is_text(std::string_view argument) const;
  /// `integer(argument)` as an axis of the input, the batch being 0: never negative.
  std::int64_t axis(std::string_view argument) const;

  /// The initialiser `conv1.weight`.
  std::string weight(std::string_view weight_name) const;
  bool has_weight(std::string_view weight_name) const { return weights.contains(full_name(weight_name)); }
  /// The numbers themselves.
  std::span<const float> numbers(std::string_view weight_name) const;

  std::string add(const std::string& op, const OnnxValues& values, const OnnxAttributes& attributes = {}) const {
    return graph.add(op, values, attributes);
  }
  /// Reshapes to the batch and `shape`.
  std::string reshape(const std::string& value, const Integers& shape) const;
  std::string transpose(const std::string& value, const Integers& axes) const {
    return add("Transpose", {value}, {{"perm", axes}});
  }
  std::string unsqueeze(const std::string& value, const Integers& axes) const;
  std::string slice(const std::string& value, std::int64_t axis, std::int64_t start, std::int64_t end,
                    std::int64_t step = 1) const;
  /// Lengthens `axis` by copies from its other end.
  std::string wrap(const std::string& value, std::int64_t axis, std::int64_t size, std::int64_t before,
                   std::int64_t after) const;
  /// The batch's size and `shape`, as a value that Expand and ConstantOfShape take.
  std::string batched_shape(const Shape& shape) const;

 private:
  std::string full_name(std::string_view weight_name) const { return name + '.' + std::string(weight_name); }
  const NamedTensor& tensor(std::string_view weight_name) const;
};

Integers sizes_of(const Shape& shape);

/// The layer's values, by output port; an input that is passed on may be among them.
using OnnxMapping = OnnxValues (*)(const OnnxLayer&);
using OnnxMappingTable = std::map<std::string_view, OnnxMapping>;

// A file each.
void add_onnx_activations(OnnxMappingTable& table);
void add_onnx_arithmetic(OnnxMappingTable& table);
void add_onnx_attention(OnnxMappingTable& table);
void add_onnx_convolutions(OnnxMappingTable& table);
void add_onnx_embeddings(OnnxMappingTable& table);
void add_onnx_linear(OnnxMappingTable& table);
void add_onnx_normalisations(OnnxMappingTable& table);
void add_onnx_pools(OnnxMappingTable& table);
void add_onnx_recurrent(OnnxMappingTable& table);
void add_onnx_resizing(OnnxMappingTable& table);
void add_onnx_shapes(OnnxMappingTable& table);

}  // namespace netwright
