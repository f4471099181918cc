#include "backend/interop/onnx_import.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "backend/interop/graph_layout.h"
#include "backend/interop/onnx/onnx_file.h"
#include "backend/interop/onnx_import/input_sizes.h"
#include "backend/interop/onnx_import/mapping.h"
#include "backend/interop/onnx_import/names.h"
#include "backend/interop/onnx_import/patterns.h"

namespace netwright {

namespace onnx_import {

namespace {

/// Sets the node's outputs where all it reads is known; false where it isn't, or the operator isn't computed here.
bool fold_into(std::map<ValueId, Constant>& constants, const std::vector<std::string>& values, const Node& node,
               const std::vector<const Constant*>& inputs, FoldingBudget& budget) {
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] != no_value && !inputs[i]) return false;
  }
  auto outputs = folded(node, inputs, budget);
  if (!outputs) return false;
  for (std::size_t i = 0; i < outputs->size() && i < node.outputs.size(); ++i) {
    if (node.outputs[i] == no_value) continue;
    Constant& output = (*outputs)[i];
    // PyTorch writes equal tensors once, and hands them to their other owners by Identity.
    if (node.op == "Identity" && !output.origin.empty())
      output.origin = values[static_cast<std::size_t>(node.outputs[i])];
    constants.insert_or_assign(node.outputs[i], std::move(output));
  }
  return true;
}

/// What depends on no input is computed once and for all.
void fold_constants(Graph& graph, FoldingBudget& budget) {
  std::erase_if(graph.nodes, [&](const Node& node) {
    std::vector<const Constant*> inputs;
    for (const ValueId value : node.inputs) inputs.push_back(value == no_value ? nullptr : graph.constant(value));
    return !node.inputs.empty() && fold_into(graph.constants, graph.values, node, inputs, budget);
  });
}

void drop_unread(Graph& graph) {
  std::vector<bool> is_read(graph.values.size(), false);
  for (const ValueId value : graph.outputs) is_read[static_cast<std::size_t>(value)] = true;
  std::vector<Node> kept;
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    const bool is_needed = std::any_of(node->outputs.begin(), node->outputs.end(), [&](ValueId value) {
      return value != no_value && is_read[static_cast<std::size_t>(value)];
    });
    if (!is_needed) continue;
    for (const ValueId value : node->inputs) {
      if (value != no_value) is_read[static_cast<std::size_t>(value)] = true;
    }
    kept.push_back(std::move(*node));
  }
  std::reverse(kept.begin(), kept.end());
  graph.nodes = std::move(kept);
}

/// Draws one node, or names it as left out. False where what it reads was left out.
bool translate(Translation& translation, const Node& node, FoldingBudget& budget) {
  std::vector<const Constant*> inputs = translation.constants_of(node);
  // A tensor's sizes are known though its values aren't.
  std::vector<Constant> stand_ins(node.inputs.size());
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] == no_value || inputs[i]) continue;
    const Tensor* tensor = translation.tensor(node.inputs[i]);
    if (!tensor) return false;
    if (node.op != "Shape" && node.op != "Size") continue;
    stand_ins[i] = Constant::missing(tensor->layout.sizes(), tensor->is_real);
    inputs[i] = &stand_ins[i];
  }
  // What is stretched over the batch belongs to every sample: it is no constant of the model's.
  const bool is_per_sample = node.op == "Expand" && translation.batch_size() > 1;
  std::map<ValueId, Constant> constants;
  if (!is_per_sample && !node.inputs.empty() &&
      fold_into(constants, translation.graph().values, node, inputs, budget)) {
    for (auto& [value, constant] : constants) translation.set(value, std::move(constant));
    return true;
  }
  const Mapping mapping = find_mapping(node.op);
  if (!mapping) {
    translation.leave_out(node, "no layer here stands for this operator");
  } else if (node.output(0) == no_value && node.outputs.size() < 2) {
    translation.leave_out(node, "it has no output");
  } else if (const auto drawn = mapping(translation, node); !drawn) {
    translation.leave_out(node, drawn.error().message);
  }
  return true;
}

Result<Imported> imported(const std::filesystem::path& path) {
  auto model = read_onnx_file(path);
  if (!model) return model.error();
  const auto refused = [&](const Error& error) {
    return Error{fmt::format("{} can't be imported: {}", path.string(), error.message)};
  };
  auto graph = graph_of(**model, path.parent_path());
  if (!graph) return refused(graph.error());
  model->reset();
  const auto inputs = input_sizes(*graph);
  if (!inputs) return refused(inputs.error());

  FoldingBudget budget;
  fold_constants(*graph, budget);
  recognise_patterns(*graph);
  drop_unread(*graph);
  Translation translation(*graph, inputs->batch_size);
  for (const std::string& message : graph->messages) translation.say(message);
  for (const std::string& message : inputs->messages) translation.say(message);
  if (const auto drawn = translation.add_inputs(inputs->sizes, inputs->batch_axes); !drawn)
    return refused(drawn.error());
  int lost = 0;
  for (const Node& node : graph->nodes) {
    if (!translate(translation, node, budget)) ++lost;
  }
  if (lost > 0) translation.say(fmt::format("{} nodes that read what was left out are left out as well.", lost));
  translation.add_outputs();

  Imported result;
  const std::string stem = path.stem().string();
  result.project = empty_project();
  result.project.name = stem;
  result.project.note = fmt::format("Imported from {}.", path.filename().string());
  const NetworkId id = result.project.networks.front().id;
  Network network = translation.take_network();
  network.id = id;
  network.name = as_identifier(stem);
  if (!name_complaint(network.name).empty()) network.name = "network";
  const std::map<LayerId, Point> places = laid_out(network);
  for (Layer& layer : network.layers) layer.position = places.at(layer.id);
  result.project.networks.front() = std::move(network);
  result.weights = translation.take_weights();
  result.messages = translation.take_messages();
  return result;
}

}  // namespace

}  // namespace onnx_import

Result<Imported> import_onnx(const std::filesystem::path& path) {
  try {
    return onnx_import::imported(path);
  } catch (const std::exception& error) {  // protobuf, and memory that isn't there
    return Error{fmt::format("{} can't be imported: {}.", path.string(), error.what())};
  }
}

}  // namespace netwright
