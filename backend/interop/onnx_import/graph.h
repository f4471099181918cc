#pragma once
// An ONNX graph with every name resolved and every index checked: what the mapping works on.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "backend/core/result.h"
#include "backend/core/settings.h"
#include "backend/core/shape.h"
#include "backend/interop/onnx_import/constant.h"

namespace onnx {
class ModelProto;
}

namespace netwright::onnx_import {

/// A value (ONNX's word for what flows along an edge) by its number; `no_value` for an input or output left out.
using ValueId = int;
inline constexpr ValueId no_value = -1;

struct Node {
  std::string name;
  std::string op;  ///< ONNX's operator; with its domain in front where that isn't ONNX's own: `com.microsoft.Gelu`
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  Settings attributes;

  ValueId input(std::size_t index) const { return index < inputs.size() ? inputs[index] : no_value; }
  ValueId output(std::size_t index) const { return index < outputs.size() ? outputs[index] : no_value; }
  std::int64_t integer(std::string_view attribute, std::int64_t fallback) const;
  double real(std::string_view attribute, double fallback) const;
  std::string text(std::string_view attribute, const std::string& fallback) const;
  /// Empty where it isn't given.
  Integers integers(std::string_view attribute) const { return attributes.integers(attribute); }
  bool has(std::string_view attribute) const { return attributes.find(attribute) != nullptr; }
  /// “/layer1/conv1/Conv” (Conv), for messages.
  std::string described() const;
};

/// What the model says of a value: symbolic sizes have a name instead of a number.
struct Declared {
  struct Size {
    std::int64_t number = 0;  ///< 0: not given
    std::string symbol;
  };
  std::vector<Size> sizes;
  std::optional<bool> is_real;
};

struct Graph {
  std::string name;
  std::int64_t opset = 0;
  std::vector<Node> nodes;                ///< topological
  std::vector<std::string> values;        ///< names, by ValueId
  std::map<ValueId, Constant> constants;  ///< initialisers and Constant nodes
  std::map<ValueId, Declared> declared;
  std::vector<ValueId> inputs;  ///< those without an initialiser
  std::vector<ValueId> outputs;
  std::vector<std::string> messages;  ///< of what was left out

  const Constant* constant(ValueId value) const;
  /// The node that gives a value; nothing for inputs and initialisers.
  std::vector<std::optional<std::size_t>> producers() const;
};

/// `folder` is the model's. Refuses: no opset of ONNX's own, unresolved names, names given twice, cycles, absurd
/// counts.
Result<Graph> graph_of(onnx::ModelProto& model, const std::filesystem::path& folder);

}  // namespace netwright::onnx_import
