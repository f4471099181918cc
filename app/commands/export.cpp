#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/commands/command.h"
#include "app/commands/source.h"
#include "backend/analysis/analyse.h"
#include "backend/analysis/report_json.h"
#include "backend/core/safe_file.h"
#include "backend/engine/checkpoint.h"
#include "backend/engine/graph_module.h"
#include "backend/engine/threads.h"
#include "backend/engine/torchscript.h"
#include "backend/graph/flatten.h"
#include "backend/graph/project_json.h"
#include "backend/graph/recipe_specs.h"
#include "backend/interop/onnx/onnx_export.h"
#include "backend/interop/pytorch_code.h"
#include "backend/interop/svg_export.h"

namespace netwright {

namespace {

struct ExportArguments {
  std::string source;
  std::string format;
  std::string output;
  std::string network;
  std::optional<std::int64_t> seed;
};

/// What is exported, as it was drawn. Formats with weights get the network with its Blocks seen through besides, and
/// the module that holds the weights.
struct Subject {
  const Project& project;
  const Report& report;
  const Network& network;
  Network flat;
  NetworkReport flat_figures;
  std::shared_ptr<GraphModule> module;
};

using Path = std::filesystem::path;

Result<void> write_result(const Path& path, const Result<std::string>& content) {
  return content ? write_file(path, *content) : content.error();
}

struct Format {
  const char* name;
  bool wants_weights;
  Result<void> (*write)(const Subject&, const Path&);
};

constexpr std::array formats = {
    Format{"json", false,
           [](const Subject& s, const Path& path) {
             const Json project = Json::parse(to_json(s.project));
             return write_file(path, pretty({{"project", project}, {"report", report_json(s.project, s.report)}}));
           }},
    Format{"onnx", true,
           [](const Subject& s, const Path& path) {
             return write_result(path, onnx_model(s.flat, s.flat_figures, weights_of(*s.module)));
           }},
    Format{"pytorch", false,
           [](const Subject& s, const Path& path) { return write_file(path, pytorch_code(s.project, s.report)); }},
    Format{"safetensors", true, [](const Subject& s, const Path& path) { return save_weights(path, *s.module); }},
    Format{"svg", false,
           [](const Subject& s, const Path& path) { return write_file(path, svg_drawing(s.network, s.report)); }},
    Format{"torchscript", true,
           [](const Subject& s, const Path& path) {
             return write_result(path, torchscript(s.flat, s.flat_figures, *s.module));
           }},
};

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const Format& format : formats) names.emplace_back(format.name);
  return names;
}

Result<std::shared_ptr<GraphModule>> with_weights(const Source& source, const Network& network,
                                                  const NetworkReport& figures, const ExportArguments& arguments) {
  const Settings recipe = completed(recipe_specs(), source.project.recipe.settings);
  torch::manual_seed(static_cast<std::uint64_t>(arguments.seed.value_or(recipe.integer("seed"))));
  auto module = GraphModule::build(network, figures);
  if (!module) return module.error();
  if (source.weights.empty()) {
    fmt::print(stderr, "netwright-engine: {} has no weights{}: these are freshly initialised, as PyTorch does it.\n",
               arguments.source, source.is_run ? " yet" : "");
  } else if (const auto loaded = load_weights(source.weights, **module, network.name); !loaded) {
    return loaded.error();
  }
  (*module)->eval();
  return module;
}

Exit export_to_file(const ExportArguments& arguments) {
  const auto* format = std::find_if(formats.begin(), formats.end(),
                                    [&](const Format& candidate) { return candidate.name == arguments.format; });
  set_threads(1);
  const auto source = open_source(arguments.source);
  if (!source) return failed(source.error().message);
  std::error_code ignored;
  if (std::filesystem::equivalent(arguments.source, arguments.output, ignored)) {
    return bad_arguments(fmt::format("{} is what is exported; name another file.", arguments.output));
  }
  const auto network = network_of(*source, arguments.network);
  if (!network) return bad_arguments(network.error().message);
  const Report report = analyse(source->project);
  Subject subject{source->project, report, **network, {}, {}, nullptr};
  if (format->wants_weights) {
    if (const Diagnostic* mistake = mistake_in(report, (*network)->id)) return failed(mistake->message);
    const Project flat = flattened(source->project);
    subject.flat = *flat.find((*network)->id);
    subject.flat_figures = *analyse(flat).find(subject.flat.id);
    auto module = with_weights(*source, subject.flat, subject.flat_figures, arguments);
    if (!module) return failed(module.error().message);
    subject.module = *module;
  }
  if (const auto written = format->write(subject, arguments.output); !written) return failed(written.error().message);
  return Exit::Done;
}

}  // namespace

Verb export_verb() {
  return {"export", "Writes a network for others: code, ONNX, weights, a drawing.",
          "netwright-engine export classifier.netwright --to onnx -o classifier.onnx", true,
          [](CLI::App& app) -> Action {
            auto arguments = std::make_shared<ExportArguments>();
            app.add_option("source", arguments->source,
                           "A run's folder (its best weights, else its last), or a project's file (the weights beside "
                           "it, else fresh ones)")
                ->required();
            app.add_option("--to", arguments->format, "The format")->required()->check(CLI::IsMember(format_names()));
            app.add_option("-o,--output", arguments->output, "The file to write")->required();
            app.add_option("--network", arguments->network, "Which network (default: the one that was trained)");
            app.add_option("--seed", arguments->seed, "For fresh weights (default: the recipe's)");
            return [arguments] { return export_to_file(*arguments); };
          }};
}

}  // namespace netwright
