#include "backend/interop/onnx/onnx_graph.h"

#include <fmt/format.h>

#include <algorithm>

namespace netwright {

namespace {

constexpr const char* batch_dim = "batch";

void describe(onnx::ValueInfoProto& info, const std::string& name, const Shape& shape, bool holds_integers) {
  info.set_name(name);
  onnx::TypeProto_Tensor& type = *info.mutable_type()->mutable_tensor_type();
  type.set_elem_type(holds_integers ? onnx::TensorProto::INT64 : onnx::TensorProto::FLOAT);
  type.mutable_shape()->add_dim()->set_dim_param(batch_dim);
  for (const Dim& dim : shape.dims()) {
    onnx::TensorShapeProto_Dimension& entry = *type.mutable_shape()->add_dim();
    if (dim) entry.set_dim_value(*dim);
  }
}

void fill(onnx::AttributeProto& attribute, const OnnxAttribute& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    attribute.set_type(onnx::AttributeProto::INT);
    attribute.set_i(*integer);
  } else if (const auto* real = std::get_if<double>(&value)) {
    attribute.set_type(onnx::AttributeProto::FLOAT);
    attribute.set_f(static_cast<float>(*real));
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    attribute.set_type(onnx::AttributeProto::STRING);
    attribute.set_s(*text);
  } else if (const auto* list = std::get_if<Integers>(&value)) {
    attribute.set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t element : *list) attribute.add_ints(element);
  } else {
    attribute.set_type(onnx::AttributeProto::STRINGS);
    for (const std::string& element : std::get<std::vector<std::string>>(value)) attribute.add_strings(element);
  }
}

}  // namespace

void OnnxGraph::begin_layer(const std::string& name) {
  layer_ = name;
  first_node_ = graph_.node_size();
}

void OnnxGraph::add_input(const std::string& name, const Shape& shape, bool holds_integers) {
  names_.insert(name);
  describe(*graph_.add_input(), name, shape, holds_integers);
}

void OnnxGraph::add_output(const std::string& name, const Shape& shape, bool holds_integers) {
  describe(*graph_.add_output(), name, shape, holds_integers);
}

std::string OnnxGraph::free_name(const std::string& stem) {
  std::string name = layer_ + '/' + stem;
  for (int count = 2; !names_.insert(name).second; ++count) name = fmt::format("{}/{}_{}", layer_, stem, count);
  return name;
}

std::string OnnxGraph::add(const std::string& op, const OnnxValues& inputs, const OnnxAttributes& attributes) {
  return add(op, inputs, attributes, 1).front();
}

OnnxValues OnnxGraph::add(const std::string& op, const OnnxValues& inputs, const OnnxAttributes& attributes,
                          int outputs) {
  onnx::NodeProto& node = *graph_.add_node();
  node.set_op_type(op);
  for (const std::string& input : inputs) node.add_input(input);
  OnnxValues values;
  for (int i = 0; i < outputs; ++i) {
    values.push_back(free_name(op));
    node.add_output(values.back());
  }
  node.set_name(values.front());
  for (const auto& [name, value] : attributes) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    fill(attribute, value);
  }
  return values;
}

onnx::TensorProto& OnnxGraph::initialiser(const std::string& name, int type, const Integers& sizes) {
  onnx::TensorProto& tensor = *graph_.add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(type);
  for (const std::int64_t size : sizes) tensor.add_dims(size);
  return tensor;
}

std::string OnnxGraph::number(double value) {
  // The same number twice in a layer is one constant.
  std::string name = fmt::format("{}/{}", layer_, static_cast<float>(value));
  const auto narrow = static_cast<float>(value);
  if (names_.insert(name).second) {
    initialiser(name, onnx::TensorProto::FLOAT, {})
        .mutable_raw_data()
        ->assign(reinterpret_cast<const char*>(&narrow), sizeof narrow);
  }
  return name;
}

std::string OnnxGraph::whole_number(std::int64_t value) {
  const std::string name = free_name("index");
  initialiser(name, onnx::TensorProto::INT64, {})
      .mutable_raw_data()
      ->assign(reinterpret_cast<const char*>(&value), sizeof value);
  return name;
}

std::string OnnxGraph::integers(const std::string& name, const Integers& values) {
  const std::string unique = free_name(name);
  initialiser(unique, onnx::TensorProto::INT64, {static_cast<std::int64_t>(values.size())})
      .mutable_raw_data()
      ->assign(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(std::int64_t));
  return unique;
}

std::string OnnxGraph::numbers(const std::string& name, std::span<const float> values, const Integers& sizes) {
  const std::string unique = free_name(name);
  initialiser(unique, onnx::TensorProto::FLOAT, sizes)
      .mutable_raw_data()
      ->assign(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  return unique;
}

std::string OnnxGraph::weight(const NamedTensor& tensor) {
  if (names_.insert(tensor.name).second) {
    initialiser(tensor.name, onnx::TensorProto::FLOAT, tensor.sizes)
        .mutable_raw_data()
        ->assign(reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size());
  }
  return tensor.name;
}

void OnnxGraph::end_layer(const OnnxValues& values, const OnnxValues& names) {
  for (std::size_t port = 0; port < names.size(); ++port) {
    std::string value = values.at(port);
    const auto makes_it = [&](const onnx::NodeProto& node) {
      return std::find(node.output().begin(), node.output().end(), value) != node.output().end();
    };
    const bool is_own = std::any_of(graph_.node().begin() + first_node_, graph_.node().end(), makes_it);
    if (!is_own) value = add("Identity", {value});
    names_.insert(names[port]);
    for (int i = first_node_; i < graph_.node_size(); ++i) {
      onnx::NodeProto& node = *graph_.mutable_node(i);
      if (port == 0 && makes_it(node)) node.set_name(layer_);
      std::replace(node.mutable_input()->begin(), node.mutable_input()->end(), value, names[port]);
      std::replace(node.mutable_output()->begin(), node.mutable_output()->end(), value, names[port]);
    }
  }
}

}  // namespace netwright
