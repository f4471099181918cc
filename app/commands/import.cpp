#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "app/commands/command.h"
#include "app/commands/source.h"
#include "app/commands/table.h"
#include "backend/analysis/analyse.h"
#include "backend/core/numbers.h"
#include "backend/graph/flatten.h"
#include "backend/graph/project_json.h"
#include "backend/interop/onnx_import.h"
#include "backend/interop/weights_import.h"
#include "backend/run/run_folder.h"

namespace netwright {

namespace {

struct ImportArguments {
  std::string file;
  std::string output;
  std::string into;
  std::string network;
};

/// The first few, and how many more there are.
void tell(const std::vector<std::string>& lines) {
  constexpr std::size_t shown = 30;
  for (std::size_t i = 0; i < std::min(shown, lines.size()); ++i) remark(lines[i]);
  if (lines.size() > shown) remark(fmt::format("… and {} more of the kind.", lines.size() - shown));
}

Result<MatchedWeights> matched(const Project& project, NetworkId network, TensorFile file) {
  const Project flat = flattened(project);
  const Report report = analyse(flat);
  const NetworkReport* figures = report.find(network);
  if (!figures) return Error{"The network can't be analysed."};
  return match_weights(*flat.find(network), *figures, std::move(file));
}

Exit import_model(const ImportArguments& arguments) {
  std::error_code ignored;
  if (std::filesystem::equivalent(arguments.file, arguments.output, ignored)) {
    return bad_arguments(fmt::format("{} is the model; name another file for the project.", arguments.file));
  }
  auto imported = import_onnx(arguments.file);
  if (!imported) return failed(imported.error().message);
  tell(imported->messages);
  const Network& network = imported->project.networks.front();
  if (const auto written = write_project(imported->project, arguments.output); !written) {
    return failed(written.error().message);
  }
  const Report report = analyse(imported->project);
  const Totals& totals = report.find(network.id)->totals;
  fmt::print("{}: {} layers, {} parameters, {} multiply-adds\n", arguments.output, network.layers.size(),
             count_text(totals.parameters), count_text(totals.macs));
  const auto weights =
      matched(imported->project, network.id, {.tensors = std::move(imported->weights), .metadata = {}});
  if (!weights) return failed(weights.error().message);
  if (weights->expected == 0) return Exit::Done;
  if (!weights->is_complete()) {
    fmt::print("No weights kept: {} of {} tensors are missing, so the network starts untrained\n",
               weights->missing.size(), weights->expected);
    return Exit::Done;
  }
  const std::filesystem::path beside = weights_file_of(arguments.output);
  if (const auto written = write_safetensors(beside, {.tensors = weights->weights, .metadata = {{"format", "pt"}}});
      !written) {
    return failed(written.error().message);
  }
  fmt::print("{}: its {} tensors of weights\n", beside.string(), weights->weights.size());
  return Exit::Done;
}

Exit import_weights(const ImportArguments& arguments) {
  const auto source = open_source(arguments.into);
  if (!source) return failed(source.error().message);
  if (source->is_run) return bad_arguments("--into takes a project's file; a run keeps the weights it learned.");
  const auto network = network_of(*source, arguments.network);
  if (!network) return bad_arguments(network.error().message);
  auto file = read_safetensors(arguments.file);
  if (!file) return failed(file.error().message);
  auto weights = matched(source->project, (*network)->id, std::move(*file));
  if (!weights) return failed(weights.error().message);
  tell(weights->complaints());
  fmt::print("{} of {} tensors of “{}” found by name and shape\n", weights->expected - weights->missing.size(),
             weights->expected, (*network)->name);
  if (!weights->is_complete()) {
    std::vector<std::string> missing;
    for (const std::string& name : weights->missing) missing.push_back("The file has nothing that fits " + name + ".");
    tell(missing);
    return failed(
        fmt::format("Nothing is imported: a network runs with all of its weights or none, and {} are missing.",
                    weights->missing.size()));
  }
  const std::filesystem::path beside = weights_file_of(arguments.into);
  if (const auto written = write_safetensors(beside, {.tensors = weights->weights, .metadata = {{"format", "pt"}}});
      !written) {
    return failed(written.error().message);
  }
  fmt::print("{}: its {} tensors of weights\n", beside.string(), weights->weights.size());
  return Exit::Done;
}

Exit import(const ImportArguments& arguments) {
  const std::string ending = std::filesystem::path(arguments.file).extension().string();
  if (ending == ".onnx") {
    if (arguments.output.empty()) return bad_arguments("An ONNX model needs --output PROJECT.netwright.");
    if (!arguments.into.empty())
      return bad_arguments("--into is for weights; an ONNX model makes a project of its own.");
    return import_model(arguments);
  }
  if (ending == ".safetensors") {
    if (arguments.into.empty()) return bad_arguments("Weights need --into PROJECT.netwright.");
    return import_weights(arguments);
  }
  return bad_arguments(fmt::format("Only .onnx and .safetensors can be imported, not “{}”.", arguments.file));
}

}  // namespace

Verb import_verb() {
  return {"import", "Makes a project of an ONNX model, or puts weights into a project.",
          "netwright-engine import resnet18.onnx --output resnet18.netwright", false, [](CLI::App& app) -> Action {
            auto arguments = std::make_shared<ImportArguments>();
            app.add_option("file", arguments->file,
                           "MODEL.onnx (opsets 9 to 17), or WEIGHTS.safetensors with PyTorch's names and layouts")
                ->required();
            app.add_option("-o,--output", arguments->output,
                           "The new project's file. The weights go beside it (PROJECT.safetensors), where predict, "
                           "export and train find them");
            app.add_option("--into", arguments->into, "The project whose network gets the weights, by name and shape");
            app.add_option("--network", arguments->network, "Which of its networks (default: the first)");
            return [arguments] { return import(*arguments); };
          }};
}

}  // namespace netwright
