#include "backend/engine/adversarial_sides.h"

#include <fmt/format.h>

#include <algorithm>

#include "backend/analysis/analyse.h"
#include "backend/analysis/last_layer.h"
#include "backend/data/data_catalogue.h"
#include "backend/engine/initialisation.h"
#include "backend/engine/losses.h"
#include "backend/engine/own_draws.h"
#include "backend/graph/flatten.h"
#include "backend/graph/gestures.h"
#include "backend/graph/layer_search.h"
#include "backend/graph/recipe_specs.h"

namespace netwright {

namespace {

/// Probabilities say the same as scores, but less exactly.
void remove_last_sigmoid(Project& project, NetworkId id) {
  const Network& network = *project.find(id);
  const Layer* last = last_layer(network);
  if (!last || last->type != "Sigmoid") return;
  for (const Edit& edit : remove_layers(network, {last->id}, true)) {
    if (!apply(project, edit)) break;
  }
}

Result<Side> make_side(const Network& network, const Report& report, const Learner::Plan& plan, torch::Device device,
                       const std::string& initialisation) {
  const NetworkReport& figures = *report.find(network.id);
  Side side{.name = network.name,
            .network = network,
            .learner = nullptr,
            .input = {},
            .takes_class = layers_of_type(network, "Input").size() > 1};
  for (const Dim& dim : figures.input.dims()) {
    if (!dim) return Error{fmt::format("The first Input of “{}” needs a shape without gaps.", network.name)};
    side.input.push_back(*dim);
  }
  auto module = GraphModule::build(network, figures);
  if (!module) return module.error();
  if (const auto begun = initialise(**module, network, initialisation); !begun) return begun.error();
  (*module)->to(device);
  auto learner = Learner::create(std::move(*module), plan, device);
  if (!learner) return learner.error();
  side.learner = std::move(*learner);
  return side;
}

/// Tries the gradient penalty once, and leaves everything as it was.
Result<void> check_second_derivatives(Side& discriminator, torch::Device device) {
  constexpr std::int64_t samples = 2;
  const OwnDraws draws(1, device);
  GraphModule& module = discriminator.module();
  std::vector<torch::Tensor> parameters = module.parameters();
  std::erase_if(parameters, [](const torch::Tensor& parameter) { return !parameter.requires_grad(); });
  if (parameters.empty()) return {};
  std::vector<torch::Tensor> buffers;
  for (const torch::Tensor& buffer : module.buffers()) buffers.push_back(buffer.clone());
  std::vector<std::int64_t> sizes = discriminator.input;
  sizes.insert(sizes.begin(), samples);
  Result<void> result;
  try {
    const auto score = [&](const torch::Tensor& x) {
      return discriminator.run(x, torch::zeros({samples}, torch::TensorOptions(device).dtype(torch::kInt64)));
    };
    const torch::Tensor penalty = gradient_penalty(score, torch::randn(sizes, device), torch::randn(sizes, device),
                                                   torch::rand({samples}, device));
    if (penalty.requires_grad()) torch::autograd::grad({penalty}, parameters, {}, {}, false, /*allow_unused=*/true);
  } catch (const std::exception& error) {
    const std::string why = error.what();
    result =
        Error{fmt::format("wasserstein_gp learns from the gradient of a gradient, and a layer of “{}” has none ({}). "
                          "Choose another loss, or leave that layer out.",
                          discriminator.name, why.substr(0, why.find('\n')))};
  }
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> own = module.buffers();
  for (std::size_t i = 0; i < own.size(); ++i) own[i].copy_(buffers[i]);
  return result;
}

}  // namespace

Result<Sides> make_sides(const TaskContext& context, const Settings& task_settings) {
  Project project = flattened(context.project);
  const std::string loss = task_settings.text("loss");
  const Network* generator = project.find(task_settings.text("generator"));
  const Network* discriminator = project.find(task_settings.text("discriminator"));
  if (generator && generator == discriminator) {
    return Error{
        fmt::format("“{}” can't be its own discriminator: name two networks in the task's settings.", generator->name)};
  }
  const DataDescription data = description_of(context.dataset);
  Report report = analyse(project, data);
  for (const Diagnostic& diagnostic : report.diagnostics) {
    const bool concerns_them = !diagnostic.network || (generator && diagnostic.network == generator->id) ||
                               (discriminator && diagnostic.network == discriminator->id);
    if (diagnostic.severity == Severity::Error && concerns_them) return Error{diagnostic.message};
  }
  if (!generator || !discriminator) return Error{"Adversarial training needs two networks: name them in its settings."};
  remove_last_sigmoid(project, discriminator->id);
  report = analyse(project, data);

  const Recipe& recipe = project.recipe;
  const Settings settings = completed(recipe_specs(), recipe.settings);
  torch::manual_seed(static_cast<std::uint64_t>(settings.integer("seed")));
  // Where the discriminator is frozen, the generator learns from every batch.
  const std::int64_t turns =
      task_settings.text("frozen") == "discriminator" ? 1 : task_settings.integer("discriminator_steps");
  StepPlan its_steps = context.plan;
  its_steps.steps_per_epoch = std::max<std::int64_t>(1, (its_steps.steps_per_epoch + turns - 1) / turns);
  auto made = make_side(*generator, report,
                        {.recipe = recipe,
                         .optimiser = {recipe.optimiser, recipe.optimiser_settings},
                         .steps = its_steps,
                         .processes = context.processes},
                        context.device, settings.text("initialisation"));
  if (!made) return made.error();
  // What generates is averaged; what judges it must be the one that it learned against.
  Recipe without_average = recipe;
  without_average.settings.set("ema_decay", 0.0);
  auto judging = make_side(*discriminator, report,
                           {.recipe = without_average,
                            .optimiser = recipe.discriminator_optimiser,
                            .steps = context.plan,
                            .processes = context.processes},
                           context.device, settings.text("initialisation"));
  if (!judging) return judging.error();
  if (loss == "wasserstein_gp") {
    if (const auto fits = check_second_derivatives(*judging, context.device); !fits) return fits.error();
  }
  return Sides{std::move(*made), std::move(*judging)};
}

PassingThrough::PassingThrough(GraphModule& module) {
  for (torch::Tensor& parameter : module.parameters()) {
    if (parameter.requires_grad()) learning_.push_back(parameter.set_requires_grad(false));
  }
}

PassingThrough::~PassingThrough() {
  for (torch::Tensor& parameter : learning_) parameter.set_requires_grad(true);
}

}  // namespace netwright
