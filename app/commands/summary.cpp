#include <fmt/core.h>

#include <algorithm>
#include <memory>

#include "app/commands/command.h"
#include "app/commands/table.h"
#include "backend/analysis/analyse.h"
#include "backend/core/json_text.h"
#include "backend/core/numbers.h"
#include "backend/graph/project_json.h"

namespace netwright {

namespace {

const std::string unknown = "?";

std::string count_text(const Dim& count) {
  return count ? with_separators(*count) : unknown;
}
std::string size_text(const Dim& bytes) {
  return bytes ? bytes_text(*bytes) : unknown;
}

std::string shapes_text(const std::vector<Shape>& shapes) {
  if (shapes.empty()) return unknown;
  std::string text;
  for (const Shape& shape : shapes) text += (text.empty() ? "" : ", ") + shape.to_string();
  return text;
}

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

/// Layers on a cycle have no place in the order and come last.
std::vector<const Layer*> layers_in_order(const Network& network, const NetworkReport& report) {
  std::vector<const Layer*> layers;
  for (const LayerId id : report.order) layers.push_back(network.find(id));
  for (const Layer& layer : network.layers) {
    if (std::find(report.order.begin(), report.order.end(), layer.id) == report.order.end()) layers.push_back(&layer);
  }
  return layers;
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

bool concerns(const Diagnostic& diagnostic, NetworkId only) {
  return !only || !diagnostic.network || diagnostic.network == only;
}

std::string totals_text(const NetworkReport& report) {
  const Totals& totals = report.totals;
  Dim frozen;
  if (totals.parameters && totals.trainable_parameters) frozen = *totals.parameters - *totals.trainable_parameters;
  const std::string field = to_text(report.field);
  return fmt::format(
      "Parameters         {} ({} trainable, {} frozen)\n"
      "Multiply-adds      {} per sample\n"
      "Activations        {} per sample; {} at once at inference\n"
      "Training memory    {} with one sample in a batch\n"
      "Receptive field    {}\n",
      count_text(totals.parameters), count_text(totals.trainable_parameters), count_text(frozen),
      count_text(totals.macs), size_text(totals.activation_bytes), size_text(totals.inference_peak_bytes),
      size_text(totals.training_bytes(1)), field.empty() ? "none (no spatial axes)" : field);
}

std::string network_text(const Network& network, const NetworkReport& report) {
  std::vector<std::vector<std::string>> rows;
  for (const Layer* layer : layers_in_order(network, report)) {
    const LayerReport& figures = figures_of(report, layer->id);
    rows.push_back({layer->name, layer->type, shapes_text(figures.outputs),
                    count_text(figures.parameters) + (layer->trainable ? "" : " frozen"), count_text(figures.macs),
                    to_text(figures.field)});
  }
  return fmt::format("{}\n\n{}\n{}", network.name,
                     table({{"Layer"},
                            {"Type"},
                            {"Output shape"},
                            {"Parameters", Align::Right},
                            {"Multiply-adds", Align::Right},
                            {"Receptive field"}},
                           rows),
                     totals_text(report));
}

std::string diagnostic_text(const Diagnostic& diagnostic) {
  std::string text = to_text(diagnostic.severity) + ": " + diagnostic.message + "\n";
  for (const Fix& fix : diagnostic.fixes) text += "  fix: " + fix.label + "\n";
  return text;
}

Json summary_json(const Project& project, NetworkId only) {
  const Report report = analyse(project);
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

std::string summary_text(const Project& project, NetworkId only) {
  const Report report = analyse(project);
  std::string text;
  for (const NetworkReport& network : report.networks) {
    if (only && network.id != only) continue;
    if (!text.empty()) text += "\n";
    text += network_text(*project.find(network.id), network);
  }
  std::string problems;
  for (const Diagnostic& diagnostic : report.diagnostics) {
    if (concerns(diagnostic, only)) problems += diagnostic_text(diagnostic);
  }
  return problems.empty() ? text : text + "\n" + problems;
}

struct Arguments {
  std::string project;
  std::string network;
  bool as_json = false;
};

Exit summarise(const Arguments& arguments) {
  const auto project = read_project(arguments.project);
  if (!project) return failed(project.error().message);
  NetworkId only;
  if (!arguments.network.empty()) {
    const Network* network = project->find(arguments.network);
    if (!network) {
      std::string names;
      for (const Network& candidate : project->networks) names += (names.empty() ? "" : ", ") + candidate.name;
      return bad_arguments(
          fmt::format("There is no network \"{}\" in {}. There are: {}.", arguments.network, arguments.project, names));
    }
    only = network->id;
  }
  if (arguments.as_json) {
    fmt::print("{}", pretty(summary_json(*project, only)));
  } else {
    fmt::print("{}", summary_text(*project, only));
  }
  return Exit::Done;
}

}  // namespace

Verb summary_verb() {
  return {"summary", "Shows a project's networks: shapes, parameters, multiply-adds, memory, problems.",
          "netwright-engine summary classifier.netwright", false, [](CLI::App& app) -> Action {
            auto arguments = std::make_shared<Arguments>();
            app.add_option("project", arguments->project, "The project's file")->required();
            app.add_option("--network", arguments->network, "Only this network");
            app.add_flag("--json", arguments->as_json, "As JSON");
            return [arguments] { return summarise(*arguments); };
          }};
}

}  // namespace netwright
