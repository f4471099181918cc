#include "backend/engine/single_network_task.h"

#include <fmt/format.h>

#include <cmath>

#include "backend/analysis/analyse.h"
#include "backend/analysis/last_layer.h"
#include "backend/data/held_out.h"
#include "backend/data/preparation.h"
#include "backend/engine/checkpoint.h"
#include "backend/engine/initialisation.h"
#include "backend/engine/sample_batch.h"
#include "backend/engine/shared_batch.h"
#include "backend/graph/flatten.h"
#include "backend/graph/layer_search.h"
#include "backend/graph/recipe_specs.h"

namespace netwright {

OutputForm output_form_of(const Network& network) {
  const Layer* last = last_layer(network);
  if (last && last->type == "Softmax") return OutputForm::Probabilities;
  if (last && last->type == "LogSoftmax") return OutputForm::LogProbabilities;
  return OutputForm::Scores;
}

torch::Tensor class_weights_of(const Settings& task_settings, const Dataset& dataset, torch::Device device) {
  const bool has_classes = dataset.target == TargetKind::Class || dataset.target == TargetKind::Mask;
  if (!has_classes || task_settings.text("class_weights") != "balanced") return {};
  return torch::tensor(balanced_class_weights(dataset), torch::kFloat32).to(device);
}

Result<SingleNetworkTask::Parts> SingleNetworkTask::prepare(const TaskContext& context) {
  const Project project = flattened(context.project);
  const Report report = analyse(project, description_of(context.dataset));
  const NetworkReport* figures = report.find(context.network.id);
  if (!figures) return Error{fmt::format("The project has no network “{}”.", context.network.name)};
  for (const Diagnostic& diagnostic : report.diagnostics) {
    const bool concerns_it = !diagnostic.network || diagnostic.network == context.network.id;
    if (diagnostic.severity == Severity::Error && concerns_it) return Error{diagnostic.message};
  }
  const Settings recipe = completed(recipe_specs(), project.recipe.settings);
  torch::manual_seed(static_cast<std::uint64_t>(recipe.integer("seed")));
  Parts parts{*project.find(context.network.id), *figures, nullptr};
  auto module = GraphModule::build(parts.network, parts.report);
  if (!module) return module.error();
  if (const auto begun = initialise(**module, parts.network, recipe.text("initialisation")); !begun) {
    return begun.error();
  }
  (*module)->to(context.device);
  auto learner = Learner::create(std::move(*module),
                                 {.recipe = project.recipe,
                                  .optimiser = {project.recipe.optimiser, project.recipe.optimiser_settings},
                                  .steps = context.plan,
                                  .processes = context.processes},
                                 context.device);
  if (!learner) return learner.error();
  parts.learner = std::move(*learner);
  return parts;
}

SingleNetworkTask::SingleNetworkTask(Parts parts, const TaskContext& context, std::int64_t measured)
    : dataset_(context.dataset),
      network_(std::move(parts.network)),
      learner_(std::move(parts.learner)),
      device_(context.device),
      processes_(context.processes),
      // Measured on two cores: a step of the Fashion-MNIST CNN takes about three quarters of the time this way.
      wants_channels_last_(device_.is_cpu() && first_of_type(network_, "Conv2d") != nullptr),
      training_(measured, device_, processes_),
      test_(measured, device_, processes_),
      watch_(*learner_, network_) {}

bool SingleNetworkTask::step(const Batch& batch) {
  module().train();
  learner_->begin();
  Outcome outcome;
  {
    const SharedBatch shared(processes_, batch);
    const Autocast mixed(learner_->is_mixed(), device_);
    outcome = run(batch, true);
  }
  const torch::Tensor seen = outcome.loss.detach();
  // The loss is in memory already on the CPU; elsewhere looking at it would make the step wait for the device.
  if (seen.is_cpu() && !std::isfinite(*seen.data_ptr<float>())) return false;
  if (outcome.loss.requires_grad()) learner_->share_of(outcome.loss).backward();
  learner_->finish(seen);
  if (counts(processes_, batch)) training_.add(batch.size(), seen, outcome.measured);
  return true;
}

void SingleNetworkTask::evaluate(const Batch& batch) {
  const torch::NoGradGuard no_grad;
  const Learner::Averaged averaged(*learner_);
  module().eval();
  const SharedBatch shared(processes_, batch);
  const Autocast mixed(learner_->is_mixed(), device_);
  const Outcome outcome = run(batch, false);
  if (counts(processes_, batch)) test_.add(batch.size(), outcome.loss, outcome.measured);
}

std::vector<Event> SingleNetworkTask::epoch_done(int /*epoch*/, const FigureValues& held_out) {
  if (const auto loss = held_out.find("loss"); loss != held_out.end()) learner_->epoch_done(loss->second);
  return {};
}

std::optional<std::string> SingleNetworkTask::first_bad_layer(const Batch& batch) {
  return module().first_bad_layer({batch.inputs}, batch.lengths);
}

Result<void> SingleNetworkTask::save(const std::filesystem::path& path, const std::string& progress) const {
  return save_checkpoint(path, learners(), {.progress = progress, .random = random_states(device_)});
}

Result<std::string> SingleNetworkTask::resume(const std::filesystem::path& path) {
  const auto state = load_checkpoint(path, learners());
  if (!state) return state.error();
  restore_random_states(state->random, device_);
  return state->progress;
}

Result<void> SingleNetworkTask::load_weights(const std::filesystem::path& path) {
  return load_learned(path, learners());
}

torch::Tensor SingleNetworkTask::infer(const Batch& batch) {
  const torch::NoGradGuard no_grad;
  const Learner::Averaged averaged(*learner_);
  module().eval();
  const Autocast mixed(learner_->is_mixed(), device_);
  return module().forward(batch.inputs, batch.lengths);
}

std::optional<torch::Tensor> SingleNetworkTask::input_gradient(const Batch& batch) {
  if (!batch.inputs.is_floating_point()) return std::nullopt;
  const Learner::Averaged averaged(*learner_);
  module().eval();
  // cuDNN's recurrent layers only know their gradients in training mode; LibTorch's own know them always.
  const bool has_cudnn = at::globalContext().userEnabledCuDNN();
  if (!device_.is_cpu()) at::globalContext().setUserEnabledCuDNN(false);
  Batch asked = batch;
  asked.undisturbed = batch.undisturbed.defined() ? batch.undisturbed : batch.inputs;
  asked.inputs = batch.inputs.detach().clone().requires_grad_();
  // As in training, so that the test figures stay as they are.
  const Outcome outcome = run(asked, true);
  torch::Tensor gradient = torch::autograd::grad({outcome.loss}, {asked.inputs}, {}, {}, false, true).front();
  if (!device_.is_cpu()) at::globalContext().setUserEnabledCuDNN(has_cudnn);
  return gradient.defined() ? gradient.detach() : torch::zeros_like(batch.inputs);
}

Result<Batch> SingleNetworkTask::some_samples(std::int64_t count) const {
  return sample_batch(held_out_split(dataset_), dataset_, count, device_);
}

}  // namespace netwright
