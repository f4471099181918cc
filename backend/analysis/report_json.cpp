#include "backend/analysis/report_json.h"

#include <algorithm>
#include <string>

namespace netwright {

namespace {

Json json_of(const Dim& figure) {
  return figure ? Json(*figure) : Json(nullptr);
}

Json json_of(const Shape& shape) {
  Json sizes = Json::array();
  for (const Dim& dim : shape.dims()) sizes.push_back(json_of(dim));
  return sizes;
}

/// A single output's shape; the list of shapes where there are several.
Json json_of(const std::vector<Shape>& shapes) {
  if (shapes.empty()) return nullptr;
  if (shapes.size() == 1) return json_of(shapes.front());
  Json list = Json::array();
  for (const Shape& shape : shapes) list.push_back(json_of(shape));
  return list;
}

Json json_of(const ReceptiveField& field) {
  if (field.empty()) return nullptr;
  Json size = Json::array();
  Json stride = Json::array();
  Json start = Json::array();
  for (const AxisField& axis : field) {
    size.push_back(axis.size);
    if (axis.period == 1) {
      stride.push_back(axis.stride);
    } else {
      stride.push_back(static_cast<double>(axis.stride) / static_cast<double>(axis.period));
    }
    start.push_back(axis.start);
  }
  return {{"size", size},
          {"stride", stride},
          {"start", start},
          {"whole_input", sees_whole_input(field)},
          {"bound", std::any_of(field.begin(), field.end(), [](const AxisField& axis) { return axis.is_bound; })}};
}

const LayerReport& figures_of(const NetworkReport& report, LayerId layer) {
  static const LayerReport none;
  const auto found = report.layers.find(layer);
  return found == report.layers.end() ? none : found->second;
}

Json json_of(const Network& network, const NetworkReport& report) {
  Json layers = Json::array();
  for (const Layer* layer : layers_in_order(network, report)) {
    const LayerReport& figures = figures_of(report, layer->id);
    layers.push_back({{"name", layer->name},
                      {"type", layer->type},
                      {"output_shape", json_of(figures.outputs)},
                      {"parameters", json_of(figures.parameters)},
                      {"macs", json_of(figures.macs)},
                      {"receptive_field", json_of(figures.field)}});
  }
  const Totals& totals = report.totals;
  return {{"name", report.name},
          {"parameters", json_of(totals.parameters)},
          {"trainable_parameters", json_of(totals.trainable_parameters)},
          {"macs", json_of(totals.macs)},
          {"activation_bytes", json_of(totals.activation_bytes)},
          {"inference_peak_bytes", json_of(totals.inference_peak_bytes)},
          {"weight_bytes", json_of(totals.weight_bytes)},
          {"training_fixed_bytes", json_of(totals.training_fixed_bytes)},
          {"training_sample_bytes", json_of(totals.training_sample_bytes)},
          {"training_bytes", json_of(totals.training_bytes(1))},
          {"receptive_field", json_of(report.field)},
          {"layers", std::move(layers)}};
}

std::string network_name(const Project& project, const Diagnostic& diagnostic) {
  const Network* network = project.find(diagnostic.network);
  return network ? network->name : std::string();
}

std::string layer_name(const Project& project, const Diagnostic& diagnostic) {
  const Network* network = project.find(diagnostic.network);
  const Layer* layer = network ? network->find(diagnostic.layer) : nullptr;
  return layer ? layer->name : std::string();
}

Json json_of(const Project& project, const Diagnostic& diagnostic) {
  const auto or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  Json fixes = Json::array();
  for (const Fix& fix : diagnostic.fixes) fixes.push_back(fix.label);
  return {{"severity", to_text(diagnostic.severity)},
          {"code", diagnostic.code},
          {"network", or_null(network_name(project, diagnostic))},
          {"layer", or_null(layer_name(project, diagnostic))},
          {"setting", or_null(diagnostic.setting)},
          {"message", diagnostic.message},
          {"expected", or_null(diagnostic.expected)},
          {"actual", or_null(diagnostic.actual)},
          {"fixes", std::move(fixes)}};
}

}  // namespace

std::vector<const Layer*> layers_in_order(const Network& network, const NetworkReport& report) {
  std::vector<const Layer*> layers;
  for (const LayerId id : report.order) layers.push_back(network.find(id));
  for (const Layer& layer : network.layers) {
    if (std::find(report.order.begin(), report.order.end(), layer.id) == report.order.end()) layers.push_back(&layer);
  }
  return layers;
}

bool concerns(const Diagnostic& diagnostic, NetworkId only) {
  return !only || !diagnostic.network || diagnostic.network == only;
}

Json report_json(const Project& project, const Report& report, NetworkId only) {
  Json networks = Json::array();
  for (const NetworkReport& network : report.networks) {
    if (!only || network.id == only) networks.push_back(json_of(*project.find(network.id), network));
  }
  Json diagnostics = Json::array();
  for (const Diagnostic& diagnostic : report.diagnostics) {
    if (concerns(diagnostic, only)) diagnostics.push_back(json_of(project, diagnostic));
  }
  return {{"networks", std::move(networks)}, {"diagnostics", std::move(diagnostics)}};
}

}  // namespace netwright
