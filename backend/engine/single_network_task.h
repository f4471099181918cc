#pragma once
// What tasks of one network share: everything but the loss and what is measured.

#include "backend/engine/device_sums.h"
#include "backend/engine/layer_watch.h"
#include "backend/engine/learner.h"
#include "backend/engine/losses.h"
#include "backend/engine/task.h"

namespace netwright {

class SingleNetworkTask : public Task {
 public:
  bool step(const Batch& batch) override;
  void evaluate(const Batch& batch) override;
  torch::Tensor infer(const Batch& batch) override;
  std::optional<torch::Tensor> input_gradient(const Batch& batch) override;
  void clear_training_sums() override { training_.clear(); }
  void clear_test_sums() override { test_.clear(); }
  Sums training_sums() const override { return training_.read(); }
  Sums test_sums() const override { return test_.read(); }
  void restore_training_sums(const Sums& sums) override { training_.restore(sums); }
  void finish_steps() override { learner_->flush(); }
  std::vector<Event> epoch_done(int epoch, const FigureValues& held_out) override;
  double learning_rate() const override { return learner_->learning_rate(); }
  void set_learning_rate(double rate) override { learner_->set_learning_rate(rate); }
  double scheduled_rate() const override { return learner_->scheduled_rate(); }
  std::int64_t parameters() const override { return learner_->parameters(); }
  std::vector<SavedLearner> learners() const override { return {{"", *learner_}}; }
  bool has_finite_weights() const override { return learner_->has_finite_weights(); }
  std::optional<std::string> first_bad_layer(const Batch& batch) override;
  Result<void> save(const std::filesystem::path& path, const std::string& progress) const override;
  Result<std::string> resume(const std::filesystem::path& path) override;
  Result<void> load_weights(const std::filesystem::path& path) override;
  bool wants_channels_last() const override { return wants_channels_last_; }
  void watch_step() override { watch_.before_step(); }
  std::vector<LayerFigures> watched_layers(const Batch& batch) override {
    return watch_.after_step({batch.inputs}, batch.lengths);
  }

 protected:
  /// The network on its device with a learner: what a task is built on.
  struct Parts {
    Network network;  ///< flattened
    NetworkReport report;
    std::unique_ptr<Learner> learner;
  };
  /// Refuses a network with mistakes, or that doesn't fit the data or the task, in analysis' words.
  static Result<Parts> prepare(const TaskContext& context);

  /// What a batch came to. `measured`: sums over the batch in an order of the task's own, one-dimensional float64.
  struct Outcome {
    torch::Tensor loss;
    torch::Tensor measured = {};
  };
  SingleNetworkTask(Parts parts, const TaskContext& context, std::int64_t measured);

  /// Runs the network (in training or evaluation mode already) on a batch. Called with gradients where it trains.
  virtual Outcome run(const Batch& batch, bool is_training) = 0;

  GraphModule& module() { return learner_->module(); }
  Learner& learner() { return *learner_; }
  torch::Device device() const { return device_; }
  const ProcessGroup* processes() const { return processes_; }
  const Dataset& dataset() const { return dataset_; }
  const Network& network() const { return network_; }
  /// Some samples of the held-out split as a batch on the device, the same each time.
  Result<Batch> some_samples(std::int64_t count) const;

 private:
  const Dataset& dataset_;
  Network network_;
  std::unique_ptr<Learner> learner_;
  torch::Device device_;
  const ProcessGroup* processes_;
  bool wants_channels_last_;
  DeviceSums training_;
  DeviceSums test_;
  LayerWatch watch_;
};

/// What the layer before the Output makes of scores.
OutputForm output_form_of(const Network& network);

/// On the device, where the task's settings ask for balanced ones and the data has classes; else undefined.
torch::Tensor class_weights_of(const Settings& task_settings, const Dataset& dataset, torch::Device device);

}  // namespace netwright
