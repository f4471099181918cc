#include "backend/engine/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "backend/analysis/analyse.h"
#include "backend/core/utc.h"
#include "backend/data/data_catalogue.h"
#include "backend/data/preparation.h"
#include "backend/engine/environment.h"
#include "backend/engine/memory_watch.h"
#include "backend/engine/run_clock.h"
#include "backend/graph/recipe_specs.h"
#include "backend/graph/task_networks.h"

namespace netwright {

namespace {

constexpr double seconds_between_reads = 0.05;
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
// Evaluation keeps nothing for gradients, so it can afford batches that fill the cores.
constexpr std::int64_t smallest_test_batch = 128;
constexpr std::int64_t steps_watched = 2;  // the optimiser makes its state in the first
constexpr const char* last_file = "checkpoints/last.safetensors";
constexpr const char* best_file = "checkpoints/best.safetensors";

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

/// One call of run().
class Trainer::Session {
 public:
  Session(Trainer& trainer, std::filesystem::path folder, const EventSink& sink, CommandQueue& commands)
      : trainer_(trainer), folder_(std::move(folder)), task_(*trainer.task_), sink_(sink), commands_(commands) {}

  DoneEvent run() {
    announce();
    tell(task_.show_samples(folder_, step_, 0));
    Going going = Going::On;
    for (int epoch = 1; epoch <= epochs() && going == Going::On && !is_patience_over(); ++epoch) {
      going = train_epoch(epoch);
    }
    if (going == Going::Diverged) return done("diverged", divergence_);
    if (going == Going::Stopped) {
      if (!save_last()) {
        diverged(nullptr);
        return done("diverged", divergence_);
      }
      return done(save_failure_.empty() ? "stopped" : "failed", save_failure_);
    }
    if (is_patience_over()) {
      sink_(MessageEvent{"info", fmt::format("Stopped early: {} epochs in a row weren't better than epoch {}.",
                                             patience(), best_epoch_)});
    }
    test_best();
    return done(save_failure_.empty() ? "finished" : "failed", save_failure_);
  }

  DoneEvent fail(const std::string& why) {
    sink_(MessageEvent{"error", why});
    return done("failed", why);
  }

 private:
  int epochs() const { return static_cast<int>(trainer_.recipe_.integer("epochs")); }
  int patience() const { return static_cast<int>(trainer_.recipe_.integer("patience")); }
  bool is_patience_over() const { return patience() > 0 && epochs_done_ - best_epoch_ >= patience(); }

  void tell(const std::vector<Event>& events) {
    for (const Event& event : events) sink_(event);
  }

  /// The figure that chooses the best epoch; empty where the last one always is.
  std::string judge() const {
    return trainer_.recipe_.text("best_by") == "loss" ? task_.figures().front().name : task_.main_figure();
  }

  bool is_better(double value) const {
    if (!std::isfinite(best_)) return true;
    for (const FigureSpec& figure : task_.figures()) {
      if (figure.name == judge()) return figure.better == "higher" ? value > best_ : value < best_;
    }
    return true;
  }

  void announce() {
    sink_(RunEvent{.name = folder_.filename().string(),
                   .started = utc_text(),
                   .task = trainer_.project_.recipe.task,
                   .network = trainer_.options_.network,
                   .device = trainer_.options_.device.str(),
                   .epochs = epochs(),
                   .steps_per_epoch = trainer_.train_->batches(),
                   .train_samples = trainer_.train_->samples(),
                   .validation_samples = trainer_.validation_ ? trainer_.validation_->samples() : 0,
                   .test_samples = trainer_.test_ ? trainer_.test_->samples() : 0,
                   .parameters = task_.parameters(),
                   .data = trainer_.fingerprint_,
                   .classes = trainer_.dataset_.classes,
                   .figures = task_.figures(),
                   .main_figure = judge(),
                   .environment = run_environment()});
  }

  Going train_epoch(int epoch) {
    const double start = clock_.elapsed();
    epoch_ = epoch;
    batch_in_epoch_ = 0;
    task_.clear_training_sums();
    shown_.clear();
    shown_at_ = epoch_began_ = start;
    trainer_.train_->begin(epoch);
    while (const std::optional<Batch> batch = trainer_.train_->next()) {
      if (const Going going = obey(&*batch); going != Going::On) return going;
      if (step_ == 0) watch_.emplace();
      if (!task_.step(*batch)) return diverged(&*batch);
      ++step_;
      if (step_ == std::min(steps_watched, trainer_.train_->batches())) tell_memory(*batch);
      ++batch_in_epoch_;
      const bool is_last = batch_in_epoch_ == trainer_.train_->batches();
      if ((is_due() || is_last) && !show_step(is_last)) return diverged(&*batch);
      if (is_last && !task_.has_finite_weights()) return diverged(&*batch);
    }
    task_.finish_steps();
    const double trained = clock_.elapsed();
    watch_.reset();
    if (const Going going = evaluate(held_out()); going != Going::On) return going;

    const Sums training = task_.training_sums();
    FigureValues held_out = task_.figures_of(task_.test_sums());
    for (auto& [name, value] : task_.epoch_figures()) held_out[name] = value;
    epochs_done_ = epoch;
    const double now = clock_.elapsed();
    sink_(EpochEvent{.epoch = epoch,
                     .step = step_,
                     .train = task_.figures_of(training),
                     .held_out = held_out,
                     .seconds = now - start,
                     .samples_per_second = training.front() / std::max(trained - start, 1e-9),
                     .elapsed = now});
    if (const auto confusion = task_.confusion()) sink_(ConfusionEvent{.epoch = epoch, .counts = *confusion});
    tell(task_.epoch_done(epoch, held_out));
    tell(task_.show_samples(folder_, step_, epoch));
    held_out_ = held_out;
    const auto judged = held_out.find(judge());
    const bool is_best = judged == held_out.end() || is_better(judged->second);
    if (is_best) {
      best_ = judged == held_out.end() ? unknown : judged->second;
      best_epoch_ = epoch;
    }
    save_last();
    if (is_best) save(best_file, true);
    return Going::On;
  }

  BatchProducer& held_out() { return trainer_.validation_ ? *trainer_.validation_ : *trainer_.test_; }

  /// The test split is looked at once, with the weights that were best on the validation split.
  void test_best() {
    if (!trainer_.validation_ || best_epoch_ == 0) return;
    if (best_epoch_ != epochs_done_) {
      if (const auto loaded = task_.load_weights(folder_ / best_file); !loaded) {
        sink_(MessageEvent{"warning", "The best weights couldn't be tested: " + loaded.error().message});
        return;
      }
    }
    if (!trainer_.test_ || evaluate(*trainer_.test_) != Going::On) return;
    tested_ = task_.figures_of(task_.test_sums());
  }

  void tell_memory(const Batch& batch) {
    // The batch itself comes from the producer's thread.
    const auto own =
        static_cast<std::int64_t>(batch.inputs.nbytes() + (batch.targets.defined() ? batch.targets.nbytes() : 0));
    sink_(MemoryEvent{.batch = batch.inputs.size(0),
                      .peak_bytes = trainer_.resident_bytes_ + watch_->peak_bytes() + own,
                      .predicted_bytes = trainer_.predicted_bytes_});
    watch_.reset();
  }

  Going evaluate(BatchProducer& split) {
    task_.clear_test_sums();
    split.begin(1);
    while (const std::optional<Batch> batch = split.next()) {
      if (const Going going = obey(nullptr); going != Going::On) return going;
      task_.evaluate(*batch);
    }
    return Going::On;
  }

  /// Over all epochs: a data set whose epochs are shorter than the interval moves its curve all the same.
  bool is_due() const { return step_ == 1 || clock_.elapsed() - sent_at_ >= seconds_between_reads; }

  /// Reads the figures, and shows those since the last time. False where they aren't finite.
  bool show_step(bool is_last) {
    const Sums now = task_.training_sums();
    if (!std::all_of(now.begin(), now.end(), [](double sum) { return std::isfinite(sum); })) return false;
    const double elapsed = clock_.elapsed();
    const bool ends_long_epoch = is_last && elapsed - epoch_began_ >= 20 * seconds_between_reads;
    if (!is_due() && !ends_long_epoch) return true;
    Sums since = now;
    for (std::size_t i = 0; i < shown_.size(); ++i) since[i] -= shown_[i];
    const double part = static_cast<double>(batch_in_epoch_) / static_cast<double>(trainer_.train_->batches());
    sink_(StepEvent{.step = step_,
                    .epoch = epoch_ - 1 + part,
                    .figures = task_.figures_of(since),
                    .learning_rate = task_.scheduled_rate(),
                    .samples_per_second = since.front() / std::max(elapsed - shown_at_, 1e-9),
                    .elapsed = elapsed});
    shown_ = now;
    shown_at_ = sent_at_ = elapsed;
    return true;
  }

  /// Commands that have come, and while paused those that come. `batch` is the one at hand, if any.
  Going obey(const Batch* batch) {
    bool is_paused = false;
    while (true) {
      std::optional<QueuedCommand> next = is_paused ? std::optional(commands_.wait()) : commands_.poll();
      if (!next) return Going::On;
      if (const auto* refused = std::get_if<RefusedLine>(&*next)) {
        sink_(MessageEvent{"warning", "A command was ignored: " + refused->why});
        continue;
      }
      const Command& command = std::get<Command>(*next);
      const bool changes_nothing = command.kind == (is_paused ? Command::Kind::Pause : Command::Kind::Resume);
      if (changes_nothing) continue;
      if (command.kind == Command::Kind::SetLearningRate) task_.set_learning_rate(command.learning_rate);
      sink_(CommandEvent{.step = step_, .command = command});
      switch (command.kind) {
        case Command::Kind::Pause:
          clock_.pause();
          is_paused = true;
          break;
        case Command::Kind::Resume:
          clock_.resume();
          is_paused = false;
          break;
        case Command::Kind::Stop:
          clock_.resume();
          return Going::Stopped;
        case Command::Kind::Checkpoint:
          if (!save_last()) return diverged(batch);
          break;
        case Command::Kind::SetLearningRate:
          break;
      }
    }
  }

  /// False where the weights aren't worth keeping: what was saved before then stays.
  bool save_last() {
    if (!task_.has_finite_weights()) return false;
    save(last_file, false);
    return true;
  }

  void save(const char* file, bool is_best) {
    const nlohmann::ordered_json progress = {{"epoch", epoch_},
                                             {"batch", batch_in_epoch_},
                                             {"step", step_},
                                             {"epochs_done", epochs_done_},
                                             {"best", std::isfinite(best_) ? best_ : 0.0},
                                             {"best_epoch", best_epoch_},
                                             {"elapsed", clock_.elapsed()}};
    const Result<void> saved = task_.save(folder_ / file, progress.dump());
    save_failure_ = saved ? std::string() : saved.error().message;
    if (saved) {
      has_checkpoint_ = true;
      sink_(CheckpointEvent{.file = file, .step = step_, .epoch = epochs_done_, .is_best = is_best});
    } else {
      sink_(MessageEvent{"error", "The checkpoint couldn't be written: " + save_failure_});
    }
  }

  Going diverged(const Batch* batch) {
    std::string where;
    if (const auto layer = batch ? task_.first_bad_layer(*batch) : std::nullopt) {
      where = fmt::format(" The first layer whose output or weights aren't finite is {}.", *layer);
    }
    divergence_ = fmt::format(
        "The loss or a weight stopped being a finite number after step {}.{} Try a lower learning rate (it was {:g}), "
        "a "
        "normalisation layer, or look for values in the data that are far off.{}",
        step_, where, task_.scheduled_rate(),
        has_checkpoint_ ? fmt::format(" The last good weights are kept in {}.", last_file) : "");
    sink_(MessageEvent{"error", divergence_});
    return Going::Diverged;
  }

  DoneEvent done(const std::string& reason, const std::string& message) {
    clock_.resume();
    DoneEvent event{.reason = reason,
                    .message = message,
                    .test = trainer_.validation_ ? tested_ : held_out_,
                    .best = best_,
                    .best_epoch = best_epoch_,
                    .epochs = epochs_done_,
                    .elapsed = clock_.elapsed()};
    sink_(event);
    return event;
  }

  Trainer& trainer_;
  std::filesystem::path folder_;
  Task& task_;
  const EventSink& sink_;
  CommandQueue& commands_;

  RunClock clock_;
  std::int64_t step_ = 0;
  int epoch_ = 0;
  std::int64_t batch_in_epoch_ = 0;
  int epochs_done_ = 0;
  FigureValues held_out_;  ///< of the last epoch
  FigureValues tested_;
  double best_ = unknown;
  int best_epoch_ = 0;
  Sums shown_;
  double shown_at_ = 0;  ///< where the next event's figures begin
  double sent_at_ = 0;   ///< when the last step event went out
  double epoch_began_ = 0;
  std::optional<MemoryWatch> watch_;
  bool has_checkpoint_ = false;
  std::string divergence_;
  std::string save_failure_;
};

Trainer::Trainer(const Project& project, const Dataset& dataset, TrainingOptions options)
    : project_(project),
      dataset_(dataset),
      options_(std::move(options)),
      recipe_(completed(recipe_specs(), project.recipe.settings)) {}

/// In optimiser steps.
StepPlan Trainer::plan() const {
  const std::int64_t limit = options_.limit_samples;
  const std::int64_t all = dataset_.train.count();
  const std::int64_t samples = limit > 0 ? std::min(limit, all) : all;
  const std::int64_t per_step = recipe_.integer("batch_size") * recipe_.integer("accumulate");
  return {.steps_per_epoch = std::max<std::int64_t>(1, (samples + per_step - 1) / per_step),
          .epochs = recipe_.integer("epochs")};
}

Result<std::unique_ptr<Trainer>> Trainer::create(const Project& project, const Dataset& dataset,
                                                 TrainingOptions options) {
  const std::vector<const Network*> learning = networks_of_task(project);
  if (project.networks.empty()) return Error{"The project has no network to train."};
  const Network* network = options.network.empty() ? (learning.empty() ? nullptr : learning.front())
                                                   : project.find(std::string_view(options.network));
  if (!network) return Error{fmt::format("The project has no network “{}”.", options.network)};
  options.network = network->name;

  std::unique_ptr<Trainer> trainer(new Trainer(project, dataset, std::move(options)));
  const Settings& recipe = trainer->recipe_;
  for (const SettingSpec& spec : recipe_specs()) {
    if (const auto why = complaint(spec, *recipe.find(spec.name))) return Error{fmt::format("The recipe: {}.", *why)};
  }
  {
    const MemoryWatch watch;
    auto task = make_task({project, *network, dataset, trainer->options_.device, trainer->plan()});
    if (!task) return task.error();
    trainer->task_ = std::move(*task);
    if (!trainer->options_.weights.empty()) {
      if (const auto loaded = trainer->task_->load_weights(trainer->options_.weights); !loaded) return loaded.error();
    }
    trainer->resident_bytes_ = watch.current_bytes();
  }
  const Report report = analyse(project, description_of(dataset));
  if (learning.size() == 1) {
    trainer->predicted_bytes_ =
        report.find(network->id)->totals.training_bytes(recipe.integer("batch_size")).value_or(0);
  }
  trainer->fingerprint_ = fingerprint_of(dataset);

  BatchOptions batches{.batch_size = recipe.integer("batch_size"),
                       .shuffle = true,
                       .seed = recipe.integer("seed"),
                       .limit = trainer->options_.limit_samples,
                       .channels_last = trainer->task_->wants_channels_last(),
                       .augmentation = project.data.preparation,
                       .device = trainer->options_.device};
  auto train = BatchProducer::create(dataset.train, dataset, batches);
  if (!train) return train.error();
  trainer->train_ = std::move(*train);
  batches.shuffle = false;
  batches.augmentation = {};
  batches.batch_size = std::max(batches.batch_size, smallest_test_batch);
  for (const auto& [split, producer] :
       {std::pair(&dataset.validation, &trainer->validation_), {&dataset.test, &trainer->test_}}) {
    if (split->count() == 0) continue;
    auto batched = BatchProducer::create(*split, dataset, batches);
    if (!batched) return batched.error();
    *producer = std::move(*batched);
  }
  if (!trainer->validation_ && !trainer->test_) {
    return Error{"There are no samples to judge an epoch on: the data has neither a validation nor a test split."};
  }
  return trainer;
}

DoneEvent Trainer::run(const std::filesystem::path& folder, const EventSink& sink, CommandQueue& commands) {
  Session session(*this, folder, sink, commands);
  try {
    return session.run();
  } catch (const c10::Error& error) {
    return session.fail(first_line(error.what_without_backtrace()));
  } catch (const std::exception& error) {
    return session.fail(first_line(error.what()));
  }
}

}  // namespace netwright
