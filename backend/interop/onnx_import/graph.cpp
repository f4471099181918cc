#include "backend/interop/onnx_import/graph.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <queue>
#include <unordered_map>

#include "backend/interop/onnx_import/tensor_data.h"

namespace netwright::onnx_import {

namespace {

constexpr int most_parts = 200'000;  // nodes, initialisers, inputs and so on, of each
constexpr std::size_t longest_name = 4096;
constexpr int longest_list = 1 << 16;  // of an attribute, and of a node's inputs

std::optional<Value> value_of(const onnx::AttributeProto& attribute) {
  switch (attribute.type()) {
    case onnx::AttributeProto::FLOAT:
      return as_written(attribute.f());
    case onnx::AttributeProto::INT:
      return static_cast<std::int64_t>(attribute.i());
    case onnx::AttributeProto::STRING:
      return attribute.s().substr(0, longest_name);
    case onnx::AttributeProto::INTS:
      return Integers(attribute.ints().begin(), attribute.ints().end());
    case onnx::AttributeProto::FLOATS: {
      Reals reals;
      for (const float number : attribute.floats()) reals.push_back(as_written(number));
      return reals;
    }
    default:
      return std::nullopt;
  }
}

std::string joined_strings(const onnx::AttributeProto& attribute) {
  std::string text;
  for (const std::string& word : attribute.strings()) text += (text.empty() ? "" : " ") + word;
  return text.substr(0, longest_name);
}

class GraphReader {
 public:
  GraphReader(onnx::ModelProto& model, const std::filesystem::path& folder) : model_(model), folder_(folder) {}

  Result<Graph> read() {
    onnx::GraphProto& proto = *model_.mutable_graph();
    for (const int count : {proto.node_size(), proto.initializer_size(), proto.input_size(), proto.output_size(),
                            proto.value_info_size()}) {
      if (count > most_parts)
        return Error{fmt::format("The graph has {} parts; at most {} are read.", count, most_parts)};
    }
    if (proto.node_size() == 0) return Error{"The graph has no nodes."};
    graph_.name = proto.name().substr(0, longest_name);
    if (const auto opset = read_opset(); !opset) return opset.error();
    if (const auto done = read_initialisers(proto); !done) return done.error();
    if (const auto done = read_inputs(proto); !done) return done.error();
    if (const auto done = read_nodes(proto); !done) return done.error();
    for (const auto& info : proto.value_info()) declare(info);
    for (const auto& info : proto.output()) {
      const auto value = ids_.find(info.name());
      if (value == ids_.end()) return Error{fmt::format("The output “{:.100}” comes from nowhere.", info.name())};
      graph_.outputs.push_back(value->second);
      declare(info);
    }
    if (graph_.outputs.empty()) return Error{"The graph has no outputs."};
    if (const auto done = sort_nodes(); !done) return done.error();
    return std::move(graph_);
  }

 private:
  Result<void> read_opset() {
    for (const auto& import : model_.opset_import()) {
      if (import.domain().empty() || import.domain() == "ai.onnx") graph_.opset = import.version();
    }
    if (graph_.opset <= 0 || graph_.opset > 1000) return Error{"The model doesn't say which opset of ONNX it uses."};
    if (graph_.opset < 9 || graph_.opset > 17) {
      graph_.messages.push_back(
          fmt::format("The model uses opset {}; 9 to 17 are known here, so parts of it may be misread.", graph_.opset));
    }
    return {};
  }

  /// A new value; nothing where the name is taken, empty or absurd.
  std::optional<ValueId> define(const std::string& name) {
    if (name.empty() || name.size() > longest_name) return std::nullopt;
    const auto [it, is_new] = ids_.try_emplace(name, static_cast<ValueId>(graph_.values.size()));
    if (!is_new) return std::nullopt;
    graph_.values.push_back(name);
    return it->second;
  }

  Error twice(const char* what, const std::string& name) const {
    return {fmt::format("The {} “{:.100}” has no name of its own.", what, name)};
  }

  Result<void> read_initialisers(onnx::GraphProto& proto) {
    std::size_t missing = 0;
    for (auto& tensor : *proto.mutable_initializer()) {
      const auto value = define(tensor.name());
      if (!value) return twice("initialiser", tensor.name());
      const Sizes sizes(tensor.dims().begin(), tensor.dims().end());
      const bool is_external = tensor.data_location() == onnx::TensorProto::EXTERNAL;
      const auto is_real = is_real_type(tensor.data_type());
      auto constant = take_tensor(tensor, folder_);
      if (!constant && !(is_external && is_real && elements_of(sizes))) return constant.error();
      if (!constant) {
        graph_.messages.push_back(constant.error().message + " Its layer starts with initial weights.");
        constant = Constant::missing(sizes, *is_real);
      } else if (constant->is_missing()) {
        ++missing;
      }
      constant->origin = graph_.values[static_cast<std::size_t>(*value)];
      graph_.constants.emplace(*value, std::move(*constant));
    }
    if (missing > 0) {
      graph_.messages.push_back(fmt::format(
          "The numbers of {} tensors aren't in the model, and the files they should be in aren't beside it: those "
          "layers start with initial weights.",
          missing));
    }
    if (proto.sparse_initializer_size() > 0) {
      return Error{"The model has sparse initialisers, which can't be read; save it with dense ones."};
    }
    return {};
  }

  Result<void> read_inputs(const onnx::GraphProto& proto) {
    for (const auto& info : proto.input()) {
      if (const auto known = ids_.find(info.name()); known != ids_.end()) {
        // Before IR version 4 initialisers were listed among the inputs.
        if (graph_.constants.contains(known->second)) continue;
        return twice("input", info.name());
      }
      const auto value = define(info.name());
      if (!value) return twice("input", info.name());
      graph_.inputs.push_back(*value);
      declare(info);
    }
    return {};
  }

  void declare(const onnx::ValueInfoProto& info) {
    const auto value = ids_.find(info.name());
    if (value == ids_.end() || !info.type().has_tensor_type()) return;
    const auto& type = info.type().tensor_type();
    Declared declared;
    declared.is_real = is_real_type(type.elem_type());
    constexpr int most_axes = 16;
    if (!type.has_shape() || type.shape().dim_size() > most_axes) return;
    for (const auto& dim : type.shape().dim()) {
      Declared::Size size;
      if (dim.has_dim_value() && dim.dim_value() > 0) size.number = dim.dim_value();
      size.symbol = dim.dim_param().substr(0, longest_name);
      declared.sizes.push_back(std::move(size));
    }
    graph_.declared.insert_or_assign(value->second, std::move(declared));
  }

  Result<void> read_nodes(onnx::GraphProto& proto) {
    // Outputs first: the nodes of a file in disorder refer to later ones.
    std::vector<std::vector<ValueId>> outputs;
    for (const auto& node : proto.node()) {
      std::vector<ValueId>& own = outputs.emplace_back();
      for (const std::string& name : node.output()) {
        if (name.empty()) {
          own.push_back(no_value);
          continue;
        }
        const auto value = define(name);
        if (!value) return twice("value", name);
        own.push_back(*value);
      }
    }
    for (int i = 0; i < proto.node_size(); ++i) {
      if (auto read = read_node(*proto.mutable_node(i), std::move(outputs[static_cast<std::size_t>(i)])); !read) {
        return read.error();
      }
    }
    return {};
  }

  Result<void> read_node(onnx::NodeProto& proto, std::vector<ValueId> outputs) {
    Node node;
    node.name = proto.name().substr(0, longest_name);
    node.op = proto.op_type().substr(0, longest_name);
    if (!proto.domain().empty() && proto.domain() != "ai.onnx") node.op = proto.domain().substr(0, 200) + '.' + node.op;
    node.outputs = std::move(outputs);
    if (proto.input_size() > longest_list || proto.attribute_size() > longest_list) {
      return Error{fmt::format("{} has an absurd count of inputs or attributes.", node.described())};
    }
    for (const std::string& name : proto.input()) {
      if (name.empty()) {
        node.inputs.push_back(no_value);
        continue;
      }
      const auto value = ids_.find(name);
      if (value == ids_.end()) {
        return Error{fmt::format("{} reads “{:.100}”, which comes from nowhere.", node.described(), name)};
      }
      node.inputs.push_back(value->second);
    }
    for (auto& attribute : *proto.mutable_attribute()) {
      if (attribute.ints_size() > longest_list || attribute.floats_size() > longest_list) {
        return Error{fmt::format("{} has an attribute of absurd length.", node.described())};
      }
      const std::string& name = attribute.name();
      if (auto value = value_of(attribute)) {
        node.attributes.set(name, std::move(*value));
      } else if (attribute.type() == onnx::AttributeProto::STRINGS) {
        node.attributes.set(name, joined_strings(attribute));
      } else if (attribute.type() == onnx::AttributeProto::TENSOR) {
        auto constant = take_tensor(*attribute.mutable_t(), folder_);
        if (!constant) return Error{fmt::format("{}: {}", node.described(), constant.error().message)};
        if (node.op == "Constant" && node.output(0) != no_value) {
          graph_.constants.insert_or_assign(node.output(0), std::move(*constant));
        } else if (constant->only_number()) {  // ConstantOfShape
          const double number = *constant->only_number();
          node.attributes.set(name, constant->is_real() ? Value(number) : Value(static_cast<std::int64_t>(number)));
        }
      }
    }
    if (node.op == "Constant") return add_constant(node);
    graph_.nodes.push_back(std::move(node));
    return {};
  }

  /// A Constant whose value stands in a plain attribute; one with a tensor is there already.
  Result<void> add_constant(const Node& node) {
    const ValueId value = node.output(0);
    if (value == no_value || graph_.constants.contains(value)) return {};
    if (node.has("value_float")) {
      graph_.constants.emplace(value, Constant::real({}, {static_cast<float>(node.real("value_float", 0))}));
    } else if (node.has("value_int")) {
      graph_.constants.emplace(value, Constant::scalar(node.integer("value_int", 0)));
    } else if (node.has("value_ints")) {
      graph_.constants.emplace(value, Constant::list(node.integers("value_ints")));
    } else if (node.has("value_floats")) {
      const Reals reals = node.attributes.reals("value_floats");
      graph_.constants.emplace(value, Constant::real({static_cast<std::int64_t>(reals.size())},
                                                     std::vector<float>(reals.begin(), reals.end())));
    } else {
      return Error{fmt::format("{} holds no numbers.", node.described())};
    }
    return {};
  }

  /// Kahn's algorithm; of nodes that are ready, the first in the file comes first.
  Result<void> sort_nodes() {
    const auto producers = graph_.producers();
    std::vector<std::vector<std::size_t>> readers(graph_.nodes.size());
    std::vector<std::size_t> waits(graph_.nodes.size());
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      for (const ValueId input : graph_.nodes[i].inputs) {
        if (input == no_value) continue;
        if (const auto producer = producers[static_cast<std::size_t>(input)]) {
          readers[*producer].push_back(i);
          ++waits[i];
        }
      }
    }
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
    for (std::size_t i = 0; i < waits.size(); ++i) {
      if (waits[i] == 0) ready.push(i);
    }
    std::vector<Node> sorted;
    while (!ready.empty()) {
      const std::size_t next = ready.top();
      ready.pop();
      for (const std::size_t reader : readers[next]) {
        if (--waits[reader] == 0) ready.push(reader);
      }
      sorted.push_back(std::move(graph_.nodes[next]));
    }
    if (sorted.size() < waits.size()) {
      const auto stuck = std::find_if(waits.begin(), waits.end(), [](std::size_t count) { return count > 0; });
      const Node& node = graph_.nodes[static_cast<std::size_t>(stuck - waits.begin())];
      return Error{fmt::format("The graph has a cycle: {} waits for its own output.", node.described())};
    }
    graph_.nodes = std::move(sorted);
    return {};
  }

  onnx::ModelProto& model_;
  const std::filesystem::path& folder_;
  Graph graph_;
  std::unordered_map<std::string, ValueId> ids_;
};

}  // namespace

std::int64_t Node::integer(std::string_view attribute, std::int64_t fallback) const {
  const Value* value = attributes.find(attribute);
  const auto* number = value ? std::get_if<std::int64_t>(value) : nullptr;
  return number ? *number : fallback;
}

double Node::real(std::string_view attribute, double fallback) const {
  const Value* value = attributes.find(attribute);
  const auto* number = value ? std::get_if<double>(value) : nullptr;
  return number ? *number : fallback;
}

std::string Node::text(std::string_view attribute, const std::string& fallback) const {
  const Value* value = attributes.find(attribute);
  const auto* word = value ? std::get_if<std::string>(value) : nullptr;
  return word ? *word : fallback;
}

std::string Node::described() const {
  return name.empty() ? fmt::format("a node {:.100}", op) : fmt::format("“{:.100}” ({:.100})", name, op);
}

const Constant* Graph::constant(ValueId value) const {
  const auto it = constants.find(value);
  return it == constants.end() ? nullptr : &it->second;
}

std::vector<std::optional<std::size_t>> Graph::producers() const {
  std::vector<std::optional<std::size_t>> producers(values.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const ValueId output : nodes[i].outputs) {
      if (output != no_value) producers[static_cast<std::size_t>(output)] = i;
    }
  }
  return producers;
}

Result<Graph> graph_of(onnx::ModelProto& model, const std::filesystem::path& folder) {
  return GraphReader(model, folder).read();
}

}  // namespace netwright::onnx_import
