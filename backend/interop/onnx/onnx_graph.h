#pragma once
// Builds an ONNX graph (https://github.com/onnx/onnx/blob/main/docs/IR.md) node by node.

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "backend/core/settings.h"
#include "backend/core/shape.h"
#include "backend/interop/safetensors.h"

namespace netwright {

using OnnxAttribute = std::variant<std::int64_t, double, std::string, Integers, std::vector<std::string>>;
using OnnxAttributes = std::vector<std::pair<std::string, OnnxAttribute>>;
using OnnxValues = std::vector<std::string>;

class OnnxGraph {
 public:
  /// `graph` must outlive it. Every value and node of the layer that begins is named under it: `gelu1/Erf`.
  explicit OnnxGraph(onnx::GraphProto& graph) : graph_(graph) {}
  void begin_layer(const std::string& name);

  void add_input(const std::string& name, const Shape& shape, bool holds_integers);
  void add_output(const std::string& name, const Shape& shape, bool holds_integers);

  /// Adds a node and returns the name of its value. An empty input is one left out.
  std::string add(const std::string& op, const OnnxValues& inputs, const OnnxAttributes& attributes = {});
  OnnxValues add(const std::string& op, const OnnxValues& inputs, const OnnxAttributes& attributes, int outputs);

  // Constants, kept as initialisers.
  std::string number(double value);  ///< a scalar
  std::string whole_number(std::int64_t value);
  std::string integers(const std::string& name, const Integers& values);
  std::string numbers(const std::string& name, std::span<const float> values, const Integers& sizes);
  /// Under its own name, once. Float32 only: the caller has checked.
  std::string weight(const NamedTensor& tensor);

  /// What the layer gives: its last values, renamed to `names`; where a value isn't the layer's own (it passed an input
  /// on), an Identity makes it so. The node that gives the first is named as the layer.
  void end_layer(const OnnxValues& values, const OnnxValues& names);

 private:
  std::string free_name(const std::string& stem);
  onnx::TensorProto& initialiser(const std::string& name, int type, const Integers& sizes);

  onnx::GraphProto& graph_;
  std::string layer_;
  int first_node_ = 0;  ///< of the layer
  std::set<std::string> names_;
};

}  // namespace netwright
