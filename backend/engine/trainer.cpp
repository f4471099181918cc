#include "backend/engine/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>

#include "backend/analysis/analyse.h"
#include "backend/core/utc.h"
#include "backend/data/data_catalogue.h"
#include "backend/data/preparation.h"
#include "backend/engine/agreement.h"
#include "backend/engine/environment.h"
#include "backend/engine/memory_watch.h"
#include "backend/engine/run_clock.h"
#include "backend/graph/project_json.h"
#include "backend/graph/recipe_specs.h"
#include "backend/graph/task_networks.h"

namespace netwright {

namespace {

// Step events come at the same steps however fast a machine is, so that records of one run are alike: 200 an epoch, and
// one in 50 steps at least.
constexpr std::int64_t events_per_epoch = 200;
constexpr std::int64_t most_steps_between = 50;
// Layers are looked into at one early step, when nothing of the memory watch can be disturbed any more, then four times
// an epoch at most.
constexpr std::int64_t first_watched_step = 5;
constexpr std::int64_t watches_per_epoch = 4;
constexpr std::int64_t least_steps_between_watches = 20;
// A crash costs no more than so long, or twenty times what a checkpoint takes to write.
constexpr double seconds_between_saves = 60;
constexpr double save_times = 20;
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
      : trainer_(trainer),
        folder_(std::move(folder)),
        task_(*trainer.task_),
        sink_(sink),
        commands_(commands),
        agreement_(trainer.options_.processes),
        now_(trainer.progress_),
        clock_(now_.elapsed) {}

  DoneEvent run() {
    if (trainer_.options_.resume.empty()) {
      announce();
      show_samples(0);
      // So that a crash in the first epoch can be resumed as well.
      save(last_file, Saving::Silent);
    } else if (now_.is_told) {
      tell_checkpoint(last_file, false);
    }
    Going going = obey(nullptr);
    while (now_.epochs_done < now_.epochs && going == Going::On && !is_patience_over()) going = train_epoch();
    if (going == Going::Diverged) return done("diverged", divergence_);
    if (going == Going::Stopped) {
      if (!save_last(Saving::Told)) {
        diverged(nullptr);
        return done("diverged", divergence_);
      }
      return done(save_failure_.empty() ? "stopped" : "failed", save_failure_);
    }
    if (is_patience_over()) {
      tell(MessageEvent{"info", fmt::format("Stopped early: {} epochs in a row weren't better than epoch {}.",
                                            patience(), now_.best_epoch)});
    }
    test_best();
    return done(save_failure_.empty() ? "finished" : "failed", save_failure_);
  }

  DoneEvent fail(const std::string& why) {
    tell(MessageEvent{"error", why});
    return done("failed", why);
  }

 private:
  enum class Saving { Told, Silent };

  int patience() const { return static_cast<int>(trainer_.recipe_.integer("patience")); }
  bool is_patience_over() const { return patience() > 0 && now_.epochs_done - now_.best_epoch >= patience(); }

  void tell(const Event& event) {
    sink_(event);
    ++now_.events;
  }
  void tell(const std::vector<Event>& events) {
    for (const Event& event : events) tell(event);
  }

  /// The figure that chooses the best epoch; empty where the last one always is.
  std::string judge() const {
    return trainer_.recipe_.text("best_by") == "loss" ? task_.figures().front().name : task_.main_figure();
  }

  bool is_better(double value) const {
    if (!std::isfinite(now_.best)) return true;
    for (const FigureSpec& figure : task_.figures()) {
      if (figure.name == judge()) return figure.better == "higher" ? value > now_.best : value < now_.best;
    }
    return true;
  }

  bool are_weights_finite() const { return agreement_.of_all(task_.has_finite_weights()); }

  void show_samples(int epoch, bool is_asked = false) {
    if (agreement_.leads()) tell(task_.show_samples({folder_, now_.step, epoch, is_asked}));
  }

  void announce() {
    auto environment = run_environment();
    if (const ProcessGroup* processes = trainer_.options_.processes) {
      environment["processes"] = fmt::format("{} over {}", processes->size(), processes->backend());
    }
    tell(RunEvent{.name = folder_.filename().string(),
                  .started = utc_text(),
                  .task = trainer_.project_.recipe.task,
                  .network = trainer_.options_.network,
                  .device = trainer_.options_.device.str(),
                  .epochs = now_.epochs,
                  .steps_per_epoch = trainer_.train_->batches(),
                  .train_samples = trainer_.train_->samples(),
                  .validation_samples = trainer_.validation_ ? trainer_.validation_->samples() : 0,
                  .test_samples = trainer_.test_ ? trainer_.test_->samples() : 0,
                  .parameters = task_.parameters(),
                  .data = trainer_.fingerprint_,
                  .classes = trainer_.dataset_.classes,
                  .figures = task_.figures(),
                  .main_figure = judge(),
                  .limit_samples = trainer_.options_.limit_samples,
                  .parent = trainer_.options_.parent.string(),
                  .environment = std::move(environment)});
    if (!trainer_.options_.opening.empty()) tell(MessageEvent{"info", trainer_.options_.opening});
  }

  /// The next epoch, or what is left of the one that was under way.
  Going train_epoch() {
    const double start = clock_.elapsed();
    if (now_.epoch == now_.epochs_done) {
      ++now_.epoch;
      now_.batch = 0;
      now_.shown.clear();
      task_.clear_training_sums();
    } else {
      task_.restore_training_sums(now_.training);
    }
    const double seen_before = task_.training_sums().front();
    shown_at_ = saved_at_ = start;
    BatchProducer& batches = *trainer_.train_;
    batches.begin(now_.epoch, now_.batch);
    while (const std::optional<Batch> batch = batches.next()) {
      if (const Going going = obey(&*batch); going != Going::On) return going;
      if (now_.step == 0) watch_.emplace();
      const bool is_watched = agreement_.leads() && is_watched_next();
      if (is_watched) task_.watch_step();
      if (!task_.step(*batch)) return diverged(&*batch);
      ++now_.step;
      ++now_.batch;
      if (is_watched) tell_layers(*batch);
      if (watch_ && now_.step == std::min(steps_watched, batches.batches())) tell_memory(*batch);
      const bool is_last = now_.batch == batches.batches();
      if ((is_shown() || is_last) && !show_step()) return diverged(&*batch);
      if (is_last && !are_weights_finite()) return diverged(&*batch);
      if (!is_last && is_save_due_ && !save_last(Saving::Silent)) {
        return diverged(&*batch);
      }
    }
    task_.finish_steps();
    const double trained = clock_.elapsed();
    watch_.reset();
    if (const Going going = evaluate(held_out()); going != Going::On) return going;

    const Sums training = task_.training_sums();
    FigureValues held_out = task_.test_figures();
    if (agreement_.leads()) {
      for (auto& [name, value] : task_.epoch_figures()) held_out[name] = value;
    }
    held_out = agreement_.on(held_out);
    now_.epochs_done = now_.epoch;
    const double now = clock_.elapsed();
    tell(EpochEvent{.epoch = now_.epoch,
                    .step = now_.step,
                    .train = task_.figures_of(training),
                    .held_out = held_out,
                    .seconds = now - start,
                    .samples_per_second = (training.front() - seen_before) / std::max(trained - start, 1e-9),
                    .elapsed = now});
    if (const auto confusion = task_.confusion()) tell(ConfusionEvent{.epoch = now_.epoch, .counts = *confusion});
    tell(task_.epoch_done(now_.epoch, held_out));
    show_samples(now_.epoch);
    const auto judged = held_out.find(judge());
    const bool is_best = agreement_.on(judged == held_out.end() || is_better(judged->second));
    if (is_best) {
      now_.best = judged == held_out.end() ? unknown : judged->second;
      now_.best_epoch = now_.epoch;
      now_.held_out = held_out;
      // Before the last one, from which a run is resumed: it must never name a best epoch that isn't there.
      if (are_weights_finite()) save(best_file, Saving::Told);
    }
    save_last(Saving::Told);
    return Going::On;
  }

  BatchProducer& held_out() { return trainer_.validation_ ? *trainer_.validation_ : *trainer_.test_; }

  /// The test split is looked at once, with the weights that were best on the validation split.
  void test_best() {
    if (!trainer_.validation_ || now_.best_epoch == 0) return;
    if (now_.best_epoch != now_.epochs_done) {
      std::string why;
      if (agreement_.leads()) {
        if (const auto loaded = task_.load_weights(folder_ / best_file); !loaded) why = loaded.error().message;
      }
      if (why = agreement_.on(why); !why.empty()) {
        tell(MessageEvent{"warning", "The best weights couldn't be tested: " + why});
        return;
      }
      for (const auto& [network, learner] : task_.learners()) learner.spread_weights();
    }
    if (!trainer_.test_ || evaluate(*trainer_.test_) != Going::On) return;
    tested_ = task_.test_figures();
  }

  void tell_memory(const Batch& batch) {
    // The batch itself comes from the producer's thread.
    const auto own =
        static_cast<std::int64_t>(batch.inputs.nbytes() + (batch.targets.defined() ? batch.targets.nbytes() : 0));
    tell(MemoryEvent{.batch = batch.inputs.size(0),
                     .peak_bytes = trainer_.resident_bytes_ + watch_->peak_bytes() + own,
                     .predicted_bytes = trainer_.predicted_bytes_});
    watch_.reset();
  }

  bool is_watched_next() const {
    const std::int64_t next = now_.step + 1;
    const std::int64_t part = (trainer_.train_->batches() + watches_per_epoch - 1) / watches_per_epoch;
    return next == first_watched_step || next % std::max(part, least_steps_between_watches) == 0;
  }

  void tell_layers(const Batch& batch) {
    LayersEvent event{.step = now_.step, .epoch = epochs_with_fraction(), .layers = task_.watched_layers(batch)};
    if (!event.layers.empty()) tell(event);
  }

  double epochs_with_fraction() const {
    return now_.epoch - 1 + static_cast<double>(now_.batch) / static_cast<double>(trainer_.train_->batches());
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

  bool is_shown() const {
    const std::int64_t steps = trainer_.train_->batches();
    const std::int64_t between = std::clamp<std::int64_t>(steps / events_per_epoch, 1, most_steps_between);
    return now_.batch % between == 0;
  }

  /// Shows the figures since the last time. False where they aren't finite.
  bool show_step() {
    const Sums sums = task_.training_sums();
    if (!std::all_of(sums.begin(), sums.end(), [](double sum) { return std::isfinite(sum); })) return false;
    const double elapsed = clock_.elapsed();
    Sums since = sums;
    for (std::size_t i = 0; i < now_.shown.size(); ++i) since[i] -= now_.shown[i];
    tell(StepEvent{.step = now_.step,
                   .epoch = epochs_with_fraction(),
                   .figures = task_.figures_of(since),
                   .learning_rate = task_.scheduled_rate(),
                   .samples_per_second = since.front() / std::max(elapsed - shown_at_, 1e-9),
                   .elapsed = elapsed});
    now_.shown = sums;
    shown_at_ = elapsed;
    return true;
  }

  /// Commands that have come, and while paused those that come. `batch` is the one at hand, if any.
  Going obey(const Batch* batch) {
    bool is_paused = false;
    while (true) {
      const std::optional<QueuedCommand> next = next_command(is_paused);
      if (!next) return Going::On;
      if (const auto* refused = std::get_if<RefusedLine>(&*next)) {
        tell(MessageEvent{"warning", "A command was ignored: " + refused->why});
        continue;
      }
      const Command& command = std::get<Command>(*next);
      const bool changes_nothing = command.kind == (is_paused ? Command::Kind::Pause : Command::Kind::Resume);
      if (changes_nothing) continue;
      if (command.kind == Command::Kind::Set && !set(command)) {
        tell(MessageEvent{"warning", fmt::format("A command was ignored: this run has no {}.", command.setting)});
        continue;
      }
      tell(CommandEvent{.step = now_.step, .command = command});
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
          if (!keep_checkpoint()) return diverged(batch);
          break;
        case Command::Kind::Sample:
          show_samples(now_.epochs_done, /*is_asked=*/true);
          break;
        case Command::Kind::Set:
          break;
      }
    }
  }

  /// False where this run has no such setting.
  bool set(const Command& command) {
    if (command.setting == "learning_rate") {
      task_.set_learning_rate(command.value);
    } else if (command.setting == "epochs") {
      now_.epochs = std::max(now_.epoch, static_cast<int>(command.value));
    } else {
      return task_.set(command.setting, command.value);
    }
    return true;
  }

  /// One that stays, whatever comes after; the last one follows, so that a run resumed from it has had this.
  bool keep_checkpoint() {
    if (!are_weights_finite()) return false;
    save(fmt::format("checkpoints/step-{}.safetensors", now_.step), Saving::Told);
    save(last_file, Saving::Silent);
    return true;
  }

  std::optional<QueuedCommand> next_command(bool is_paused) {
    is_save_due_ = clock_.elapsed() - saved_at_ >= between_saves_;
    return agreement_.next_command(commands_, is_paused, is_save_due_);
  }

  /// False where the weights aren't worth keeping: what was saved before then stays.
  bool save_last(Saving saving) {
    if (!are_weights_finite()) return false;
    save(last_file, saving);
    return true;
  }

  void save(const std::string& file, Saving saving) {
    const double began = clock_.elapsed();
    now_.training = task_.training_sums();
    now_.elapsed = began;
    now_.is_told = saving == Saving::Told;
    for (const auto& [network, learner] : task_.learners()) learner.bring_together();
    const Result<void> saved = agreement_.leads() ? task_.save(folder_ / file, to_text(now_)) : Result<void>();
    save_failure_ = saved ? std::string() : saved.error().message;
    saved_at_ = clock_.elapsed();
    is_save_due_ = false;
    between_saves_ = std::max(seconds_between_saves, save_times * (saved_at_ - began));
    if (!saved) {
      tell(MessageEvent{"error", "The checkpoint couldn't be written: " + save_failure_});
    } else if (saving == Saving::Told) {
      tell_checkpoint(file, file == best_file);
    }
  }

  void tell_checkpoint(const std::string& file, bool is_best) {
    tell(CheckpointEvent{.file = file, .step = now_.step, .epoch = now_.epochs_done, .is_best = is_best});
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
        now_.step, where, task_.scheduled_rate(),
        now_.epochs_done > 0 ? fmt::format(" The last good weights are kept in {}.", last_file) : "");
    tell(MessageEvent{"error", divergence_});
    return Going::Diverged;
  }

  DoneEvent done(const std::string& reason, const std::string& message) {
    clock_.resume();
    DoneEvent event{.reason = reason,
                    .message = message,
                    .test = trainer_.validation_ ? tested_ : now_.held_out,
                    .best = now_.best,
                    .best_epoch = now_.best_epoch,
                    .epochs = now_.epochs_done,
                    .elapsed = clock_.elapsed()};
    tell(event);
    return event;
  }

  Trainer& trainer_;
  std::filesystem::path folder_;
  Task& task_;
  const EventSink& sink_;
  CommandQueue& commands_;
  const Agreement agreement_;

  TrainingProgress now_;
  RunClock clock_;
  FigureValues tested_;
  double shown_at_ = 0;  ///< where the next event's figures begin
  double saved_at_ = 0;
  double between_saves_ = seconds_between_saves;
  bool is_save_due_ = false;  ///< by the leading process's clock
  std::optional<MemoryWatch> watch_;
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
  const ProcessGroup* processes = trainer->options_.processes;
  const std::int64_t parts = processes ? processes->size() : 1;
  if (recipe.integer("batch_size") < parts) {
    return Error{
        fmt::format("Batches of {} can't be shared by {} processes: the recipe's batch_size is that of all "
                    "processes together.",
                    recipe.integer("batch_size"), parts)};
  }
  for (const SettingSpec& spec : recipe_specs()) {
    if (const auto why = complaint(spec, *recipe.find(spec.name))) return Error{fmt::format("The recipe: {}.", *why)};
  }
  {
    const MemoryWatch watch;
    auto task = make_task({project, *network, dataset, trainer->options_.device, trainer->plan(), processes});
    if (!task) return task.error();
    trainer->task_ = std::move(*task);
    trainer->start_from_others();
    trainer->resident_bytes_ = watch.current_bytes();
  }
  trainer->progress_.epochs = static_cast<int>(recipe.integer("epochs"));
  const Report report = analyse(project, description_of(dataset));
  if (learning.size() == 1) {
    trainer->predicted_bytes_ =
        report.find(network->id)->totals.training_bytes((recipe.integer("batch_size") + parts - 1) / parts).value_or(0);
  }
  trainer->fingerprint_ = fingerprint_of(dataset);

  BatchOptions batches{.batch_size = recipe.integer("batch_size"),
                       .shuffle = true,
                       .seed = recipe.integer("seed"),
                       .limit = trainer->options_.limit_samples,
                       .channels_last = trainer->task_->wants_channels_last(),
                       .augmentation = project.data.preparation,
                       .device = trainer->options_.device,
                       .part = processes ? processes->rank() : 0,
                       .parts = parts};
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
  // Last, since what is made before may draw at random.
  if (!trainer->options_.resume.empty()) {
    if (const auto resumed = trainer->take_up(trainer->options_.resume); !resumed) return resumed.error();
  }
  if (const auto same = trainer->agree(); !same) return same.error();
  return trainer;
}

/// Weights of other runs or files, where they fit; what there is to say of it joins the opening words.
void Trainer::start_from_others() {
  if (options_.weights.empty()) return;
  const std::vector<SavedLearner> learners = task_->learners();
  for (const auto& [network, learner] : learners) {
    for (const WeightTransfer::Part& part : options_.weights) {
      if (network.empty() || network == part.network) take_weights(learner.module(), part.matched.weights);
    }
    learner.restart_average();
  }
  if (options_.parent.empty()) return;
  const auto misfit = take_training_state(options_.parent, learners);
  options_.opening += misfit ? fmt::format(" The optimiser starts afresh: {}.",
                                           std::string(*misfit, 0, misfit->find_last_not_of('.') + 1))
                             : std::string(" The optimiser goes on from its state there, the schedule begins anew.");
}

/// That all processes are about to do the same, and begin with the same weights.
Result<void> Trainer::agree() const {
  const ProcessGroup* processes = options_.processes;
  if (!processes) return {};
  try {
    const std::vector<std::pair<const char*, std::string>> own = {
        {"data", fingerprint_},
        {"a project or recipe", to_json(project_)},
        {"a network or number of samples", fmt::format("{} {}", options_.network, options_.limit_samples)},
        {"a checkpoint", to_text(progress_)}};
    for (const auto& [what, text] : own) {
      if (processes->spread(text) == text) continue;
      return Error{fmt::format("Process {} has {} other than process 0's: all must be given the same.",
                               processes->rank(), what)};
    }
    for (const auto& [network, learner] : task_->learners()) learner.spread_weights();
  } catch (const ProcessLost& lost) {
    return Error{lost.what()};
  }
  return {};
}

Result<void> Trainer::take_up(const std::filesystem::path& checkpoint) {
  const auto text = task_->resume(checkpoint);
  if (!text) return text.error();
  auto progress = progress_from_text(*text);
  if (!progress) return Error{fmt::format("{} can't be resumed: {}.", checkpoint.string(), progress.error().message)};
  progress_ = std::move(*progress);
  return {};
}

DoneEvent Trainer::run(const std::filesystem::path& folder, const EventSink& sink, CommandQueue& commands) {
  Session session(*this, folder, sink, commands);
  try {
    return session.run();
  } catch (const ProcessLost& lost) {
    return session.fail(
        fmt::format("{} “netwright-engine resume {}” goes on from the last checkpoint, with as many "
                    "processes or another number.",
                    lost.what(), folder.empty() ? "RUN" : folder.string()));
  } catch (const c10::Error& error) {
    return session.fail(first_line(error.what_without_backtrace()));
  } catch (const std::exception& error) {
    return session.fail(first_line(error.what()));
  }
}

}  // namespace netwright
