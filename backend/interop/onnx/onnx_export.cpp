#include "backend/interop/onnx/onnx_export.h"

#include <fmt/format.h>
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <exception>
#include <map>
#include <set>

#include "backend/analysis/analyse.h"
#include "backend/analysis/structure.h"
#include "backend/interop/onnx/onnx_mapping.h"
#include "backend/layers/catalogue.h"

namespace netwright {

namespace {

constexpr int opset = 13;
constexpr int ir_version = 7;  // the one of opset 13 (ONNX 1.8)

const OnnxMappingTable& mappings() {
  static const OnnxMappingTable all = [] {
    OnnxMappingTable table;
    add_onnx_activations(table);
    add_onnx_arithmetic(table);
    add_onnx_attention(table);
    add_onnx_convolutions(table);
    add_onnx_embeddings(table);
    add_onnx_linear(table);
    add_onnx_normalisations(table);
    add_onnx_pools(table);
    add_onnx_recurrent(table);
    add_onnx_resizing(table);
    add_onnx_shapes(table);
    return table;
  }();
  return all;
}

class Exporter {
 public:
  Exporter(const Network& network, const NetworkReport& report, const std::vector<NamedTensor>& weights,
           onnx::GraphProto& graph)
      : network_(network), report_(report), graph_(graph) {
    for (const NamedTensor& tensor : weights) weights_[tensor.name] = &tensor;
  }

  /// Throws OnnxExportError.
  void run() {
    check();
    name_outputs();
    for (const Layer& layer : network_.layers) {
      if (layer.type == "Input") add_input(layer);
    }
    const std::set<LayerId> needed = needed_layers(network_);
    for (const LayerId id : report_.order) {
      if (needed.contains(id)) add_layer(*known_layer(network_, report_, id));
    }
    for (const Layer& layer : network_.layers) {
      if (layer.type == "Output") add_output(layer);
    }
  }

 private:
  void check() const {
    const auto has = [&](const char* type) {
      return std::any_of(network_.layers.begin(), network_.layers.end(),
                         [&](const Layer& layer) { return layer.type == type; });
    };
    if (!has("Input")) throw OnnxExportError("it has no Input.");
    if (!has("Output")) throw OnnxExportError("it has no Output.");
    for (const Layer& layer : network_.layers) {
      const auto known = known_layer(network_, report_, layer.id);
      if (!known) {
        throw OnnxExportError(
            fmt::format("“{}” ({}) has a mistake, or doesn't know its input.", layer.name, layer.type));
      }
      for (const Shape& shape : known->report->outputs) {
        if (!shape.is_known()) {
          throw OnnxExportError(fmt::format("“{}” gives {}, of unknown size: say the sizes of the Input.", layer.name,
                                            shape.to_string()));
        }
      }
    }
  }

  std::vector<PortRef> sources_of(LayerId layer) const {
    std::vector<PortRef> sources;
    for (const Connection& connection : network_.connections) {
      if (connection.to.layer == layer) sources.push_back(connection.from);
    }
    return sources;
  }

  bool reads_integers(LayerId layer) const {
    const std::vector<PortRef> sources = sources_of(layer);
    return !sources.empty() && report_.layers.at(sources.front().layer).holds_integers;
  }

  /// A value that an Output shows is called as the Output is; one shown twice, or an input, gets an Identity for it.
  void name_outputs() {
    for (const Layer& layer : network_.layers) {
      if (layer.type != "Output") continue;
      const auto sources = sources_of(layer.id);
      if (sources.empty()) throw OnnxExportError(fmt::format("“{}” has no input.", layer.name));
      if (network_.find(sources.front().layer)->type != "Input") shown_as_.try_emplace(sources.front(), layer.name);
    }
  }

  std::string value_name(const Layer& layer, int port) const {
    const auto shown = shown_as_.find({layer.id, port});
    if (shown != shown_as_.end()) return shown->second;
    return port == 0 ? layer.name : fmt::format("{}/{}", layer.name, port);
  }

  void add_input(const Layer& layer) {
    const LayerReport& figures = report_.layers.at(layer.id);
    graph_.add_input(layer.name, figures.outputs.front(), figures.holds_integers);
    values_[{layer.id, 0}] = layer.name;
    if (first_input_.empty()) first_input_ = layer.name;
  }

  void add_output(const Layer& layer) {
    const PortRef source = sources_of(layer.id).front();
    const LayerReport& figures = report_.layers.at(source.layer);
    graph_.begin_layer(layer.name);
    if (values_.at(source) != layer.name) graph_.end_layer({values_.at(source)}, {layer.name});
    graph_.add_output(layer.name, figures.outputs.at(static_cast<std::size_t>(source.port)), figures.holds_integers);
  }

  void add_layer(const KnownLayer& known) {
    const Layer& layer = *known.layer;
    if (layer.type == "Input" || layer.type == "Output") return;
    OnnxValues inputs;
    for (const PortRef& source : sources_of(layer.id)) inputs.push_back(values_.at(source));
    graph_.begin_layer(layer.name);
    const OnnxValues given = known.spec->call ? mapped(known, inputs) : inputs;
    OnnxValues names;
    for (int port = 0; port < output_count(*known.spec, layer.settings); ++port) {
      names.push_back(value_name(layer, port));
      values_[{layer.id, port}] = names.back();
    }
    graph_.end_layer(given, names);
  }

  OnnxValues mapped(const KnownLayer& known, OnnxValues inputs) {
    const NnCall call = known.spec->call(known.view());
    const auto mapping = mappings().find(call.name);
    if (mapping == mappings().end()) {
      throw OnnxExportError(fmt::format("“{}”: ONNX has no {}.", known.layer->name, call.name));
    }
    const OnnxLayer layer{.graph = graph_,
                          .name = known.layer->name,
                          .call = call,
                          .inputs = std::move(inputs),
                          .batch_source = first_input_,
                          .input_shapes = known.report->inputs,
                          .output_shapes = known.report->outputs,
                          .holds_integers = reads_integers(known.layer->id),
                          .weights = weights_};
    try {
      return mapping->second(layer);
    } catch (const OnnxExportError& error) {
      throw OnnxExportError(fmt::format("“{}”: {}", known.layer->name, error.what()));
    }
  }

  const Network& network_;
  const NetworkReport& report_;
  OnnxGraph graph_;
  WeightsByName weights_;
  std::map<PortRef, std::string> shown_as_;
  std::map<PortRef, std::string> values_;
  std::string first_input_;
};

}  // namespace

Result<std::string> onnx_model(const Network& network, const NetworkReport& report,
                               const std::vector<NamedTensor>& weights) {
  const auto refusal = [&](const std::string& why) {
    return Error{fmt::format("The network “{}” can't become ONNX: {}", network.name, why)};
  };
  onnx::ModelProto model;
  model.set_ir_version(ir_version);
  model.set_producer_name("Netwright");
  model.add_opset_import()->set_version(opset);
  model.mutable_graph()->set_name(network.name);
  try {
    Exporter(network, report, weights, *model.mutable_graph()).run();
    if (model.ByteSizeLong() >= (std::size_t{1} << 31)) return refusal("it is larger than the 2 GiB that ONNX allows.");
    onnx::checker::check_model(model);
    return model.SerializeAsString();
  } catch (const std::exception& error) {
    return refusal(error.what());
  }
}

}  // namespace netwright
