#include "backend/engine/adversarial.h"

#include <algorithm>
#include <cmath>

#include "backend/engine/losses.h"
#include "backend/engine/own_draws.h"
#include "backend/engine/shared_batch.h"
#include "backend/graph/recipe_specs.h"
#include "backend/graph/task_specs.h"

namespace netwright {

namespace {

// Seeds of what is drawn apart from training, the same in every epoch and run.
constexpr std::uint64_t test_draws = 0x74657374;
constexpr std::uint64_t quality_draws = 0x7175616c;
constexpr const char* batches_name = "batches";
constexpr const char* turns_name = "discriminator_steps";

bool has_convolution(const GraphModule& module) {
  const auto& layers = module.layers();
  return std::any_of(layers.begin(), layers.end(), [](const auto& layer) {
    return std::dynamic_pointer_cast<torch::nn::Conv2dImpl>(layer.second) != nullptr;
  });
}

/// Known at once on the CPU; elsewhere looking at it would make the step wait for the device.
bool is_bad(const torch::Tensor& loss) {
  return loss.is_cpu() && !std::isfinite(loss.item<double>());
}

}  // namespace

Result<std::unique_ptr<Task>> Adversarial::create(const TaskContext& context) {
  Settings settings = completed(find_task_spec("Adversarial")->settings, context.project.recipe.task_settings);
  auto sides = make_sides(context, settings);
  if (!sides) return sides.error();
  return std::unique_ptr<Task>(new Adversarial(std::move(*sides), context, std::move(settings)));
}

Adversarial::Adversarial(Sides sides, const TaskContext& context, Settings settings)
    : dataset_(context.dataset),
      device_(context.device),
      processes_(context.processes),
      plan_(context.plan),
      settings_(std::move(settings)),
      loss_(settings_.text("loss")),
      accumulate_(completed(recipe_specs(), context.project.recipe.settings).integer("accumulate")),
      seed_(static_cast<std::uint64_t>(completed(recipe_specs(), context.project.recipe.settings).integer("seed"))),
      generator_(std::move(sides.generator)),
      discriminator_(std::move(sides.discriminator)),
      is_conditional_(generator_.takes_class || discriminator_.takes_class),
      wants_channels_last_(device_.is_cpu() && has_convolution(discriminator_.module())),
      measures_frechet_(settings_.flag("frechet") && dataset_.train.inputs.type != ElementType::Int64),
      figures_(adversarial_figures(loss_, measures_frechet_)),
      training_(device_, processes_),
      test_(device_, processes_),
      alarms_(loss_, settings_.real("real_label")),
      wall_(dataset_, generator_.input, generator_.takes_class ? static_cast<std::int64_t>(dataset_.classes.size()) : 0,
            seed_, device_),
      generator_watch_(*generator_.learner, generator_.network, generator_.name),
      discriminator_watch_(*discriminator_.learner, discriminator_.network, discriminator_.name) {}

torch::Tensor Adversarial::drawn_classes(const torch::Tensor& like) const {
  if (!is_conditional_ || !like.defined()) return {};
  return redrawn(like);
}

torch::Tensor Adversarial::drawn_latent(std::int64_t count) const {
  std::vector<std::int64_t> sizes = generator_.input;
  sizes.insert(sizes.begin(), count);
  return normal_like(torch::empty(sizes, device_));
}

/// Instance noise, which fades as training goes on (Sønderby et al. 2017).
torch::Tensor Adversarial::noisy(const torch::Tensor& samples) const {
  const auto done =
      static_cast<double>(batches_ / accumulate_) / static_cast<double>(std::max<std::int64_t>(1, plan_.steps()));
  const double deviation = settings_.real("instance_noise") * std::max(0.0, 1 - done);
  return deviation > 0 ? samples + deviation * normal_like(samples) : samples;
}

torch::Tensor Adversarial::scores_of(const torch::Tensor& samples, const torch::Tensor& classes) {
  return discriminator_.run(samples, classes).flatten().to(torch::kFloat32);
}

bool Adversarial::step(const Batch& batch) {
  const SharedBatch shared(processes_, batch);
  // What is frozen doesn't gather statistics either.
  generator_.module().train(learns("generator"));
  discriminator_.module().train(learns("discriminator"));
  const bool judges = learns("discriminator");
  const std::int64_t turns = judges ? settings_.integer(turns_name) : 1;
  const bool is_turn = learns("generator") && (batches_ + 1) % turns == 0;
  Generated fake{{}, drawn_classes(batch.targets)};
  {
    const torch::AutoGradMode follow(is_turn);
    const Autocast mixed(generator_.learner->is_mixed(), device_);
    fake.samples = generator_.run(drawn_latent(batch.size()), fake.classes);
  }
  if (!judge(batch, fake)) return false;
  if (is_turn && !improve(fake, counts(processes_, batch))) return false;
  ++batches_;
  return true;
}

/// The discriminator's part; where it is frozen it only gives its verdict.
bool Adversarial::judge(const Batch& batch, const Generated& fake) {
  Learner& learner = *discriminator_.learner;
  const bool judges = learns("discriminator");
  const torch::Tensor made = fake.samples.detach().to(torch::kFloat32);
  const torch::Tensor real_classes = is_conditional_ ? batch.targets : torch::Tensor();
  const torch::AutoGradMode follow(judges);
  if (judges) learner.begin();
  torch::Tensor real_scores;
  torch::Tensor fake_scores;
  {
    const Autocast mixed(learner.is_mixed(), device_);
    real_scores = scores_of(noisy(batch.inputs), real_classes);
    fake_scores = scores_of(noisy(made), fake.classes);
  }
  torch::Tensor loss = discriminator_loss(loss_, real_scores, fake_scores, settings_.real("real_label"));
  if (judges && loss_ == "wasserstein_gp" && settings_.real("gradient_penalty") > 0) {
    const torch::Tensor mix = uniform_like(torch::empty({batch.size()}, device_));
    const auto score = [&](const torch::Tensor& x) { return scores_of(x, real_classes); };
    loss = loss + settings_.real("gradient_penalty") * gradient_penalty(score, batch.inputs, made, mix);
  }
  const torch::Tensor seen = loss.detach();
  if (is_bad(seen)) return false;
  AdversarialSums::Judged judged =
      verdict(batch, {made, fake.classes}, real_scores.detach(), fake_scores.detach(), seen);
  if (judges && loss.requires_grad()) {
    learner.share_of(loss).backward();
    if (learner.finish(seen)) judged.gradient = learner.gradient_norm();
  }
  if (counts(processes_, batch)) training_.add(judged);
  return true;
}

/// The generator's part.
bool Adversarial::improve(const Generated& fake, bool is_counted) {
  Learner& learner = *generator_.learner;
  const PassingThrough passing(discriminator_.module());
  learner.begin();
  torch::Tensor scores;
  {
    const Autocast mixed(learner.is_mixed(), device_);
    scores = scores_of(noisy(fake.samples.to(torch::kFloat32)), fake.classes);
  }
  const torch::Tensor loss = generator_loss(loss_, scores);
  const torch::Tensor seen = loss.detach();
  if (is_bad(seen)) return false;
  AdversarialSums::Made made{.samples = scores.size(0), .loss = seen};
  if (loss.requires_grad()) {
    learner.share_of(loss).backward();
    if (learner.finish(seen)) made.gradient = learner.gradient_norm();
  }
  if (is_counted) training_.add(made);
  return true;
}

AdversarialSums::Judged Adversarial::verdict(const Batch& batch, const Generated& fake,
                                             const torch::Tensor& real_scores, const torch::Tensor& fake_scores,
                                             const torch::Tensor& loss) const {
  // A generator that is told the class could make one sample of each, and they would differ.
  const bool by_class = generator_.takes_class;
  return {.samples = batch.size(),
          .loss = loss,
          .real = verdict_of(loss_, real_scores).mean(),
          .fake = verdict_of(loss_, fake_scores).mean(),
          .fake_spread = spread_of(fake.samples, by_class ? fake.classes : torch::Tensor()),
          .real_spread = spread_of(batch.inputs, by_class ? batch.targets : torch::Tensor())};
}

void Adversarial::clear_test_sums() {
  test_.clear();
  test_batch_ = 0;
}

void Adversarial::evaluate(const Batch& batch) {
  const torch::NoGradGuard no_grad;
  const OwnDraws draws(test_draws + test_batch_++, device_);
  const SharedBatch shared(processes_, batch);
  const Learner::Averaged averaged(*generator_.learner);
  generator_.module().eval();
  discriminator_.module().eval();
  const Autocast mixed(discriminator_.learner->is_mixed(), device_);
  Generated fake{{}, drawn_classes(batch.targets)};
  fake.samples = generator_.run(drawn_latent(batch.size()), fake.classes).to(torch::kFloat32);
  const torch::Tensor real_scores = scores_of(batch.inputs, is_conditional_ ? batch.targets : torch::Tensor());
  const torch::Tensor fake_scores = scores_of(fake.samples, fake.classes);
  const torch::Tensor loss = discriminator_loss(loss_, real_scores, fake_scores, settings_.real("real_label"));
  if (!counts(processes_, batch)) return;
  test_.add(verdict(batch, fake, real_scores, fake_scores, loss));
  test_.add(AdversarialSums::Made{.samples = batch.size(), .loss = generator_loss(loss_, fake_scores)});
}

torch::Tensor Adversarial::infer(const Batch& batch) {
  const torch::NoGradGuard no_grad;
  const OwnDraws draws(test_draws, device_);
  const Learner::Averaged averaged(*generator_.learner);
  generator_.module().eval();
  const Autocast mixed(generator_.learner->is_mixed(), device_);
  return generator_.run(drawn_latent(batch.size()), drawn_classes(batch.targets));
}

std::vector<Event> Adversarial::prepare_meter() {
  if (!measures_frechet_ || meter_) return {};
  auto meter = FrechetMeter::create(dataset_, device_);
  if (!meter) {
    measures_frechet_ = false;
    return {MessageEvent{"warning", "The Fréchet distance can't be measured: " + meter.error().message}};
  }
  meter_ = std::move(*meter);
  return {MessageEvent{"info", meter_->note()}};
}

FigureValues Adversarial::epoch_figures() {
  prepare_meter();
  if (!meter_) return {};
  const OwnDraws draws(quality_draws, device_);
  const torch::NoGradGuard no_grad;
  const Learner::Averaged averaged(*generator_.learner);
  generator_.module().eval();
  const double distance = meter_->distance_of([&](std::int64_t count, const torch::Tensor& classes) {
    return generator_.run(drawn_latent(count), classes).to(torch::kFloat32);
  });
  return std::isfinite(distance) ? FigureValues{{"frechet", distance}} : FigureValues();
}

void Adversarial::finish_steps() {
  for (const Side* side : {&generator_, &discriminator_}) side->learner->flush();
}

std::vector<Event> Adversarial::epoch_done(int epoch, const FigureValues& held_out) {
  const auto judged_by = [&](const char* loss) {
    const auto frechet = held_out.find("frechet");
    const auto found = frechet == held_out.end() ? held_out.find(loss) : frechet;
    return found == held_out.end() ? std::nan("") : found->second;
  };
  generator_.learner->epoch_done(judged_by("g_loss"));
  discriminator_.learner->epoch_done(judged_by("d_loss"));
  std::vector<Event> events;
  for (AlarmEvent& alarm : alarms_.epoch_done(epoch, batches_, figures_of(training_.read()))) {
    events.emplace_back(std::move(alarm));
  }
  return events;
}

std::vector<Event> Adversarial::show_samples(const SamplePlace& place) {
  std::vector<Event> events = prepare_meter();
  const OwnDraws draws(test_draws, device_);
  const Learner::Averaged averaged(*generator_.learner);
  generator_.module().eval();
  const auto generate = [&](const torch::Tensor& latent, const torch::Tensor& classes) {
    return generator_.run(latent, classes);
  };
  for (Event& event : wall_.show(generate, place)) events.push_back(std::move(event));
  return events;
}

void Adversarial::set_learning_rate(double rate) {
  Learner& shown = *(learns("generator") ? generator_ : discriminator_).learner;
  Learner& other = *(learns("generator") ? discriminator_ : generator_).learner;
  if (shown.learning_rate() > 0) other.set_learning_rate(other.learning_rate() * rate / shown.learning_rate());
  shown.set_learning_rate(rate);
}

bool Adversarial::set(const std::string& setting, double value) {
  if (setting != turns_name) return false;
  settings_.set(turns_name, static_cast<std::int64_t>(value));
  return true;
}

void Adversarial::watch_step() {
  generator_watch_.before_step();
  discriminator_watch_.before_step();
}

std::vector<LayerFigures> Adversarial::watched_layers(const Batch& batch) {
  const OwnDraws draws(test_draws, device_);
  std::vector<LayerFigures> layers =
      generator_watch_.after_step(generator_.inputs(drawn_latent(batch.size()), drawn_classes(batch.targets)));
  for (LayerFigures& layer : discriminator_watch_.after_step(discriminator_.inputs(batch.inputs, batch.targets))) {
    layers.push_back(std::move(layer));
  }
  return layers;
}

std::int64_t Adversarial::parameters() const {
  return generator_.learner->parameters() + discriminator_.learner->parameters();
}

bool Adversarial::has_finite_weights() const {
  return generator_.learner->has_finite_weights() && discriminator_.learner->has_finite_weights();
}

std::optional<std::string> Adversarial::first_bad_layer(const Batch& batch) {
  const auto bad_of = [](Side& side, const torch::Tensor& input, const torch::Tensor& classes) {
    std::optional<std::string> layer = side.module().first_bad_layer(side.inputs(input, classes));
    if (layer) layer->insert(0, side.name + '.');
    return layer;
  };
  const OwnDraws draws(test_draws, device_);
  if (auto layer = bad_of(generator_, drawn_latent(batch.size()), drawn_classes(batch.targets))) return layer;
  return bad_of(discriminator_, batch.inputs, batch.targets);
}

Result<void> Adversarial::save(const std::filesystem::path& path, const std::string& progress) const {
  TrainingState state{.progress = progress, .memory = alarms_.memory(), .random = random_states(device_)};
  state.random.emplace_back(batches_name, torch::tensor(batches_, torch::kInt64));
  state.random.emplace_back(turns_name, torch::tensor(settings_.integer(turns_name), torch::kInt64));
  return save_checkpoint(path, learners(), state);
}

Result<void> Adversarial::load_weights(const std::filesystem::path& path) {
  return load_learned(path, learners());
}

Result<std::string> Adversarial::resume(const std::filesystem::path& path) {
  const auto state = load_checkpoint(path, learners());
  if (!state) return state.error();
  alarms_.restore(state->memory);
  // What it says of itself was said when the run began.
  if (!processes_ || processes_->leads()) prepare_meter();
  restore_random_states(state->random, device_);
  for (const auto& [name, value] : state->random) {
    if (name == batches_name) batches_ = value.item<std::int64_t>();
    if (name == turns_name) set(turns_name, static_cast<double>(value.item<std::int64_t>()));
  }
  return state->progress;
}

}  // namespace netwright
