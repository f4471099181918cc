#include "designer/training/run_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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
    case Command::Kind::SetLearningRate:
      return fmt::format("learning rate {:.3g}", command.learning_rate);
  }
  return {};
}

/// A curve's x never decreases: what comes from a damaged record with a time before is left out.
void add_in_order(Curve& curve, double x, double y) {
  if (std::isfinite(x) && (curve.size() == 0 || x >= curve.x.back())) curve.add(x, y);
}

}  // namespace

void RunRecord::add(const Event& event) {
  if (const auto* started = std::get_if<RunEvent>(&event)) {
    run = *started;
  } else if (const auto* step = std::get_if<StepEvent>(&event)) {
    if (!first_step_) first_step_ = *step;
    last_step = *step;
    changed_rate_.reset();
    add_in_order(step_loss, step->epoch, step->loss);
    add_in_order(step_accuracy, step->epoch, step->accuracy);
  } else if (const auto* epoch = std::get_if<EpochEvent>(&event)) {
    last_epoch = *epoch;
    add_in_order(train_loss, epoch->epoch, epoch->train_loss);
    add_in_order(train_accuracy, epoch->epoch, epoch->train_accuracy);
    add_in_order(test_loss, epoch->epoch, epoch->test_loss);
    add_in_order(test_accuracy, epoch->epoch, epoch->test_accuracy);
  } else if (const auto* matrix = std::get_if<ConfusionEvent>(&event)) {
    confusion = *matrix;
  } else if (const auto* command = std::get_if<CommandEvent>(&event)) {
    marks.push_back({epoch_of(command->step), text_of(command->command)});
    if (command->command.kind == Command::Kind::Pause) is_paused = true;
    if (command->command.kind == Command::Kind::Resume) is_paused = false;
    if (command->command.kind == Command::Kind::SetLearningRate) changed_rate_ = command->command.learning_rate;
  } else if (const auto* measured = std::get_if<MemoryEvent>(&event)) {
    memory = *measured;
  } else if (const auto* message = std::get_if<MessageEvent>(&event)) {
    messages.push_back(*message);
  } else if (const auto* end = std::get_if<DoneEvent>(&event)) {
    done = *end;
    is_paused = false;
  }
}

double RunRecord::epoch_of(std::int64_t step) const {
  if (run && run->steps_per_epoch > 0) return static_cast<double>(step) / static_cast<double>(run->steps_per_epoch);
  return epochs_done();
}

double RunRecord::epochs_done() const {
  const double by_steps = last_step ? last_step->epoch : 0;
  return std::max(by_steps, last_epoch ? static_cast<double>(last_epoch->epoch) : 0.0);
}

double RunRecord::fraction() const {
  if (!run || run->epochs <= 0) return -1;
  return std::clamp(epochs_done() / run->epochs, 0.0, 1.0);
}

std::optional<double> RunRecord::seconds_left() const {
  if (!run || run->epochs <= 0 || !first_step_ || !last_step) return {};
  const double elapsed = std::max(last_step->elapsed, last_epoch ? last_epoch->elapsed : 0.0);
  // From the first step seen on, since a run that goes on from a checkpoint doesn't begin at 0.
  const bool is_later = last_step->step > first_step_->step && elapsed > first_step_->elapsed;
  const double epochs = epochs_done() - (is_later ? first_step_->epoch : 0);
  const double seconds = elapsed - (is_later ? first_step_->elapsed : 0);
  if (!(epochs > 0) || !(seconds > 0)) return {};
  return std::max(0.0, (run->epochs - epochs_done()) * seconds / epochs);
}

std::optional<double> RunRecord::best_accuracy() const {
  std::optional<double> best;
  for (const double value : test_accuracy.y) {
    if (std::isfinite(value) && (!best || value > *best)) best = value;
  }
  if (!best && done && done->best_accuracy > 0) best = done->best_accuracy;
  return best;
}

std::optional<double> RunRecord::learning_rate() const {
  if (changed_rate_) return changed_rate_;
  if (last_step) return last_step->learning_rate;
  return {};
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
