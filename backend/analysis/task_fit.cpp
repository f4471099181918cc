#include "backend/analysis/task_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "backend/analysis/last_layer.h"
#include "backend/analysis/recipe_check.h"
#include "backend/graph/gestures.h"
#include "backend/graph/layer_search.h"
#include "backend/graph/task_networks.h"
#include "backend/graph/task_specs.h"
#include "backend/layers/catalogue.h"

namespace netwright {

namespace {

constexpr std::array training_codes = {"input-shape",  "input-type",  "inputs",      "class-count",
                                       "output-shape", "vocabulary",  "target-kind", "loss-range",
                                       "sides",        "sides-shape", "critic-norm", "conditional"};

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

const char* words_of(TargetKind kind) {
  switch (kind) {
    case TargetKind::None:
      return "no targets";
    case TargetKind::Class:
      return "a class for each sample";
    case TargetKind::Labels:
      return "labels for each sample";
    case TargetKind::Values:
      return "numbers for each sample";
    case TargetKind::Mask:
      return "a class for each pixel";
  }
  return "";
}

/// The tasks that learn from such targets, the most usual first.
std::vector<std::string> tasks_for(TargetKind kind) {
  switch (kind) {
    case TargetKind::None:
      return {"Reconstruction", "Adversarial"};
    case TargetKind::Class:
    case TargetKind::Labels:
      return {"Classification", "Reconstruction", "Adversarial"};
    case TargetKind::Values:
      return {"Regression", "Forecast", "Reconstruction", "Adversarial"};
    case TargetKind::Mask:
      return {"Segmentation", "Reconstruction", "Adversarial"};
  }
  return {};
}

class TaskFit {
 public:
  TaskFit(const Project& project, const Network& network, Report& report)
      : project_(project),
        network_(network),
        report_(report),
        settings_(completed(find_task_spec(project.recipe.task)->settings, project.recipe.task_settings)) {}

  /// `input`: the Input that takes samples.
  void check_input(const DataDescription& data) {
    const Layer* input = first_of_type(network_, "Input");
    if (!input) return;
    const Integers stated = input->settings.integers("shape");
    if (!Shape::from_sizes(stated).is_compatible_with(data.sample_shape)) {
      Integers right;
      for (const Dim& dim : data.sample_shape.dims()) right.push_back(dim.value_or(0));
      Diagnostic& diagnostic =
          say(*input, Severity::Error, "input-shape",
              fmt::format("The data's samples are {}, but {} takes {}.", data.sample_shape.to_string(), input->name,
                          Shape::from_sizes(stated).to_string()));
      diagnostic.setting = "shape";
      diagnostic.expected = data.sample_shape.to_string();
      diagnostic.actual = Shape::from_sizes(stated).to_string();
      diagnostic.fixes.push_back({fmt::format("Set the shape to {}", diagnostic.expected),
                                  {SetSetting{network_.id, input->id, "shape", right}}});
    }
    const std::string type = data.type == ElementType::Int64 ? "int64" : "float32";
    if (input->settings.text("dtype") != type) {
      Diagnostic& diagnostic = say(*input, Severity::Error, "input-type",
                                   fmt::format("The data's samples are {}, but {} takes {}.",
                                               type == "int64" ? "whole numbers (words)" : "real numbers", input->name,
                                               type == "int64" ? "real ones" : "whole ones"));
      diagnostic.setting = "dtype";
      diagnostic.fixes.push_back({"Set dtype to " + type, {SetSetting{network_.id, input->id, "dtype", type}}});
    }
    check_embeddings(*input, data.vocabulary, "different words");
  }

  /// A second Input takes the number of a sample's class.
  void check_class_input(const std::optional<DataDescription>& data) {
    const std::vector<LayerId> inputs = layers_of_type(network_, "Input");
    if (inputs.size() != 2) return;
    const Layer& input = *network_.find(inputs.back());
    if (input.settings.integers("shape") != Integers{1} || input.settings.text("dtype") != "int64") {
      Diagnostic& diagnostic =
          say(input, Severity::Error, "conditional",
              fmt::format("{} takes the class of a sample: its shape must be 1 and its dtype int64.", input.name));
      diagnostic.setting = "shape";
      diagnostic.fixes.push_back({"Set shape and dtype",
                                  {SetSetting{network_.id, input.id, "shape", Integers{1}},
                                   SetSetting{network_.id, input.id, "dtype", std::string("int64")}}});
    }
    if (data) check_embeddings(input, data->classes, "classes");
  }

  void check_one_input() {
    const auto count = static_cast<int>(layers_of_type(network_, "Input").size());
    const auto outputs = static_cast<int>(layers_of_type(network_, "Output").size());
    if (count <= 1 && outputs <= 1) return;
    say_of_network("inputs", fmt::format("{} works with one Input and one Output; “{}” has {} and {}.",
                                         project_.recipe.task, network_.name, count, outputs));
  }

  /// False where the task has nothing to learn from such targets.
  bool check_target(TargetKind kind) {
    const std::vector<std::string> tasks = tasks_for(kind);
    if (std::find(tasks.begin(), tasks.end(), project_.recipe.task) != tasks.end()) return true;
    Diagnostic& diagnostic = say_of_network(
        "target-kind", fmt::format("{} can't learn from this data: it has {}.", project_.recipe.task, words_of(kind)));
    for (const std::string& task : tasks) diagnostic.fixes.push_back({"Choose " + task, {SetRecipe{recipe_for(task)}}});
    return false;
  }

  void check_classification(const std::optional<DataDescription>& data) {
    const std::string loss = settings_.text("loss");
    if (data && data->classes > 0) check_scores(data->classes);
    const bool has_labels = data && data->target == TargetKind::Labels;
    if (data && has_labels != (loss == "bce_with_logits")) {
      Diagnostic& diagnostic = say_of_network(
          "target-kind", has_labels ? "Samples may have several labels: that needs the loss bce_with_logits."
                                    : "bce_with_logits is for samples with several labels; these have one class each.");
      diagnostic.fixes.push_back(use_loss(has_labels ? "bce_with_logits" : "cross_entropy"));
    }
    check_last_activation(loss);
  }

  void check_values(const std::optional<DataDescription>& data) {
    if (data) check_output(data->target_shape, "The targets are");
  }

  void check_segmentation(const std::optional<DataDescription>& data) {
    if (!data || data->classes < 1 || data->sample_shape.rank() != 3) return;
    check_output({data->classes, data->sample_shape[1], data->sample_shape[2]}, "A score for each class and pixel is");
    check_last_activation("cross_entropy");
  }

  void check_reconstruction() {
    const NetworkReport* figures = report_.find(network_.id);
    if (figures && figures->input.rank() > 0) check_output(figures->input, "What goes in is");
    const Layer* last = last_layer(network_);
    if (settings_.text("loss") == "bce" && last && last->type != "Sigmoid") {
      Diagnostic& diagnostic = say(*last, Severity::Error, "loss-range",
                                   fmt::format("The loss bce compares values from 0 to 1, but {} gives any; end the "
                                               "network in a Sigmoid.",
                                               last->name));
      diagnostic.fixes.push_back(use_loss("mse"));
    }
    const std::string scale = project_.data.preparation.text("normalisation");
    if (last && last->type == "Sigmoid" && scale != "unit") scale_to(*last, "unit", "0 and 1");
    if (last && last->type == "Tanh" && scale != "signed") scale_to(*last, "signed", "−1 and 1");
    const std::string code = settings_.text("code_layer");
    if (!code.empty() && !network_.find(std::string_view(code))) {
      say_of_network("sides", fmt::format("There is no layer “{}” to be the bottleneck (code_layer).", code));
    }
  }

  Diagnostic& say_of_network(const char* code, std::string message) {
    report_.diagnostics.push_back(diagnostic_at(Severity::Error, code, network_.id, {}, std::move(message)));
    return report_.diagnostics.back();
  }

  void check_output(const Shape& wanted, const std::string& words) {
    const Shape* shape = output_shape();
    if (!shape || shape->is_compatible_with(wanted)) return;
    const Layer& output = *first_of_type(network_, "Output");
    Diagnostic& diagnostic =
        say(output, Severity::Error, "output-shape",
            fmt::format("{} {}, but the network gives {}.", words, wanted.to_string(), shape->to_string()));
    diagnostic.expected = wanted.to_string();
    diagnostic.actual = shape->to_string();
    if (wanted.rank() == 1 && shape->rank() == 1 && wanted[0]) offer_width(diagnostic, output, *wanted[0]);
  }

  /// Where it is known.
  const Shape* output_shape() const {
    const Layer* output = first_of_type(network_, "Output");
    const LayerReport* figures = output ? report_.find(network_.id, output->id) : nullptr;
    return figures && figures->is_valid ? &figures->outputs.front() : nullptr;
  }

  /// Tanh or Sigmoid at the end can't give what the data aren't scaled to.
  void scale_to(const Layer& last, const std::string& scale, const char* range) {
    DataSource data = project_.data;
    data.preparation.set("normalisation", scale);
    Diagnostic& diagnostic =
        say(last, Severity::Warning, "loss-range",
            fmt::format("{} gives values between {}; scale the data to that too.", last.name, range));
    diagnostic.fixes.push_back({fmt::format("Normalise the data to between {}", range), {SetData{std::move(data)}}});
  }

 private:
  Diagnostic& say(const Layer& layer, Severity severity, const char* code, std::string message) {
    report_.diagnostics.push_back(diagnostic_at(severity, code, network_.id, layer.id, std::move(message)));
    return report_.diagnostics.back();
  }

  Recipe recipe_for(const std::string& task) const {
    Recipe recipe = project_.recipe;
    recipe.task = task;
    recipe.task_settings = defaults(find_task_spec(task)->settings);
    return recipe;
  }

  Fix use_loss(const std::string& loss) const {
    Recipe recipe = project_.recipe;
    recipe.task_settings.set("loss", loss);
    return {"Use the loss " + loss, {SetRecipe{std::move(recipe)}}};
  }

  void offer_width(Diagnostic& diagnostic, const Layer& output, std::int64_t width) {
    const Layer* linear = deciding_linear(network_, output.id);
    if (!linear) return;
    diagnostic.fixes.push_back({fmt::format("Set {}.out_features to {}", linear->name, width),
                                {SetSetting{network_.id, linear->id, "out_features", width}}});
  }

  void check_scores(std::int64_t classes) {
    const Shape* shape = output_shape();
    if (!shape || (shape->rank() == 1 && (!(*shape)[0] || *(*shape)[0] == classes))) return;
    const Layer& output = *first_of_type(network_, "Output");
    const bool is_vector = shape->rank() == 1;
    // Spare scores train, if to no purpose; too few, or an image, can't.
    const Severity severity = is_vector && *(*shape)[0] > classes ? Severity::Warning : Severity::Error;
    Diagnostic& diagnostic = say(output, severity, "class-count",
                                 fmt::format("Classification into {} classes needs {} scores; the network gives {}.",
                                             classes, classes, shape->to_string()));
    diagnostic.expected = std::to_string(classes);
    diagnostic.actual = shape->to_string();
    if (is_vector) offer_width(diagnostic, output, classes);
  }

  /// Embeddings of `input` have a row for each of `count` numbers; 0: any.
  void check_embeddings(const Layer& input, std::int64_t count, const char* words) {
    if (count == 0) return;
    for (const LayerId id : layers_of_type(network_, "Embedding")) {
      const Layer* embedding = network_.find(id);
      if (source_of(network_, embedding->id) != &input) continue;
      if (embedding->settings.integer("num_embeddings") >= count) continue;
      Diagnostic& diagnostic = say(*embedding, Severity::Error, "vocabulary",
                                   fmt::format("The data has {} {}, but {} has rows for {}.", count, words,
                                               embedding->name, embedding->settings.integer("num_embeddings")));
      diagnostic.setting = "num_embeddings";
      diagnostic.expected = std::to_string(count);
      diagnostic.actual = std::to_string(embedding->settings.integer("num_embeddings"));
      diagnostic.fixes.push_back({fmt::format("Set num_embeddings to {}", count),
                                  {SetSetting{network_.id, embedding->id, "num_embeddings", count}}});
    }
  }

  /// Losses that take plain scores apply their own softmax; nll takes what LogSoftmax gives.
  void check_last_activation(const std::string& loss) {
    const Layer* last = last_layer(network_);
    if (!last) return;
    if (loss == "nll") {
      if (last->type == "LogSoftmax" || last->type == "Softmax") return;
      Diagnostic& diagnostic =
          say(*last, Severity::Warning, "loss-range",
              fmt::format("nll takes log-probabilities, as LogSoftmax gives them; {} gives none.", last->name));
      diagnostic.fixes.push_back(use_loss("cross_entropy"));
      return;
    }
    if (last->type != "Softmax" && last->type != "LogSoftmax" && last->type != "Sigmoid") return;
    const bool is_sigmoid = last->type == "Sigmoid";
    Diagnostic& diagnostic = say(
        *last, Severity::Advice, is_sigmoid ? "sigmoid-before-loss" : "softmax-before-loss",
        is_sigmoid ? "Cross entropy takes plain scores; squeezed between 0 and 1 they can hardly differ, and training "
                     "stalls."
                   : "Cross entropy takes plain scores and applies its own softmax; training is steadier without this "
                     "one.");
    diagnostic.fixes.push_back({"Remove " + last->name, remove_layers(network_, {last->id}, true)});
    if (last->type == "LogSoftmax" && project_.recipe.task == "Classification") {
      diagnostic.fixes.push_back(use_loss("nll"));
    }
  }

  const Project& project_;
  const Network& network_;
  Report& report_;
  Settings settings_;
};

/// Generator and discriminator against each other and the data.
void check_sides(const Project& project, const std::optional<DataDescription>& data, Report& report) {
  const auto say = [&](const char* code, NetworkId network, std::string message) -> Diagnostic& {
    report.diagnostics.push_back(diagnostic_at(Severity::Error, code, network, {}, std::move(message)));
    return report.diagnostics.back();
  };
  for (const std::string& name : {generator_name(project.recipe), discriminator_name(project.recipe)}) {
    if (project.find(std::string_view(name))) continue;
    Diagnostic& diagnostic =
        say("sides", {},
            fmt::format("Adversarial training needs a network “{}”: add one of that name, or name another.", name));
    Network network{.id = project.next_network_id(), .name = name, .layers = {}, .connections = {}};
    diagnostic.fixes.push_back({fmt::format("Add the network “{}”", name), {AddNetwork{std::move(network)}}});
  }
  const std::vector<const Network*> sides = networks_of_task(project);
  if (sides.size() < 2) return;
  const Network& generator = *sides[0];
  const Network& discriminator = *sides[1];
  TaskFit made(project, generator, report);
  TaskFit judged(project, discriminator, report);
  if (data) judged.check_input(*data);
  const NetworkReport* judging = report.find(discriminator.id);
  if (const Layer* input = first_of_type(discriminator, "Input"); input && judging) {
    const LayerReport* figures = report.find(discriminator.id, input->id);
    if (figures && figures->is_valid) {
      made.check_output(figures->outputs.front(), fmt::format("“{}” takes", discriminator.name));
    }
  }
  judged.check_output({1}, "One score for each sample is wanted:");

  const std::string loss =
      completed(find_task_spec("Adversarial")->settings, project.recipe.task_settings).text("loss");
  const Layer* last = last_layer(discriminator);
  if (last && last->type == "Sigmoid" && loss != "non_saturating") {
    Diagnostic& diagnostic =
        say("loss-range", discriminator.id,
            fmt::format("The loss {} takes plain scores; {} squeezes them between 0 and 1.", loss, last->name));
    diagnostic.layer = last->id;
    diagnostic.fixes.push_back({"Remove " + last->name, remove_layers(discriminator, {last->id}, true)});
  }
  if (loss == "wasserstein_gp") {
    for (const Layer& layer : discriminator.layers) {
      if (!layer.type.starts_with("BatchNorm")) continue;
      Diagnostic& diagnostic = say("critic-norm", discriminator.id,
                                   fmt::format("The gradient penalty is of each sample alone, but {} mixes the samples "
                                               "of a batch; use LayerNorm or none.",
                                               layer.name));
      diagnostic.layer = layer.id;
      diagnostic.severity = Severity::Warning;
      diagnostic.fixes.push_back({"Remove " + layer.name, remove_layers(discriminator, {layer.id}, true)});
    }
  }
  const std::string scale = project.data.preparation.text("normalisation");
  const Layer* made_by = last_layer(generator);
  if (made_by && made_by->type == "Tanh" && scale != "signed") made.scale_to(*made_by, "signed", "−1 and 1");
  if (made_by && made_by->type == "Sigmoid" && scale != "unit") made.scale_to(*made_by, "unit", "0 and 1");

  for (TaskFit* side : {&made, &judged}) side->check_class_input(data);
  for (const Network* side : sides) {
    const std::size_t inputs = layers_of_type(*side, "Input").size();
    if (inputs > 2) {
      say("inputs", side->id,
          fmt::format("“{}” has {} Inputs; a side has one, and a second one for the class.", side->name, inputs));
    } else if (inputs == 2 && data && data->target != TargetKind::Class) {
      say("conditional", side->id,
          fmt::format("The second Input of “{}” is for the class, but the data has {}.", side->name,
                      words_of(data->target)));
    }
  }
}

}  // namespace

bool is_of_training(const Diagnostic& diagnostic) {
  return std::find(training_codes.begin(), training_codes.end(), diagnostic.code) != training_codes.end();
}

void check_task_fit(const Project& project, const std::optional<DataDescription>& data, Report& report) {
  if (project.networks.empty()) {
    report.diagnostics.push_back(diagnostic_at(Severity::Error, "no-network", {}, {}, "The project has no network."));
  }
  check_recipe(project, report);
  const std::string& task = project.recipe.task;
  if (project.networks.empty() || !find_task_spec(task)) return;
  if (task == "Adversarial") {
    check_sides(project, data, report);
    return;
  }
  TaskFit fit(project, project.networks.front(), report);
  if (data) {
    fit.check_one_input();
    fit.check_input(*data);
    if (!fit.check_target(data->target)) return;
  }
  if (task == "Classification") fit.check_classification(data);
  if (task == "Regression" || task == "Forecast") fit.check_values(data);
  if (task == "Segmentation") fit.check_segmentation(data);
  if (task == "Reconstruction") fit.check_reconstruction();
}

}  // namespace netwright
