#include <fmt/format.h>

#include <csignal>
#include <memory>
#include <optional>

#include "app/commands/command.h"
#include "app/commands/resume.h"
#include "app/commands/source.h"
#include "app/training/run_output.h"
#include "app/training/run_session.h"
#include "app/training/steering.h"
#include "backend/analysis/analyse.h"
#include "backend/analysis/training_mistakes.h"
#include "backend/data/data_catalogue.h"
#include "backend/data/legend_json.h"
#include "backend/engine/heap.h"
#include "backend/engine/threads.h"
#include "backend/engine/trainer.h"
#include "backend/graph/project_json.h"
#include "backend/graph/recipe_specs.h"
#include "backend/graph/task_networks.h"
#include "backend/interop/weights_transfer.h"

namespace netwright {

namespace {

struct TrainArguments {
  std::string project;
  std::string network;
  std::string run;
  std::optional<std::int64_t> epochs;
  std::optional<std::int64_t> batch_size;
  std::optional<std::int64_t> seed;
  std::optional<double> learning_rate;
  std::string weights;
  std::string fork;
  bool is_fresh = false;
  bool goes_on = false;
  std::string device = "auto";
  int threads = 0;
  std::int64_t limit_samples = 0;
  bool as_json = false;
};

/// Puts `value` into `settings` where `specs` allows it; else says why not.
template <class T>
std::optional<std::string> override_setting(const std::vector<SettingSpec>& specs, Settings& settings,
                                            const std::string& name, const std::optional<T>& value) {
  if (!value) return std::nullopt;
  const SettingSpec* spec = find_spec(specs, name);
  if (!spec) return fmt::format("there is no setting {} to change", name);
  if (auto why = complaint(*spec, *value)) return fmt::format("{}: {}", name, *why);
  settings.set(name, *value);
  return std::nullopt;
}

std::optional<std::string> apply_overrides(const TrainArguments& arguments, Recipe& recipe) {
  const OptimiserSpec* optimiser = find_optimiser_spec(recipe.optimiser);
  if (!optimiser) return fmt::format("the recipe's optimiser {} isn't known", recipe.optimiser);
  Settings& settings = recipe.settings;
  if (auto why = override_setting(recipe_specs(), settings, "epochs", arguments.epochs)) return why;
  if (auto why = override_setting(recipe_specs(), settings, "batch_size", arguments.batch_size)) return why;
  if (auto why = override_setting(recipe_specs(), settings, "seed", arguments.seed)) return why;
  return override_setting(optimiser->settings, recipe.optimiser_settings, "lr", arguments.learning_rate);
}

/// The network that is asked for, else those that the task trains; never empty.
Result<std::vector<const Network*>> learning_networks(const Project& project, const std::string& name) {
  if (name.empty()) {
    std::vector<const Network*> networks = networks_of_task(project);
    if (networks.empty()) networks.push_back(&project.networks.front());  // analysis says which one is missing
    return networks;
  }
  const Network* network = project.find(std::string_view(name));
  if (!network) return Error{fmt::format("The project has no network \"{}\".", name)};
  return std::vector{network};
}

/// The mistakes that forbid training, one per line; empty where there are none.
std::string mistakes(const Project& project, const Report& report, const std::vector<const Network*>& networks) {
  std::string text;
  for (const Diagnostic* mistake : training_mistakes(report, networks)) {
    text += "\n  " + named_message(*mistake, project);
  }
  return text;
}

/// What training starts from, and what there is to say of it.
struct Start {
  std::vector<WeightTransfer::Part> weights = {};  ///< empty: fresh ones
  std::filesystem::path parent = {};               ///< see TrainingOptions
  std::string message = {};
};

/// What fits of the run or file that is named, which must be something.
Result<Start> start_from(const std::string& path, bool is_fork, const Project& project,
                         const std::vector<const Network*>& learning) {
  const auto weights = weights_at(path);
  if (!weights) return weights.error();
  const auto file = read_safetensors(*weights);
  if (!file) return file.error();
  WeightTransfer transfer = transfer_to(project, learning, *file);
  const std::string words = transfer.words();
  if (transfer.taken() == 0) {
    return Error{fmt::format("Nothing in {} fits the network: {}", weights->string(), words)};
  }
  return Start{std::move(transfer.networks), is_fork ? *weights : std::filesystem::path(),
               fmt::format("Training starts from {}: {}", weights->string(), words)};
}

/// What is asked for, else the weights beside the project (see source.h) where any fit.
Result<Start> start_of(const TrainArguments& arguments, const Project& project,
                       const std::vector<const Network*>& learning) {
  if (!arguments.fork.empty()) return start_from(arguments.fork, true, project, learning);
  if (!arguments.weights.empty()) return start_from(arguments.weights, false, project, learning);
  const auto source = open_source(arguments.project);
  if (!source) return source.error();
  if (source->weights.empty() || arguments.is_fresh) return Start{};
  const auto file = read_safetensors(source->weights);
  if (!file) return file.error();
  WeightTransfer transfer = transfer_to(project, learning, *file);
  const std::string name = source->weights.filename().string();
  if (transfer.taken() == 0) {
    return Start{.message = fmt::format("Training starts afresh: {} no longer fits the network.", name)};
  }
  const std::string words = transfer.words();
  return Start{.weights = std::move(transfer.networks),
               .message = fmt::format("Training starts from {}: {} --fresh starts anew.", name, words)};
}

/// A run that was begun in the folder that is named, and has something to go on from.
bool is_begun(const TrainArguments& arguments) {
  const auto folder = arguments.run.empty() ? Result<RunFolder>(Error{}) : RunFolder::open(arguments.run);
  std::error_code ignored;
  return folder && std::filesystem::exists(folder->last_checkpoint(), ignored);
}

Exit train(const TrainArguments& arguments) {
  if (arguments.goes_on && is_begun(arguments)) {
    return resume({.run = arguments.run,
                   .epochs = {},
                   .device = arguments.device == "auto" ? "" : arguments.device,
                   .threads = arguments.threads,
                   .as_json = arguments.as_json,
                   .may_be_done = true});
  }
  // A reader that goes away mustn't end the run; writing to it then fails instead.
  std::signal(SIGPIPE, SIG_IGN);
  keep_freed_memory();
  set_threads(arguments.threads);
  auto training = begin_training(arguments.device);
  if (!training) return refuse_run(arguments.as_json, training.error().message, Exit::BadArguments);
  const auto refuse = [&](const std::string& why, Exit exit = Exit::Failed) {
    if (training->processes) training->processes->leave(why);
    return refuse_run(arguments.as_json && training->leads(), why, exit);
  };
  CommandQueue commands;
  const Steering steering(commands, arguments.as_json && training->leads());

  auto project = read_project(arguments.project);
  if (!project) return refuse(project.error().message);
  if (const auto why = apply_overrides(arguments, project->recipe)) return refuse(*why, Exit::BadArguments);
  if (project->networks.empty()) return refuse("The project has no network to train.");
  const auto learning = learning_networks(*project, arguments.network);
  if (!learning) return refuse(learning.error().message, Exit::BadArguments);
  const Network* network = learning->front();
  // A data source that isn't there says so better than what its absence leads to.
  const auto dataset = load(project->data);
  if (!dataset) return refuse(dataset.error().message);
  const Report report = analyse(*project, description_of(*dataset));
  if (const std::string wrong = mistakes(*project, report, *learning); !wrong.empty()) {
    return refuse(fmt::format("\"{}\" can't be trained yet:{}", project->name, wrong));
  }
  const auto start = start_of(arguments, *project, *learning);
  if (!start) return refuse(start.error().message);
  auto trainer = Trainer::create(*project, *dataset,
                                 {.network = network->name,
                                  .device = training->device,
                                  .weights = start->weights,
                                  .parent = start->parent,
                                  .limit_samples = arguments.limit_samples,
                                  .opening = start->message,
                                  .resume = {},
                                  .processes = training->processes.get()});
  if (!trainer) return refuse(trainer.error().message);
  if (!training->leads()) return follow_to_end(**trainer, commands, *training->processes);

  const auto folder = arguments.run.empty() ? RunFolder::create_beside(arguments.project, *project)
                                            : RunFolder::create(arguments.run, *project);
  if (!folder) return refuse(folder.error().message);
  auto output = RunOutput::open(*folder, arguments.as_json, unit_of(*dataset));
  if (!output) return refuse(output.error().message);
  output->begin_tensorboard(*folder, {});

  if (const auto written = write_legend(*dataset, folder->legend_file()); !written) {
    return refuse(written.error().message);
  }
  return run_to_end(**trainer, *folder, *output, commands, arguments.as_json, training->processes.get());
}

}  // namespace

Verb train_verb() {
  return {"train", "Trains a project's network on its data, by its recipe.",
          "netwright-engine train classifier.netwright --epochs 3", true, [](CLI::App& app) -> Action {
            auto arguments = std::make_shared<TrainArguments>();
            app.add_option("project", arguments->project, "The project's file")->required();
            app.add_option("--network", arguments->network, "Which network (default: the first)");
            app.add_option("--run", arguments->run,
                           "The run's folder, new or empty (default: a new one in PROJECT.runs beside the project)");
            app.add_flag("--go-on", arguments->goes_on,
                         "Where --run holds a run that was cut off, resume it: so that a job that is started again "
                         "needs no other command");
            app.add_option("--epochs", arguments->epochs, "How many times training sees every sample");
            app.add_option("--batch-size", arguments->batch_size, "Samples per step");
            app.add_option("--learning-rate", arguments->learning_rate, "How far each step moves the weights");
            app.add_option("--seed", arguments->seed, "The same seed gives the same run");
            CLI::Option* weights =
                app.add_option("--weights", arguments->weights,
                               "Start from what fits of these weights: a run's folder (its best checkpoint) or a "
                               "safetensors file (default: PROJECT.safetensors, where an import put it)");
            CLI::Option* fork =
                app.add_option("--from", arguments->fork,
                               "Go on learning from this run or checkpoint in a new run: --weights, and where it fits "
                               "the optimiser's state and the average as well")
                    ->excludes(weights);
            app.add_flag("--fresh", arguments->is_fresh, "Start from random weights all the same")
                ->excludes(weights)
                ->excludes(fork);
            app.add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
            app.add_option("--threads", arguments->threads, "Threads to compute with (default: one per usable core)")
                ->check(CLI::Range(1, 4096));
            app.add_option("--limit-samples", arguments->limit_samples, "Use only so many samples of each split")
                ->check(CLI::PositiveNumber);
            app.add_flag("--json", arguments->as_json, "Events on stdout and commands on stdin, a line of JSON each");
            return [arguments] { return train(*arguments); };
          }};
}

}  // namespace netwright
