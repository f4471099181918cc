#pragma once
// The drawing that grows out of an ONNX graph, node by node.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "backend/core/result.h"
#include "backend/graph/network.h"
#include "backend/interop/onnx_import/axis_arguments.h"
#include "backend/interop/onnx_import/axis_layout.h"
#include "backend/interop/onnx_import/folding.h"
#include "backend/interop/onnx_import/graph.h"
#include "backend/interop/safetensors.h"

namespace netwright::onnx_import {

/// A value of the graph as the drawing has it.
struct Tensor {
  PortRef port;
  Layout layout;  ///< places are the drawn tensor's axes without the batch
  bool is_real = true;
};

/// Tensors brought to one rank, to be joined value by value: places of the same number belong together.
struct Aligned {
  std::vector<Tensor> tensors;
  std::vector<Places> of_axes;  ///< of the result
};

/// What a new layer gives: per output its port and its shape without the batch.
struct Drawn {
  LayerId layer;
  std::vector<Sizes> outputs;
  PortRef port(int index = 0) const { return {layer, index}; }
};

class Translation {
 public:
  /// `batch_size` is what the graph's arithmetic sees as the batch: 1, or a number that stands for any.
  Translation(const Graph& graph, std::int64_t batch_size);

  std::int64_t batch_size() const { return batch_size_; }
  std::int64_t opset() const { return graph_.opset; }
  const Graph& graph() const { return graph_; }

  const Constant* constant(ValueId value) const;
  const Tensor* tensor(ValueId value) const;
  void set(ValueId value, Constant constant) { constants_.insert_or_assign(value, std::move(constant)); }
  void set(ValueId value, Tensor tensor) { tensors_.insert_or_assign(value, std::move(tensor)); }
  /// Null for inputs left out and for tensors.
  std::vector<const Constant*> constants_of(const Node& node) const;
  /// The size of a value as the graph sees it; it must be known.
  Sizes sizes_of(ValueId value) const;
  /// How many nodes and outputs read a value.
  int readers(ValueId value) const;

  /// The tensor at an input; an error where it is left out or constant.
  Result<Tensor> input(const Node& node, std::size_t index = 0) const;
  /// The known numbers (or at least sizes) at an input.
  Result<Constant> known(const Node& node, std::size_t index, const char* what) const;

  /// Adds a layer; an error where its row refuses the settings or the inputs. `name` is a wish.
  Result<Drawn> draw(const std::string& type, const std::string& name, const Settings& settings,
                     const std::vector<Tensor>& inputs);
  /// A learnable tensor (one that isn't learned where the constant was computed), or a Constant of one number. `sizes`
  /// are without batch.
  Result<Tensor> draw_parameter(const Constant& constant, const Sizes& sizes);
  void set_weight(const Drawn& layer, const std::string& name, const Constant& numbers, const Sizes& sizes);
  void set_weight(const Drawn& layer, const std::string& name, const std::vector<float>& numbers, const Sizes& sizes);
  void set_buffer(const Drawn& layer, const std::string& name, std::int64_t number);

  /// The name that a layer for this node should have: of the initialiser's module, else of the node.
  std::string name_for(const Node& node, const Constant* weight = nullptr) const;

  /// Draws what it takes to bring a tensor's places into the arrangement.
  Result<Tensor> arranged(const Tensor& tensor, const Arrangement& arrangement);
  /// Every ONNX axis at a place of its own, the batch taken out where it stands (a batch of 1 from axis 0).
  Result<Tensor> canonical(const Tensor& tensor);
  /// As a network's layers take it: ONNX axis 0 is the batch, axis i + 1 is place i.
  Result<Tensor> batch_first(const Tensor& tensor, std::size_t batch_axis = 0);
  /// So that one ONNX axis is a place; that place's number.
  struct AtPlace {
    Tensor tensor;
    std::size_t place = 0;
  };
  Result<AtPlace> with_axis_at_place(const Tensor& tensor, std::size_t axis);
  /// Operands of an elementwise operation, or of a MatMul or Concat whose last or joined axes differ (`apart`, counted
  /// from the end in the former case: those aren't compared).
  Result<Aligned> aligned(const std::vector<ValueId>& values, const std::set<std::size_t>& apart = {});

  /// Names what couldn't be drawn, and goes on behind it with an Input of the shape that is declared or likely.
  void leave_out(const Node& node, const std::string& why);
  void say(const std::string& message) { messages_.push_back(message); }

  Result<void> add_inputs(const std::vector<Sizes>& sizes, const std::vector<std::optional<std::size_t>>& batch_axes);
  void add_outputs();
  /// Drops what leads to no Output, and hands the drawing over.
  Network take_network();
  std::vector<NamedTensor> take_weights();
  std::vector<std::string> take_messages() { return std::move(messages_); }

 private:
  std::string free_name(const std::string& wish, const std::string& stem);
  Result<Tensor> regrouped(const Tensor& tensor, const Sizes& sizes);

  const Graph& graph_;
  std::int64_t batch_size_;
  std::map<ValueId, Constant> constants_;
  std::map<ValueId, Tensor> tensors_;
  std::vector<int> readers_;
  Network network_;
  std::set<std::string> names_;
  std::map<std::string, int> next_number_;
  std::map<std::pair<PortRef, std::vector<Sizes>>, Tensor> arranged_;
  std::map<std::pair<std::string, Sizes>, Tensor> parameters_;
  std::set<std::string> placed_;  ///< initialisers whose numbers some layer has
  std::vector<std::pair<LayerId, NamedTensor>> weights_;
  std::vector<std::string> messages_;
};

}  // namespace netwright::onnx_import
