#include <fmt/core.h>

#include <algorithm>
#include <memory>

#include "app/commands/command.h"
#include "app/commands/source.h"
#include "app/commands/table.h"
#include "backend/analysis/analyse.h"
#include "backend/analysis/report_json.h"
#include "backend/core/numbers.h"
#include "backend/graph/recipe_specs.h"

namespace netwright {

namespace {

const std::string unknown = "?";

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

/// What a training step takes at the recipe's batch size, and what fits into the memory asked about.
struct MemoryQuestion {
  std::int64_t batch = 1;
  std::optional<double> gibibytes;
  std::optional<MemoryEvent> measured;
};

std::string training_text(const Totals& totals, const MemoryQuestion& question) {
  std::string text = fmt::format("Training memory    {} with a batch of {}",
                                 size_text(totals.training_bytes(question.batch)), with_separators(question.batch));
  if (const auto& measured = question.measured) {
    text += fmt::format("; {} measured in this run with {}", bytes_text(measured->peak_bytes),
                        with_separators(measured->batch));
  }
  text += fmt::format("\n                   = {} whatever the batch + {} per sample",
                      size_text(totals.training_fixed_bytes), size_text(totals.training_sample_bytes));
  if (question.gibibytes) {
    const Dim batch = totals.largest_batch(static_cast<std::int64_t>(*question.gibibytes * 1024 * 1024 * 1024));
    text += fmt::format("\nLargest batch      {} in {:g} GiB", count_text(batch), *question.gibibytes);
  }
  return text;
}

std::string totals_text(const NetworkReport& report, const MemoryQuestion& question) {
  const Totals& totals = report.totals;
  Dim frozen;
  if (totals.parameters && totals.trainable_parameters) frozen = *totals.parameters - *totals.trainable_parameters;
  const std::string field = to_text(report.field);
  return fmt::format(
      "Parameters         {} ({} trainable, {} frozen)\n"
      "Multiply-adds      {} per sample\n"
      "Activations        {} per sample; {} at once at inference\n"
      "{}\n"
      "Receptive field    {}\n",
      count_text(totals.parameters), count_text(totals.trainable_parameters), count_text(frozen),
      count_text(totals.macs), size_text(totals.activation_bytes), size_text(totals.inference_peak_bytes),
      training_text(totals, question), field.empty() ? "none (no spatial axes)" : field);
}

std::string network_text(const Network& network, const NetworkReport& report, const MemoryQuestion& question) {
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
                     totals_text(report, question));
}

std::string diagnostic_text(const Diagnostic& diagnostic) {
  std::string text = to_text(diagnostic.severity) + ": " + diagnostic.message + "\n";
  for (const Fix& fix : diagnostic.fixes) text += "  fix: " + fix.label + "\n";
  return text;
}

std::string summary_text(const Project& project, NetworkId only, const MemoryQuestion& question) {
  const Report report = analyse(project);
  std::string text;
  for (const NetworkReport& network : report.networks) {
    if (only && network.id != only) continue;
    if (!text.empty()) text += "\n";
    text += network_text(*project.find(network.id), network, question);
  }
  std::string problems;
  for (const Diagnostic& diagnostic : report.diagnostics) {
    if (concerns(diagnostic, only)) problems += diagnostic_text(diagnostic);
  }
  return problems.empty() ? text : text + "\n" + problems;
}

struct SummaryArguments {
  std::string source;
  std::string network;
  std::optional<double> gibibytes;
  bool as_json = false;
};

Exit summarise(const SummaryArguments& arguments) {
  const auto source = open_source(arguments.source);
  if (!source) return failed(source.error().message);
  const Project& project = source->project;
  NetworkId only;
  if (!arguments.network.empty()) {
    const auto network = network_of(*source, arguments.network);
    if (!network) return bad_arguments(network.error().message);
    only = (*network)->id;
  }
  if (arguments.as_json) {
    auto json = report_json(project, analyse(project), only);
    if (const auto& memory = source->memory) {
      json["measured_memory"] = {{"batch", memory->batch}, {"peak_bytes", memory->peak_bytes}};
    }
    fmt::print("{}", pretty(json));
    return Exit::Done;
  }
  MemoryQuestion question{.batch = completed(recipe_specs(), project.recipe.settings).integer("batch_size"),
                          .gibibytes = arguments.gibibytes,
                          .measured = source->memory};
  fmt::print("{}", summary_text(project, only, question));
  return Exit::Done;
}

}  // namespace

Verb summary_verb() {
  return {"summary", "Shows a project's networks: shapes, parameters, multiply-adds, memory, problems.",
          "netwright-engine summary classifier.netwright", false, [](CLI::App& app) -> Action {
            auto arguments = std::make_shared<SummaryArguments>();
            app.add_option("source", arguments->source, "A project's file, or a run's folder")->required();
            app.add_option("--network", arguments->network, "Only this network");
            app.add_option("--memory", arguments->gibibytes, "Say the largest batch that trains in so many GiB")
                ->check(CLI::PositiveNumber);
            app.add_flag("--json", arguments->as_json, "As JSON");
            return [arguments] { return summarise(*arguments); };
          }};
}

}  // namespace netwright
