#include <fmt/core.h>

#include <algorithm>
#include <memory>

#include "app/commands/command.h"
#include "app/commands/table.h"
#include "backend/analysis/analyse.h"
#include "backend/analysis/report_json.h"
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

const LayerReport& figures_of(const NetworkReport& report, LayerId layer) {
  static const LayerReport none;
  const auto found = report.layers.find(layer);
  return found == report.layers.end() ? none : found->second;
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
    fmt::print("{}", pretty(report_json(*project, analyse(*project), only)));
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
