#include "backend/engine/learner.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "backend/graph/recipe_specs.h"

namespace netwright {

namespace {

// Beside what the optimiser keeps.
constexpr const char* rate_name = "initial_lr";
constexpr const char* schedule_name = "schedule";
constexpr const char* gathered_name = "gathered";
constexpr const char* gradients_name = "gradients";
constexpr const char* taken_over_name = "taken_over";

const torch::Tensor* find(const NamedTensors& state, std::string_view name) {
  const auto it = std::ranges::find(state, name, [](const auto& entry) -> std::string_view { return entry.first; });
  return it == state.end() ? nullptr : &it->second;
}

/// Why `state` has no such tensor; empty where it has.
std::string misfit(const NamedTensors& state, const char* name, const torch::Tensor& like) {
  const torch::Tensor* found = find(state, name);
  if (!found) return fmt::format("The state has no “{}”.", name);
  if (found->sizes() == like.sizes() && found->scalar_type() == like.scalar_type()) return {};
  return fmt::format("The state's “{}” has {} numbers where {} are needed, or another type.", name, found->numel(),
                     like.numel());
}

}  // namespace

Result<std::unique_ptr<Learner>> Learner::create(std::shared_ptr<GraphModule> module, const Plan& plan,
                                                 torch::Device device) {
  const Settings recipe = completed(recipe_specs(), plan.recipe.settings);
  for (const SettingSpec& spec : recipe_specs()) {
    if (const auto why = complaint(spec, *recipe.find(spec.name))) return Error{fmt::format("The recipe: {}.", *why)};
  }
  const OptimiserSpec* spec = find_optimiser_spec(plan.optimiser.type);
  const double rate = spec ? completed(spec->settings, plan.optimiser.settings).real("lr") : 0;
  auto schedule = Schedule::create(plan.recipe.schedule, plan.steps, rate);
  if (!schedule) return schedule.error();
  std::unique_ptr<Learner> learner(new Learner(std::move(module), std::move(*schedule)));
  auto optimiser = make_optimiser(plan.optimiser, learner->weights_);
  if (!optimiser) return optimiser.error();
  learner->optimiser_ = std::move(*optimiser);
  learner->processes_ = plan.processes;
  learner->rate_ = learner->optimiser_->learning_rate();
  learner->l1_ = recipe.real("l1");
  learner->l2_ = recipe.real("l2");
  learner->clip_norm_ = recipe.real("clip_norm");
  learner->clip_value_ = recipe.real("clip_value");
  learner->accumulate_ = recipe.integer("accumulate");
  learner->ema_decay_ = recipe.real("ema_decay");
  if (learner->ema_decay_ > 0) learner->average_ = learner->weights_.weights().clone();
  learner->is_mixed_ = recipe.flag("mixed_precision") && can_mix(device);
  return learner;
}

Learner::Learner(std::shared_ptr<GraphModule> module, Schedule schedule)
    : module_(std::move(module)), weights_(*module_), schedule_(std::move(schedule)) {}

void Learner::begin() {
  if (gathered_ == 0) weights_.zero_grad();
}

torch::Tensor Learner::share_of(const torch::Tensor& loss) const {
  return accumulate_ == 1 ? loss : loss / accumulate_;
}

bool Learner::finish(const torch::Tensor& loss) {
  if (!loss.is_cpu()) {
    torch::Tensor gradients = weights_.gradients();
    gradients.masked_fill_(loss.isfinite().logical_not(), 0);
  }
  if (++gathered_ < accumulate_) return false;
  make_step();
  return true;
}

bool Learner::flush() {
  if (gathered_ == 0) return false;
  const torch::NoGradGuard no_grad;
  torch::Tensor(weights_.gradients()).mul_(static_cast<double>(accumulate_) / static_cast<double>(gathered_));
  make_step();
  return true;
}

void Learner::make_step() {
  const torch::NoGradGuard no_grad;
  gathered_ = 0;
  if (processes_) processes_->sum(weights_.gradients());
  add_penalties();
  clip();
  optimiser_->set_learning_rate(scheduled_rate());
  optimiser_->step();
  if (average_.defined()) average_.lerp_(weights_.weights(), 1 - ema_decay_);
}

void Learner::add_penalties() {
  torch::Tensor gradients = weights_.gradients();
  if (l1_ != 0) gradients.add_(weights_.weights().sign(), l1_);
  if (l2_ != 0) gradients.add_(weights_.weights(), 2 * l2_);
}

void Learner::clip() {
  if (clip_value_ == 0 && clip_norm_ == 0) return;
  torch::Tensor gradients = weights_.gradients();
  norm_ = weights_.norm();
  torch::Tensor clipped_norm = norm_;
  if (clip_value_ != 0) {
    gradients.clamp_(-clip_value_, clip_value_);
    if (clip_norm_ != 0) clipped_norm = weights_.norm();
  }
  // A product rather than a question, which would wait for the device.
  if (clip_norm_ != 0) gradients.mul_((clip_norm_ / (clipped_norm + 1e-6)).clamp_max_(1));
}

Learner::Averaged::Averaged(Learner& learner)
    : learner_(learner.average_.defined() && !learner.is_averaged_ ? &learner : nullptr) {
  if (learner_) learner_->swap_average();
}

Learner::Averaged::~Averaged() {
  if (learner_) learner_->swap_average();
}

void Learner::restart_average() {
  const torch::NoGradGuard no_grad;
  if (average_.defined()) average_.copy_(weights_.weights());
}

void Learner::swap_average() {
  // The memory changes places, not the numbers in it: every view of the weights has the average at once.
  const c10::Storage& weights = weights_.weights().storage();
  const c10::Storage& average = average_.storage();
  weights.set_data_ptr(average.set_data_ptr(weights.set_data_ptr({})));
  is_averaged_ = !is_averaged_;
}

Result<void> Learner::take_over(const NamedTensors& state) {
  NamedTensors optimiser = state;
  std::erase_if(optimiser, [](const auto& entry) {
    constexpr std::array own = {rate_name, schedule_name, gathered_name, gradients_name, taken_over_name, average_name};
    return std::ranges::any_of(own, [&](const char* name) { return entry.first == name; });
  });
  if (const auto loaded = optimiser_->load_state(optimiser); !loaded) return loaded.error();
  taken_over_ = steps();
  const torch::NoGradGuard no_grad;
  const torch::Tensor* average = find(state, average_name);
  if (average_.defined() && average && average->sizes() == average_.sizes()) average_.copy_(*average);
  return {};
}

void Learner::spread_weights() {
  if (!processes_) return;
  for (const auto& [name, tensor] : module_->named_state()) processes_->spread(tensor);
  if (average_.defined()) processes_->spread(average_);
}

void Learner::bring_together() {
  if (!processes_ || gathered_ == 0) return;
  processes_->sum(weights_.gradients());
  // The sum over the processes stays what it was.
  if (!processes_->leads()) weights_.zero_grad();
}

std::int64_t Learner::parameters() const {
  std::int64_t count = 0;
  for (const torch::Tensor& parameter : module_->parameters()) count += parameter.numel();
  return count;
}

bool Learner::has_finite_weights() const {
  return std::ranges::all_of(module_->named_state(), [](const auto& entry) {
    return !entry.second.is_floating_point() || entry.second.isfinite().all().template item<bool>();
  });
}

NamedTensors Learner::state() const {
  NamedTensors state = optimiser_->state();
  state.emplace_back(rate_name, torch::tensor(rate_, torch::kFloat64));
  state.emplace_back(schedule_name, torch::tensor(schedule_.state(), torch::kFloat64));
  if (average_.defined()) state.emplace_back(average_name, average_);
  if (taken_over_ > 0) state.emplace_back(taken_over_name, torch::tensor(taken_over_, torch::kInt64));
  if (gathered_ > 0) {
    state.emplace_back(gathered_name, torch::tensor(gathered_, torch::kInt64));
    state.emplace_back(gradients_name, weights_.gradients());
  }
  return state;
}

Result<void> Learner::load_state(const NamedTensors& state) {
  std::vector<std::pair<const char*, torch::Tensor>> wanted = {
      {rate_name, torch::empty({}, torch::kFloat64)},
      {schedule_name, torch::tensor(schedule_.state(), torch::kFloat64)}};
  if (average_.defined()) wanted.emplace_back(average_name, average_);
  const torch::Tensor* taken_over = find(state, taken_over_name);
  if (taken_over) wanted.emplace_back(taken_over_name, torch::empty({}, torch::kInt64));
  const bool has_gathered = find(state, gathered_name) != nullptr;
  if (has_gathered) {
    wanted.emplace_back(gathered_name, torch::empty({}, torch::kInt64));
    wanted.emplace_back(gradients_name, weights_.gradients());
  }
  for (const auto& [name, like] : wanted) {
    if (const std::string why = misfit(state, name, like); !why.empty()) return Error{why};
  }
  NamedTensors rest = state;
  std::erase_if(rest, [&](const auto& entry) {
    return std::ranges::any_of(wanted, [&](const auto& known) { return entry.first == known.first; });
  });
  // What is left is the optimiser's, which refuses what it doesn't know.
  if (const auto loaded = optimiser_->load_state(rest); !loaded) return loaded.error();

  const torch::NoGradGuard no_grad;
  rate_ = find(state, rate_name)->item<double>();
  const torch::Tensor kept = find(state, schedule_name)->to(torch::kCPU).contiguous();
  schedule_.load_state({kept.data_ptr<double>(), kept.data_ptr<double>() + kept.numel()});
  if (average_.defined()) average_.copy_(*find(state, average_name));
  taken_over_ = taken_over ? taken_over->item<std::int64_t>() : 0;
  gathered_ = has_gathered ? find(state, gathered_name)->item<std::int64_t>() : 0;
  if (!has_gathered) return {};
  if (!processes_ || processes_->leads()) {
    torch::Tensor(weights_.gradients()).copy_(*find(state, gradients_name));
  } else {
    weights_.zero_grad();
  }
  return {};
}

}  // namespace netwright
