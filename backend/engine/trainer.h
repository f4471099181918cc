#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "backend/core/result.h"
#include "backend/data/dataset.h"
#include "backend/engine/command_queue.h"
#include "backend/engine/task.h"
#include "backend/engine/training_progress.h"
#include "backend/graph/project.h"
#include "backend/interop/weights_transfer.h"
#include "backend/run/event.h"

namespace netwright {

struct TrainingOptions {
  std::string network;  ///< which one learns; empty: the task's own (see graph/task_networks.h)
  torch::Device device = torch::kCPU;
  std::vector<WeightTransfer::Part> weights = {};  ///< what it starts from; the rest is fresh, of the recipe's seed
  /// Of a run that is forked: the checkpoint that the weights are from; what else of its training fits is taken as
  /// well, and the record names it.
  std::filesystem::path parent = {};
  std::int64_t limit_samples = 0;  ///< use only so many of each split, drawn by the seed; 0: all
  std::string opening;             ///< said in the record after its first line; empty: nothing
  std::filesystem::path resume;    ///< a checkpoint to go on from as if there had been no pause; empty: a new run
  /// Those that train together, each with a trainer of the same project, data and options; they outlive it. Null: this
  /// one alone.
  const ProcessGroup* processes = nullptr;
};

/// A recipe at work: epochs, events, checkpoints and commands, whatever the task. On the CPU and with the same number
/// of threads, a seed gives the same weights, losses and events (but for the seconds in them) bit for bit, however
/// often the run was stopped and resumed. Processes that train together take a part of each batch each, and come to the
/// losses of one that takes it whole; the leading one alone writes, and obeys commands.
class Trainer {
 public:
  using EventSink = std::function<void(const Event&)>;

  /// `project` and `dataset` must outlive the trainer. Refuses what can't be trained, saying why.
  static Result<std::unique_ptr<Trainer>> create(const Project& project, const Dataset& dataset,
                                                 TrainingOptions options);

  /// Trains until the recipe's end, a stop command or a failure; checkpoints go into `folder`/checkpoints. `sink` gets
  /// every event (of the leading process: those of the others are the same, or say less), on this thread, from the
  /// RunEvent (where a run is resumed: from what came after the checkpoint) to the DoneEvent that is returned. To be
  /// called once.
  DoneEvent run(const std::filesystem::path& folder, const EventSink& sink, CommandQueue& commands);

  /// Where the run stands that is resumed: how many events its record holds, for one.
  const TrainingProgress& progress() const { return progress_; }

 private:
  enum class Going { On, Stopped, Diverged };
  class Session;

  Trainer(const Project& project, const Dataset& dataset, TrainingOptions options);
  StepPlan plan() const;
  void start_from_others();
  Result<void> agree() const;
  Result<void> take_up(const std::filesystem::path& checkpoint);

  const Project& project_;
  const Dataset& dataset_;
  TrainingOptions options_;
  Settings recipe_;
  TrainingProgress progress_;
  std::unique_ptr<Task> task_;
  std::int64_t resident_bytes_ = 0;   ///< what the task took before the first step
  std::int64_t predicted_bytes_ = 0;  ///< of a step's peak; 0 where the analysis doesn't know
  std::string fingerprint_;
  std::unique_ptr<BatchProducer> train_;
  std::unique_ptr<BatchProducer> validation_;  ///< null: epochs are judged on the test split
  std::unique_ptr<BatchProducer> test_;        ///< null: the data has none
};

}  // namespace netwright
