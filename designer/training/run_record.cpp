#include "designer/training/run_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "backend/graph/task_specs.h"

namespace netwright {
namespace {

std::string text_of(const Command& command) {
  switch (command.kind) {
    case Command::Kind::Pause:
      return "paused";
    case Command::Kind::Resume:
      return "resumed";
    case Command::Kind::Stop:
      return "stopped";
    case Command::Kind::Checkpoint:
      return "checkpoint";
    case Command::Kind::Sample:
      return "samples";
    case Command::Kind::Set:
      if (command.setting == "epochs") return fmt::format("{:.0f} epochs", command.value);
      if (command.setting == "discriminator_steps") return fmt::format("discriminator × {:.0f}", command.value);
      return fmt::format("learning rate {:.3g}", command.value);
  }
  return {};
}

/// A curve's x never decreases: what comes from a damaged record with a time before is left out.
void add_in_order(Curve& curve, double x, double y) {
  if (std::isfinite(x) && (curve.size() == 0 || x >= curve.x.back())) curve.add(x, y);
}

/// Odd, so that thinning by two keeps the first and the latest.
constexpr std::size_t most_layer_moments = 257;

bool has_name(const std::vector<FigureSpec>& figures, std::string_view name) {
  return std::any_of(figures.begin(), figures.end(), [&](const FigureSpec& figure) { return figure.name == name; });
}

}  // namespace

void RunClock::add(double epoch, double step, double seconds) {
  if (!std::isfinite(epoch) || (!epochs.empty() && epoch < epochs.back())) return;
  const auto later = [](const std::vector<double>& before, double value) {
    if (before.empty()) return std::isfinite(value) ? value : 0;
    return value >= before.back() ? value : before.back();
  };
  epochs.push_back(epoch);
  steps.push_back(later(steps, step));
  elapsed.push_back(later(elapsed, seconds));
}

double RunClock::at(double epoch, TimeAxis axis, std::size_t& from) const {
  if (axis == TimeAxis::Epoch || epochs.empty()) return epoch;
  while (from + 1 < epochs.size() && epochs[from] < epoch) ++from;
  return axis == TimeAxis::Step ? steps[from] : elapsed[from];
}

void RunRecord::add(const Event& event) {
  if (const auto* started = std::get_if<RunEvent>(&event)) {
    run = *started;
    figures = started->figures;
  } else if (const auto* step = std::get_if<StepEvent>(&event)) {
    if (!first_step_) first_step_ = *step;
    last_step = *step;
    changed_rate_.reset();
    step_clock.add(step->epoch, static_cast<double>(step->step), step->elapsed);
    add_values(step->figures, &FigureCurves::steps, step->epoch);
    has_changing_rate_ =
        has_changing_rate_ || (learning_rates.size() > 0 && learning_rates.y.back() != step->learning_rate);
    add_in_order(learning_rates, step->epoch, step->learning_rate);
  } else if (const auto* epoch = std::get_if<EpochEvent>(&event)) {
    last_epoch = *epoch;
    epoch_clock.add(epoch->epoch, static_cast<double>(epoch->step), epoch->elapsed);
    add_values(epoch->train, &FigureCurves::train, epoch->epoch);
    add_values(epoch->held_out, &FigureCurves::held_out, epoch->epoch);
  } else if (const auto* matrix = std::get_if<ConfusionEvent>(&event)) {
    confusion = *matrix;
  } else if (const auto* sample = std::get_if<SampleEvent>(&event)) {
    samples.push_back(*sample);
  } else if (const auto* alarm = std::get_if<AlarmEvent>(&event)) {
    add_alarm(*alarm);
  } else if (const auto* command = std::get_if<CommandEvent>(&event)) {
    marks.push_back({epoch_of(command->step), text_of(command->command)});
    if (command->command.kind == Command::Kind::Pause) is_paused = true;
    if (command->command.kind == Command::Kind::Resume) is_paused = false;
    if (command->command.kind == Command::Kind::Set) {
      if (command->command.setting == "learning_rate") changed_rate_ = command->command.value;
      if (command->command.setting == "discriminator_steps") discriminator_steps_ = command->command.value;
      if (command->command.setting == "epochs" && run) run->epochs = static_cast<int>(command->command.value);
    }
  } else if (const auto* measured = std::get_if<MemoryEvent>(&event)) {
    memory = *measured;
  } else if (const auto* layers_now = std::get_if<LayersEvent>(&event)) {
    add_layers(*layers_now);
  } else if (const auto* message = std::get_if<MessageEvent>(&event)) {
    messages.push_back(*message);
  } else if (const auto* end = std::get_if<DoneEvent>(&event)) {
    done = *end;
    is_paused = false;
  }
}

void RunRecord::add_values(const FigureValues& values, Curve FigureCurves::*split, double epoch) {
  for (const auto& [name, value] : values) {
    if (!has_name(figures, name)) figures.push_back({.name = name, .title = name, .chart = name, .better = {}});
    add_in_order(curves[name].*split, epoch, value);
  }
}

void RunRecord::add_alarm(const AlarmEvent& alarm) {
  const auto same =
      std::find_if(alarms.begin(), alarms.end(), [&](const AlarmEvent& current) { return current.kind == alarm.kind; });
  const bool was_on = same != alarms.end();
  if (alarm.is_over) {
    if (was_on) alarms.erase(same);
  } else if (was_on) {
    *same = alarm;
  } else {
    alarms.push_back(alarm);
  }
  if (was_on == alarm.is_over) {
    marks.push_back({epoch_of(alarm.step), alarm.is_over ? alarm.kind + " over" : alarm.kind, true});
  }
}

void RunRecord::set_recipe(const Recipe& recipe) {
  const bool is_adversarial = recipe.task == "Adversarial";
  if (!is_adversarial) return;
  const Settings settings = completed(find_task_spec(recipe.task)->settings, recipe.task_settings);
  discriminator_steps_ = static_cast<double>(settings.integer("discriminator_steps"));
}

void RunRecord::add_layers(const LayersEvent& event) {
  // The latest is always there; it makes room where it is none of those that stay.
  const bool replaces = layers_seen_ > 0 && (layers_seen_ - 1) % layers_apart_ != 0;
  if (replaces) layers.pop_back();
  layers.push_back(event);
  ++layers_seen_;
  if (layers.size() < most_layer_moments) return;
  std::vector<LayersEvent> fewer;
  for (std::size_t i = 0; i < layers.size(); i += 2) fewer.push_back(std::move(layers[i]));
  layers = std::move(fewer);
  layers_apart_ *= 2;
}

const FigureSpec* RunRecord::main_figure() const {
  if (!run) return nullptr;
  const auto found = std::find_if(figures.begin(), figures.end(),
                                  [&](const FigureSpec& figure) { return figure.name == run->main_figure; });
  return found == figures.end() ? nullptr : &*found;
}

std::optional<double> RunRecord::best() const {
  const FigureSpec* figure = main_figure();
  if (!figure || figure->better.empty()) return {};
  const bool is_higher = figure->better == "higher";
  std::optional<double> best;
  if (const auto measured = curves.find(figure->name); measured != curves.end()) {
    for (const double value : measured->second.held_out.y) {
      if (std::isfinite(value) && (!best || (is_higher ? value > *best : value < *best))) best = value;
    }
  }
  if (!best && done && done->best_epoch > 0 && std::isfinite(done->best)) best = done->best;
  return best;
}

double RunRecord::epoch_of(std::int64_t step) const {
  if (run && run->steps_per_epoch > 0) return static_cast<double>(step) / static_cast<double>(run->steps_per_epoch);
  return epochs_done();
}

double RunRecord::epochs_done() const {
  const double by_steps = last_step ? last_step->epoch : 0;
  return std::max(by_steps, last_epoch ? static_cast<double>(last_epoch->epoch) : 0.0);
}

double RunRecord::elapsed() const {
  if (done) return done->elapsed;
  return std::max(last_step ? last_step->elapsed : 0, last_epoch ? last_epoch->elapsed : 0);
}

double RunRecord::fraction() const {
  if (!run || run->epochs <= 0) return -1;
  return std::clamp(epochs_done() / run->epochs, 0.0, 1.0);
}

std::optional<double> RunRecord::seconds_left() const {
  if (!run || run->epochs <= 0 || !first_step_ || !last_step) return {};
  const double elapsed_so_far = elapsed();
  // From the first step seen on, since a run that goes on from a checkpoint doesn't begin at 0.
  const bool is_later = last_step->step > first_step_->step && elapsed_so_far > first_step_->elapsed;
  const double epochs = epochs_done() - (is_later ? first_step_->epoch : 0);
  const double seconds = elapsed_so_far - (is_later ? first_step_->elapsed : 0);
  if (!(epochs > 0) || !(seconds > 0)) return {};
  return std::max(0.0, (run->epochs - epochs_done()) * seconds / epochs);
}

std::optional<double> RunRecord::learning_rate() const {
  if (changed_rate_) return changed_rate_;
  if (last_step) return last_step->learning_rate;
  return {};
}

bool RunRecord::has_changing_rate() const {
  return has_changing_rate_;
}

std::string RunRecord::ending() const {
  return done ? done->reason : "crashed";
}

RunRecord record_of(const std::vector<Event>& events) {
  RunRecord record;
  for (const Event& event : events) record.add(event);
  return record;
}

std::string title_of_run(const std::string& name) {
  const std::string form = "0000-00-00T00-00-00Z-";
  if (name.size() <= form.size()) return name;
  const bool is_stamped = std::equal(form.begin(), form.end(), name.begin(), [](char expected, char found) {
    return expected == '0' ? found >= '0' && found <= '9' : expected == found;
  });
  return is_stamped ? name.substr(form.size()) : name;
}

std::string duration_text(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "?";
  const auto whole = static_cast<std::int64_t>(std::llround(std::min(seconds, 1e15)));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

}  // namespace netwright
