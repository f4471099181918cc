#pragma once

#include "backend/engine/adversarial_alarms.h"
#include "backend/engine/adversarial_figures.h"
#include "backend/engine/adversarial_sides.h"
#include "backend/engine/checkpoint.h"
#include "backend/engine/frechet_meter.h"
#include "backend/engine/layer_watch.h"
#include "backend/engine/sample_wall.h"
#include "backend/engine/task.h"

namespace netwright {

/// A generator and a discriminator that learn against each other (see losses.h). Every batch is one of the
/// discriminator's; every `discriminator_steps`-th is the generator's as well, through the discriminator as it is by
/// then. Latents are drawn from N(0, 1). Where a side takes a class, real samples come with their own, and generated
/// ones with classes drawn from the batch, so that classes alone tell nothing.
class Adversarial : public Task {
 public:
  static Result<std::unique_ptr<Task>> create(const TaskContext& context);

  /// The first is g_loss.
  const std::vector<FigureSpec>& figures() const override { return figures_; }
  std::string main_figure() const override { return measures_frechet_ ? "frechet" : ""; }

  /// False where either loss isn't finite; where it is the generator's, the discriminator has learned already.
  bool step(const Batch& batch) override;
  /// Without instance noise and gradient penalty.
  void evaluate(const Batch& batch) override;

  torch::Tensor infer(const Batch& batch) override;
  std::string robustness_obstacle() const override {
    return "A generator makes samples from noise and judges none: there is no input to disturb.";
  }

  void clear_training_sums() override { training_.clear(); }
  void clear_test_sums() override;
  Sums training_sums() const override { return training_.read(); }
  Sums test_sums() const override { return test_.read(); }
  void restore_training_sums(const Sums& sums) override { training_.restore(sums); }
  FigureValues figures_of(const Sums& sums) const override { return AdversarialSums::figures_of(sums); }

  void finish_steps() override;
  std::vector<Event> epoch_done(int epoch, const FigureValues& held_out) override;
  std::vector<Event> show_samples(const SamplePlace& place) override;
  FigureValues epoch_figures() override;

  double learning_rate() const override { return shown_side().learner->learning_rate(); }
  /// The other side's rate keeps its ratio to this one.
  void set_learning_rate(double rate) override;
  double scheduled_rate() const override { return shown_side().learner->scheduled_rate(); }
  std::int64_t parameters() const override;

  std::vector<SavedLearner> learners() const override {
    return {{generator_.name, *generator_.learner}, {discriminator_.name, *discriminator_.learner}};
  }
  bool has_finite_weights() const override;
  /// `generator.conv1`.
  std::optional<std::string> first_bad_layer(const Batch& batch) override;

  Result<void> save(const std::filesystem::path& path, const std::string& progress) const override;
  Result<std::string> resume(const std::filesystem::path& path) override;
  Result<void> load_weights(const std::filesystem::path& path) override;
  bool wants_channels_last() const override { return wants_channels_last_; }
  /// `discriminator_steps`.
  bool set(const std::string& setting, double value) override;
  void watch_step() override;
  std::vector<LayerFigures> watched_layers(const Batch& batch) override;

 private:
  Adversarial(Sides sides, const TaskContext& context, Settings settings);

  bool learns(const char* side) const { return settings_.text("frozen") != side; }
  /// Whose rate is shown.
  const Side& shown_side() const { return learns("generator") ? generator_ : discriminator_; }
  /// `like`: the classes of real samples; undefined where nothing is conditional.
  torch::Tensor drawn_classes(const torch::Tensor& like) const;
  torch::Tensor drawn_latent(std::int64_t count) const;
  torch::Tensor noisy(const torch::Tensor& samples) const;
  torch::Tensor scores_of(const torch::Tensor& samples, const torch::Tensor& classes);
  struct Generated {
    torch::Tensor samples;
    torch::Tensor classes;
  };
  bool judge(const Batch& batch, const Generated& fake);
  bool improve(const Generated& fake, bool is_counted);
  AdversarialSums::Judged verdict(const Batch& batch, const Generated& fake, const torch::Tensor& real_scores,
                                  const torch::Tensor& fake_scores, const torch::Tensor& loss) const;
  /// Trains what quality is measured by where that isn't done; what there is to say of it.
  std::vector<Event> prepare_meter();

  const Dataset& dataset_;
  torch::Device device_;
  const ProcessGroup* processes_;
  StepPlan plan_;
  Settings settings_;
  std::string loss_;
  std::int64_t accumulate_;
  std::uint64_t seed_;
  Side generator_;
  Side discriminator_;
  bool is_conditional_;  ///< either side takes classes
  bool wants_channels_last_;
  bool measures_frechet_;
  std::vector<FigureSpec> figures_;

  std::int64_t batches_ = 0;  ///< learned from
  std::uint64_t test_batch_ = 0;
  AdversarialSums training_;
  AdversarialSums test_;
  AdversarialAlarms alarms_;
  SampleWall wall_;
  std::unique_ptr<FrechetMeter> meter_;
  LayerWatch generator_watch_;
  LayerWatch discriminator_watch_;
};

}  // namespace netwright
