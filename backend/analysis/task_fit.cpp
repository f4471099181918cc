#include "backend/analysis/task_fit.h"

#include <fmt/format.h>

#include "backend/graph/gestures.h"
#include "backend/graph/recipe_specs.h"
#include "backend/layers/catalogue.h"

namespace netwright {

namespace {

const Layer* first_of(const Network& network, std::string_view type) {
  for (const Layer& layer : network.layers) {
    if (layer.type == type) return &layer;
  }
  return nullptr;
}

const Layer* source_of(const Network& network, LayerId layer) {
  for (const Connection& connection : network.connections) {
    if (connection.to == PortRef{layer, 0}) return network.find(connection.from.layer);
  }
  return nullptr;
}

/// The Linear that decides the width of `layer`'s input, looking back through what keeps shapes.
const Layer* deciding_linear(const Network& network, LayerId layer) {
  for (std::size_t step = 0; step <= network.layers.size(); ++step) {
    const Layer* source = source_of(network, layer);
    if (!source || source->type == "Linear") return source;
    const LayerSpec* spec = find_layer_spec(source->type);
    const bool keeps_shape =
        spec && (spec->category == Category::Activation || spec->category == Category::Regularisation);
    if (!keeps_shape) return nullptr;
    layer = source->id;
  }
  return nullptr;
}

class TaskFit {
 public:
  TaskFit(const Network& network, Report& report) : network_(network), report_(report) {}

  void check_input(const DataDescription& data) {
    const Layer* input = first_of(network_, "Input");
    if (!input) return;
    const Integers stated = input->settings.integers("shape");
    if (Shape::from_sizes(stated).is_compatible_with(data.sample_shape)) return;
    Integers right;
    for (const Dim& dim : data.sample_shape.dims()) right.push_back(dim.value_or(0));
    Diagnostic diagnostic = at(*input, Severity::Error, "input-shape",
                               fmt::format("The data's samples are {}, but {} takes {}.", data.sample_shape.to_string(),
                                           input->name, Shape::from_sizes(stated).to_string()));
    diagnostic.setting = "shape";
    diagnostic.expected = data.sample_shape.to_string();
    diagnostic.actual = Shape::from_sizes(stated).to_string();
    diagnostic.fixes.push_back({fmt::format("Set the shape to {}", diagnostic.expected),
                                {SetSetting{network_.id, input->id, "shape", right}}});
    report_.diagnostics.push_back(std::move(diagnostic));
  }

  void check_classes(std::int64_t classes) {
    const Layer* output = first_of(network_, "Output");
    const LayerReport* figures = output ? report_.find(network_.id, output->id) : nullptr;
    if (!figures || !figures->is_valid) return;
    const Shape& shape = figures->outputs.front();
    if (shape.rank() == 1 && (!shape[0] || *shape[0] == classes)) return;
    const bool is_vector = shape.rank() == 1;
    // Spare scores train, if to no purpose; too few, or an image, can't.
    const Severity severity = is_vector && *shape[0] > classes ? Severity::Warning : Severity::Error;
    Diagnostic diagnostic = at(*output, severity, "class-count",
                               fmt::format("Classification into {} classes needs {} scores; the network gives {}.",
                                           classes, classes, shape.to_string()));
    diagnostic.expected = std::to_string(classes);
    diagnostic.actual = shape.to_string();
    const Layer* linear = deciding_linear(network_, output->id);
    if (is_vector && linear) {
      diagnostic.fixes.push_back({fmt::format("Set {}.out_features to {}", linear->name, classes),
                                  {SetSetting{network_.id, linear->id, "out_features", classes}}});
    }
    report_.diagnostics.push_back(std::move(diagnostic));
  }

  void check_double_softmax() {
    const Layer* output = first_of(network_, "Output");
    const Layer* last = output ? source_of(network_, output->id) : nullptr;
    if (!last || (last->type != "Softmax" && last->type != "LogSoftmax" && last->type != "Sigmoid")) return;
    const bool is_sigmoid = last->type == "Sigmoid";
    Diagnostic diagnostic = at(
        *last, Severity::Advice, is_sigmoid ? "sigmoid-before-loss" : "softmax-before-loss",
        is_sigmoid ? "Cross entropy takes plain scores; squeezed between 0 and 1 they can hardly differ, and training "
                     "stalls."
                   : "Cross entropy takes plain scores and applies its own softmax; training is steadier without this "
                     "one.");
    diagnostic.fixes.push_back({"Remove " + last->name, remove_layers(network_, {last->id}, true)});
    report_.diagnostics.push_back(std::move(diagnostic));
  }

 private:
  Diagnostic at(const Layer& layer, Severity severity, const char* code, std::string message) const {
    return diagnostic_at(severity, code, network_.id, layer.id, std::move(message));
  }

  const Network& network_;
  Report& report_;
};

void check_recipe(const Project& project, Report& report) {
  const auto check = [&](const std::vector<SettingSpec>& specs, const Settings& settings, const std::string& where) {
    for (const SettingSpec& spec : specs) {
      const Value* value = settings.find(spec.name);
      const auto why = complaint(spec, value ? *value : spec.fallback);
      if (!why) continue;
      Diagnostic diagnostic = diagnostic_at(Severity::Error, "recipe", {}, {}, fmt::format("{}: {}.", where, *why));
      diagnostic.setting = spec.name;
      report.diagnostics.push_back(std::move(diagnostic));
    }
  };
  check(recipe_specs(), project.recipe.settings, "Recipe");
  if (const OptimiserSpec* optimiser = find_optimiser_spec(project.recipe.optimiser)) {
    check(optimiser->settings, project.recipe.optimiser_settings, optimiser->type);
    return;
  }
  Diagnostic diagnostic = diagnostic_at(Severity::Error, "optimiser", {}, {},
                                        fmt::format("There is no optimiser “{}”.", project.recipe.optimiser));
  Recipe mended = project.recipe;
  mended.optimiser = "Adam";
  mended.optimiser_settings = defaults(find_optimiser_spec("Adam")->settings);
  diagnostic.fixes.push_back({"Use Adam", {SetRecipe{mended}}});
  report.diagnostics.push_back(std::move(diagnostic));
}

void check_names(const Project& project, Report& report) {
  const auto say = [&](const char* code, std::string message) {
    report.diagnostics.push_back(diagnostic_at(Severity::Error, code, {}, {}, std::move(message)));
  };
  if (project.networks.empty()) say("no-network", "The project has no network.");
  if (project.recipe.task != "Classification") {
    say("task", fmt::format("There is no task “{}”; Classification is one.", project.recipe.task));
  }
  if (!project.data.source.empty() && !find_data_spec(project.data.source)) {
    say("data-source", fmt::format("There is no data source “{}”; choose another.", project.data.source));
  }
}

}  // namespace

void check_task_fit(const Project& project, const std::optional<DataDescription>& data, Report& report) {
  check_names(project, report);
  check_recipe(project, report);
  if (project.networks.empty() || project.recipe.task != "Classification") return;
  TaskFit fit(project.networks.front(), report);
  if (data) {
    fit.check_input(*data);
    if (data->classes > 0) fit.check_classes(data->classes);
  }
  fit.check_double_softmax();
}

}  // namespace netwright
