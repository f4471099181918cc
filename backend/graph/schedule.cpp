#include "backend/graph/schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace netwright {

namespace {

constexpr const char* plateau_type = "ReduceOnPlateau";

SettingSpec gamma(double fallback) {
  return {.name = "gamma",
          .kind = SettingKind::Real,
          .fallback = fallback,
          .help = "What the rate is multiplied by each time.",
          .minimum = 0,
          .maximum = 10};
}

SettingSpec eta_min() {
  return {.name = "eta_min",
          .kind = SettingKind::Real,
          .fallback = 0.0,
          .help = "The learning rate at the lowest point.",
          .minimum = 0,
          .maximum = 1000};
}

/// A schedule's own settings, and the warm-up that all have.
std::vector<SettingSpec> with_warmup(std::vector<SettingSpec> settings) {
  settings.push_back(
      {.name = "warmup_epochs",
       .kind = SettingKind::Real,
       .fallback = 0.0,
       .help = "Over so many epochs the rate rises to the schedule's, so that the first steps are small.",
       .minimum = 0,
       .maximum = 1e6});
  return settings;
}

std::int64_t epoch_of(const StepPlan& plan, std::int64_t step) {
  return step / plan.steps_per_epoch;
}

/// Half a wave down from 1, at `position` of `length`, to `least`.
double cosine(double least, double position, double length) {
  return least + (1 - least) * (1 + std::cos(std::numbers::pi * position / length)) / 2;
}

/// A rate of the settings, seen from the optimiser's.
double share_of(const Settings& settings, const char* name, double rate) {
  return rate > 0 ? settings.real(name) / rate : 0;
}

double constant_factor(const Settings&, const StepPlan&, double, std::int64_t) {
  return 1;
}

double step_factor(const Settings& s, const StepPlan& plan, double, std::int64_t step) {
  const std::int64_t times = epoch_of(plan, step) / s.integer("step_size");
  return std::pow(s.real("gamma"), static_cast<double>(times));
}

double multi_step_factor(const Settings& s, const StepPlan& plan, double, std::int64_t step) {
  const Integers milestones = s.integers("milestones");
  const std::int64_t epoch = epoch_of(plan, step);
  const auto passed = std::ranges::count_if(milestones, [&](std::int64_t milestone) { return milestone <= epoch; });
  return std::pow(s.real("gamma"), static_cast<double>(passed));
}

double exponential_factor(const Settings& s, const StepPlan& plan, double, std::int64_t step) {
  return std::pow(s.real("gamma"), static_cast<double>(epoch_of(plan, step)));
}

double cosine_factor(const Settings& s, const StepPlan& plan, double rate, std::int64_t step) {
  const double least = share_of(s, "eta_min", rate);
  const std::int64_t epochs = s.integer("T_max");
  // A run that is made longer while it goes on stays at the lowest rate.
  if (epochs == 0) return cosine(least, static_cast<double>(std::min(step, plan.steps())), double(plan.steps()));
  return cosine(least, static_cast<double>(step), static_cast<double>(epochs * plan.steps_per_epoch));
}

double restarts_factor(const Settings& s, const StepPlan& plan, double rate, std::int64_t step) {
  const std::int64_t growth = s.integer("T_mult");
  std::int64_t length = s.integer("T_0") * plan.steps_per_epoch;
  if (growth == 1) step %= length;
  while (step >= length) {
    step -= length;
    length *= growth;
  }
  return cosine(share_of(s, "eta_min", rate), static_cast<double>(step), static_cast<double>(length));
}

double one_cycle_factor(const Settings& s, const StepPlan& plan, double, std::int64_t step) {
  struct Phase {
    double end;  ///< its last step
    double from, to;
  };
  const auto steps = static_cast<double>(plan.steps());
  const double initial = 1 / s.real("div_factor");
  const double least = initial / s.real("final_div_factor");
  const double rise = s.real("pct_start") * steps - 1;
  std::vector<Phase> phases = {{rise, initial, 1}, {steps - 1, 1, least}};
  if (s.flag("three_phase")) phases = {{rise, initial, 1}, {2 * rise, 1, initial}, {steps - 1, initial, least}};

  const double now = std::min(static_cast<double>(step), steps - 1);
  double start = 0;
  auto phase = phases.begin();
  for (; now > phase->end && phase + 1 != phases.end(); ++phase) start = phase->end;
  // PyTorch divides by 0 where the rise is a single step.
  const double part = phase->end > start ? (now - start) / (phase->end - start) : 1;
  if (s.text("anneal_strategy") == "linear") return phase->from + (phase->to - phase->from) * part;
  return phase->to + (phase->from - phase->to) / 2 * (1 + std::cos(std::numbers::pi * part));
}

/// Why settings that are fine one by one don't go together; nothing where they do.
std::optional<std::string> conflict(const ScheduleSpec& spec, const Settings& settings) {
  if (spec.type == plateau_type && settings.real("factor") >= 1) {
    return "factor must be below 1, or the rate would never fall";
  }
  if (spec.type == "OneCycle" && settings.flag("three_phase") && settings.real("pct_start") > 0.5) {
    return "with three_phase, pct_start must be at most 0.5: the way down takes as long as the way up";
  }
  return std::nullopt;
}

}  // namespace

const std::vector<ScheduleSpec>& schedule_specs() {
  static const std::vector<ScheduleSpec> specs = {
      {.type = "Constant",
       .summary = "The same rate throughout.",
       .settings = with_warmup({}),
       .factor = constant_factor},
      {.type = "Step",
       .summary = "Falls by a factor every so many epochs.",
       .settings = with_warmup({{.name = "step_size",
                                 .kind = SettingKind::Integer,
                                 .fallback = std::int64_t{10},
                                 .help = "Epochs from one fall to the next.",
                                 .minimum = 1,
                                 .maximum = 1e6},
                                gamma(0.1)}),
       .factor = step_factor},
      {.type = "MultiStep",
       .summary = "Falls by a factor after the epochs that are named.",
       .settings = with_warmup({{.name = "milestones",
                                 .kind = SettingKind::Integers,
                                 .fallback = Integers{10, 15},
                                 .help = "After how many epochs the rate falls.",
                                 .minimum = 1,
                                 .maximum = 1e6},
                                gamma(0.1)}),
       .factor = multi_step_factor},
      {.type = "Exponential",
       .summary = "Falls by a factor every epoch.",
       .settings = with_warmup({gamma(0.9)}),
       .factor = exponential_factor},
      {.type = "CosineAnnealing",
       .summary = "Falls along half a wave, slowly at both ends.",
       .settings = with_warmup({{.name = "T_max",
                                 .kind = SettingKind::Integer,
                                 .fallback = std::int64_t{0},
                                 .help = "Epochs until the lowest point; 0: the whole run.",
                                 .minimum = 0,
                                 .maximum = 1e6},
                                eta_min()}),
       .factor = cosine_factor},
      {.type = "CosineAnnealingWarmRestarts",
       .summary = "Falls along half a wave, again and again from the top.",
       .settings = with_warmup({{.name = "T_0",
                                 .kind = SettingKind::Integer,
                                 .fallback = std::int64_t{10},
                                 .help = "Epochs of the first fall.",
                                 .minimum = 1,
                                 .maximum = 1e6},
                                {.name = "T_mult",
                                 .kind = SettingKind::Integer,
                                 .fallback = std::int64_t{1},
                                 .help = "How many times as long each fall is as the one before.",
                                 .minimum = 1,
                                 .maximum = 1000},
                                eta_min()}),
       .factor = restarts_factor},
      {.type = "OneCycle",
       .summary = "Rises to the optimiser's rate, then falls far below where it began.",
       .settings = with_warmup({{.name = "pct_start",
                                 .kind = SettingKind::Real,
                                 .fallback = 0.3,
                                 .help = "The part of the run in which the rate rises.",
                                 .minimum = 0,
                                 .maximum = 1},
                                {.name = "anneal_strategy",
                                 .kind = SettingKind::Choice,
                                 .fallback = std::string("cos"),
                                 .help = "Along half a wave, or a straight line.",
                                 .choices = {"cos", "linear"}},
                                {.name = "div_factor",
                                 .kind = SettingKind::Real,
                                 .fallback = 25.0,
                                 .help = "The first rate is the optimiser's divided by this.",
                                 .minimum = 1,
                                 .maximum = 1e9},
                                {.name = "final_div_factor",
                                 .kind = SettingKind::Real,
                                 .fallback = 1e4,
                                 .help = "The last rate is the first divided by this.",
                                 .minimum = 1,
                                 .maximum = 1e12},
                                {.name = "three_phase",
                                 .kind = SettingKind::Boolean,
                                 .fallback = false,
                                 .help = "Fall as fast as it rose, to the first rate; then slowly to the last."}}),
       .factor = one_cycle_factor},
      {.type = plateau_type,
       .summary = "Falls by a factor when the loss of the held-out samples hasn't become better for some epochs.",
       .settings = with_warmup({{.name = "factor",
                                 .kind = SettingKind::Real,
                                 .fallback = 0.1,
                                 .help = "What the rate is multiplied by each time.",
                                 .minimum = 0,
                                 .maximum = 1},
                                {.name = "patience",
                                 .kind = SettingKind::Integer,
                                 .fallback = std::int64_t{10},
                                 .help = "So many epochs without progress are let pass.",
                                 .minimum = 0,
                                 .maximum = 1e6},
                                {.name = "threshold",
                                 .kind = SettingKind::Real,
                                 .fallback = 1e-4,
                                 .help = "By how much the loss must be better to count as progress.",
                                 .minimum = 0,
                                 .maximum = 1e6},
                                {.name = "threshold_mode",
                                 .kind = SettingKind::Choice,
                                 .fallback = std::string("rel"),
                                 .help = "rel: by a part of the best loss; abs: by an amount.",
                                 .choices = {"rel", "abs"}},
                                {.name = "cooldown",
                                 .kind = SettingKind::Integer,
                                 .fallback = std::int64_t{0},
                                 .help = "Epochs after a fall in which no epoch counts as without progress.",
                                 .minimum = 0,
                                 .maximum = 1e6},
                                {.name = "min_lr",
                                 .kind = SettingKind::Real,
                                 .fallback = 0.0,
                                 .help = "The rate never falls below this.",
                                 .minimum = 0,
                                 .maximum = 1000},
                                {.name = "eps",
                                 .kind = SettingKind::Real,
                                 .fallback = 1e-8,
                                 .help = "A fall by no more than this isn't made.",
                                 .minimum = 0,
                                 .maximum = 1000}}),
       .factor = constant_factor},
  };
  return specs;
}

const ScheduleSpec* find_schedule_spec(std::string_view type) {
  const auto it = std::ranges::find(schedule_specs(), type, &ScheduleSpec::type);
  return it == schedule_specs().end() ? nullptr : &*it;
}

Result<Schedule> Schedule::create(const Choice& choice, const StepPlan& plan, double rate) {
  const ScheduleSpec* spec = find_schedule_spec(choice.type);
  if (!spec) return Error{fmt::format("There is no learning-rate schedule “{}”.", choice.type)};
  Settings settings = completed(spec->settings, choice.settings);
  std::optional<std::string> why;
  for (const SettingSpec& setting : spec->settings) {
    if (!why) why = complaint(setting, *settings.find(setting.name));
  }
  if (!why) why = conflict(*spec, settings);
  if (why) return Error{fmt::format("{}: {}.", spec->type, *why)};
  return Schedule(*spec, std::move(settings), plan, rate);
}

Schedule::Schedule(const ScheduleSpec& spec, Settings settings, const StepPlan& plan, double rate)
    : spec_(&spec),
      settings_(std::move(settings)),
      plan_{std::max<std::int64_t>(plan.steps_per_epoch, 1), std::max<std::int64_t>(plan.epochs, 1)},
      rate_(rate),
      warmup_steps_(settings_.real("warmup_epochs") * static_cast<double>(plan_.steps_per_epoch)) {}

double Schedule::factor(std::int64_t step) const {
  const double warmth = warmup_steps_ > 0 ? std::min(1.0, static_cast<double>(step + 1) / warmup_steps_) : 1;
  return warmth * plateau_factor_ * spec_->factor(settings_, plan_, rate_, step);
}

void Schedule::epoch_done(double loss) {
  if (spec_->type != plateau_type) return;
  const double threshold = settings_.real("threshold");
  const bool is_relative = settings_.text("threshold_mode") == "rel";
  if (loss < (is_relative ? best_ * (1 - threshold) : best_ - threshold)) {
    best_ = loss;
    bad_epochs_ = 0;
  } else {
    ++bad_epochs_;
  }
  if (cooldown_left_ > 0) {
    --cooldown_left_;
    bad_epochs_ = 0;
  }
  if (bad_epochs_ <= settings_.integer("patience")) return;
  cooldown_left_ = settings_.integer("cooldown");
  bad_epochs_ = 0;
  const double now = rate_ * plateau_factor_;
  const double next = std::max(now * settings_.real("factor"), settings_.real("min_lr"));
  if (now - next > settings_.real("eps")) plateau_factor_ = next / rate_;
}

std::vector<double> Schedule::state() const {
  return {plateau_factor_, best_, static_cast<double>(bad_epochs_), static_cast<double>(cooldown_left_)};
}

void Schedule::load_state(const std::vector<double>& state) {
  plateau_factor_ = state.at(0);
  best_ = state.at(1);
  bad_epochs_ = static_cast<std::int64_t>(state.at(2));
  cooldown_left_ = static_cast<std::int64_t>(state.at(3));
}

std::vector<double> learning_rate_curve(const Choice& choice, const StepPlan& plan, double rate, int points) {
  const auto schedule = Schedule::create(choice, plan, rate);
  if (!schedule) return {};
  const auto last = static_cast<double>(std::max<std::int64_t>(plan.steps() - 1, 0));
  std::vector<double> rates;
  for (int point = 0; point < points; ++point) {
    const double place = points > 1 ? last * point / (points - 1) : 0;
    rates.push_back(rate * schedule->factor(std::llround(place)));
  }
  return rates;
}

}  // namespace netwright
