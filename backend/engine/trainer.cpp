#include "backend/engine/trainer.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "backend/analysis/analyse.h"
#include "backend/core/utc.h"
#include "backend/engine/environment.h"
#include "backend/engine/memory_watch.h"
#include "backend/engine/run_clock.h"
#include "backend/graph/recipe_specs.h"

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
    Going going = Going::On;
    for (int epoch = 1; epoch <= epochs() && going == Going::On; ++epoch) going = train_epoch(epoch);
    if (going == Going::Diverged) return done("diverged", divergence_);
    if (going == Going::Stopped) {
      if (!save_last()) {
        diverged(nullptr);
        return done("diverged", divergence_);
      }
      return done(save_failure_.empty() ? "stopped" : "failed", save_failure_);
    }
    return done(save_failure_.empty() ? "finished" : "failed", save_failure_);
  }

  DoneEvent fail(const std::string& why) {
    sink_(MessageEvent{"error", why});
    return done("failed", why);
  }

 private:
  int epochs() const { return static_cast<int>(trainer_.recipe_.integer("epochs")); }

  void announce() {
    sink_(RunEvent{.name = folder_.filename().string(),
                   .started = utc_text(),
                   .task = trainer_.project_.recipe.task,
                   .network = trainer_.options_.network,
                   .device = trainer_.options_.device.str(),
                   .epochs = epochs(),
                   .steps_per_epoch = trainer_.train_->batches(),
                   .train_samples = trainer_.train_->samples(),
                   .test_samples = trainer_.test_->samples(),
                   .parameters = task_.parameters(),
                   .classes = trainer_.dataset_.classes,
                   .environment = run_environment()});
  }

  Going train_epoch(int epoch) {
    const double start = clock_.elapsed();
    epoch_ = epoch;
    batch_in_epoch_ = 0;
    task_.clear_training_figures();
    shown_ = Figures{};
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
    const double trained = clock_.elapsed();
    watch_.reset();
    if (const Going going = evaluate(); going != Going::On) return going;

    const Figures training = task_.training_figures();
    const Figures test = task_.test_figures();
    epochs_done_ = epoch;
    test_loss_ = test.loss();
    test_accuracy_ = test.accuracy();
    const double now = clock_.elapsed();
    sink_(EpochEvent{.epoch = epoch,
                     .step = step_,
                     .train_loss = training.loss(),
                     .train_accuracy = training.accuracy(),
                     .test_loss = test_loss_,
                     .test_accuracy = test_accuracy_,
                     .seconds = now - start,
                     .samples_per_second = static_cast<double>(training.samples) / std::max(trained - start, 1e-9),
                     .elapsed = now});
    sink_(ConfusionEvent{.epoch = epoch, .counts = task_.confusion()});
    const bool is_best = !(test_accuracy_ <= best_accuracy_);
    if (is_best) best_accuracy_ = test_accuracy_;
    save_last();
    if (is_best) save(best_file, true);
    return Going::On;
  }

  void tell_memory(const Batch& batch) {
    // The batch itself comes from the producer's thread.
    const auto own = static_cast<std::int64_t>(batch.inputs.nbytes() + batch.targets.nbytes());
    sink_(MemoryEvent{.batch = batch.inputs.size(0),
                      .peak_bytes = trainer_.resident_bytes_ + watch_->peak_bytes() + own,
                      .predicted_bytes = trainer_.predicted_bytes_});
    watch_.reset();
  }

  Going evaluate() {
    task_.clear_test_figures();
    trainer_.test_->begin(1);
    while (const std::optional<Batch> batch = trainer_.test_->next()) {
      if (const Going going = obey(nullptr); going != Going::On) return going;
      task_.evaluate(*batch);
    }
    return Going::On;
  }

  /// Over all epochs: a data set whose epochs are shorter than the interval moves its curve all the same.
  bool is_due() const { return step_ == 1 || clock_.elapsed() - sent_at_ >= seconds_between_reads; }

  /// Reads the figures, and shows those since the last time. False where they aren't finite.
  bool show_step(bool is_last) {
    const Figures now = task_.training_figures();
    if (!std::isfinite(now.loss_sum)) return false;
    const double elapsed = clock_.elapsed();
    const bool ends_long_epoch = is_last && elapsed - epoch_began_ >= 20 * seconds_between_reads;
    if (!is_due() && !ends_long_epoch) return true;
    const Figures since{.loss_sum = now.loss_sum - shown_.loss_sum,
                        .correct = now.correct - shown_.correct,
                        .samples = now.samples - shown_.samples};
    const double part = static_cast<double>(batch_in_epoch_) / static_cast<double>(trainer_.train_->batches());
    sink_(StepEvent{.step = step_,
                    .epoch = epoch_ - 1 + part,
                    .loss = since.loss(),
                    .accuracy = since.accuracy(),
                    .learning_rate = task_.learning_rate(),
                    .samples_per_second = static_cast<double>(since.samples) / std::max(elapsed - shown_at_, 1e-9),
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
                                             {"best_accuracy", std::isfinite(best_accuracy_) ? best_accuracy_ : 0.0},
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
        step_, where, task_.learning_rate(),
        has_checkpoint_ ? fmt::format(" The last good weights are kept in {}.", last_file) : "");
    sink_(MessageEvent{"error", divergence_});
    return Going::Diverged;
  }

  DoneEvent done(const std::string& reason, const std::string& message) {
    clock_.resume();
    DoneEvent event{.reason = reason,
                    .message = message,
                    .test_loss = test_loss_,
                    .test_accuracy = test_accuracy_,
                    .best_accuracy = best_accuracy_,
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
  double test_loss_ = unknown;
  double test_accuracy_ = unknown;
  double best_accuracy_ = unknown;
  Figures shown_;
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

Result<std::unique_ptr<Trainer>> Trainer::create(const Project& project, const Dataset& dataset,
                                                 TrainingOptions options) {
  if (project.networks.empty()) return Error{"The project has no network to train."};
  const Network* network =
      options.network.empty() ? &project.networks.front() : project.find(std::string_view(options.network));
  if (!network) return Error{fmt::format("The project has no network “{}”.", options.network)};
  options.network = network->name;

  std::unique_ptr<Trainer> trainer(new Trainer(project, dataset, std::move(options)));
  const Settings& recipe = trainer->recipe_;
  for (const SettingSpec& spec : recipe_specs()) {
    if (const auto why = complaint(spec, *recipe.find(spec.name))) return Error{fmt::format("The recipe: {}.", *why)};
  }
  {
    const MemoryWatch watch;
    auto task = make_task(project, *network, dataset, trainer->options_.device);
    if (!task) return task.error();
    trainer->task_ = std::move(*task);
    if (!trainer->options_.weights.empty()) {
      if (const auto loaded = trainer->task_->load_weights(trainer->options_.weights); !loaded) return loaded.error();
    }
    trainer->resident_bytes_ = watch.current_bytes();
  }
  const Report report = analyse(project);
  trainer->predicted_bytes_ = report.find(network->id)->totals.training_bytes(recipe.integer("batch_size")).value_or(0);

  BatchOptions batches{.batch_size = recipe.integer("batch_size"),
                       .shuffle = true,
                       .seed = recipe.integer("seed"),
                       .limit = trainer->options_.limit_samples,
                       .channels_last = trainer->task_->wants_channels_last(),
                       .device = trainer->options_.device};
  auto train = BatchProducer::create(dataset.train, dataset.normalisation, batches);
  if (!train) return train.error();
  batches.shuffle = false;
  batches.batch_size = std::max(batches.batch_size, smallest_test_batch);
  auto test = BatchProducer::create(dataset.test, dataset.normalisation, batches);
  if (!test) return test.error();
  trainer->train_ = std::move(*train);
  trainer->test_ = std::move(*test);
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
