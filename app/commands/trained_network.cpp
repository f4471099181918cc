#include "app/commands/trained_network.h"

#include <fmt/format.h>

#include <filesystem>

#include "backend/analysis/analyse.h"
#include "backend/data/data_catalogue.h"
#include "backend/data/legend_json.h"
#include "backend/engine/checkpoint.h"
#include "backend/graph/flatten.h"
#include "backend/graph/recipe_specs.h"
#include "backend/run/run_folder.h"

namespace netwright {

namespace {

/// The run's own, else that of the data that the project names.
void add_legend(TrainedNetwork& trained, const std::string& source, bool is_run) {
  if (const auto description = describe(trained.project.data)) trained.data_type = description->type;
  std::error_code ignored;
  const std::filesystem::path kept = is_run ? RunFolder::open(source)->legend_file() : std::filesystem::path();
  if (!kept.empty() && std::filesystem::exists(kept, ignored)) {
    auto legend = read_legend(kept);
    if (legend) {
      trained.legend = std::move(*legend);
      // A run's data may be gone by now; a scale of 1/255 is that of bytes.
      if (trained.legend->normalisation.scale != 1) trained.data_type = ElementType::UInt8;
      return;
    }
    trained.legend_problem = legend.error().message;
    return;
  }
  if (trained.project.data.source.empty()) return;
  auto dataset = load(trained.project.data);
  if (!dataset) {
    trained.legend_problem = dataset.error().message;
    return;
  }
  trained.data_type = dataset->train.inputs.type;
  trained.legend = std::move(static_cast<Legend&>(*dataset));
}

}  // namespace

Result<TrainedNetwork> open_trained_network(const std::string& path, const std::string& name, torch::Device device) {
  const Result<Source> source = open_source(path);
  if (!source) return source.error();
  if (source->is_run && source->weights.empty()) {
    return Error{fmt::format("{} has no checkpoint: train it for at least one epoch.", path)};
  }
  const Result<const Network*> chosen = network_of(*source, name);
  if (!chosen) return chosen.error();

  TrainedNetwork trained;
  trained.project = flattened(source->project);
  trained.id = (*chosen)->id;
  const Report report = analyse(trained.project);
  if (const Diagnostic* mistake = mistake_in(report, trained.id)) return Error{mistake->message};
  trained.report = *report.find(trained.id);
  torch::manual_seed(
      static_cast<std::uint64_t>(completed(recipe_specs(), trained.project.recipe.settings).integer("seed")));
  auto module = GraphModule::build(trained.network(), trained.report);
  if (!module) return module.error();
  trained.module = std::move(*module);
  trained.is_untrained = source->weights.empty();
  if (!trained.is_untrained) {
    const auto loaded = load_weights(source->weights, *trained.module, trained.network().name);
    if (!loaded) return loaded.error();
  }
  trained.module->to(device);
  trained.module->eval();
  add_legend(trained, path, source->is_run);
  return trained;
}

}  // namespace netwright
