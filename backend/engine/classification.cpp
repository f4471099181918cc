#include "backend/engine/classification.h"

#include "backend/engine/attention_sample.h"
#include "backend/graph/task_specs.h"

namespace netwright {

Result<std::unique_ptr<Task>> Classification::create(const TaskContext& context) {
  auto parts = prepare(context);
  if (!parts) return parts.error();
  const Settings settings = completed(find_task_spec("Classification")->settings, context.project.recipe.task_settings);
  torch::Tensor weights = class_weights_of(settings, context.dataset, context.device);
  const OutputForm form = output_form_of(parts->network);
  return std::unique_ptr<Task>(
      new Classification(std::move(*parts), context, class_loss_of(settings, form, std::move(weights))));
}

Classification::Classification(Parts parts, const TaskContext& context, ClassLoss loss)
    : SingleNetworkTask(std::move(parts), context, 1),
      loss_(std::move(loss)),
      figures_({{"loss", "Loss", "Loss", false, "lower"}, {"accuracy", "Accuracy", "Accuracy", true, "higher"}}),
      classes_(static_cast<std::int64_t>(context.dataset.classes.size())),
      has_labels_(context.dataset.target == TargetKind::Labels) {}

SingleNetworkTask::Outcome Classification::run(const Batch& batch, bool is_training) {
  const torch::Tensor output = module().forward(batch.inputs, batch.lengths);
  Outcome outcome{loss_(output, batch.targets)};
  const torch::NoGradGuard no_grad;
  if (has_labels_) {
    outcome.measured = (output > 0).eq(batch.targets > 0.5).to(torch::kFloat64).mean(1).sum();
    return outcome;
  }
  const torch::Tensor predicted = output.argmax(1);
  outcome.measured = predicted.eq(batch.targets).sum().to(torch::kFloat64);
  if (!is_training) {
    scores_ = output.size(1);
    const torch::Tensor counts =
        torch::bincount(batch.targets * scores_ + predicted, {}, classes_ * scores_).narrow(0, 0, classes_ * scores_);
    confusion_ = confusion_.defined() ? confusion_.add_(counts) : counts;
  }
  return outcome;
}

void Classification::clear_test_sums() {
  SingleNetworkTask::clear_test_sums();
  confusion_ = torch::Tensor();
}

FigureValues Classification::figures_of(const Sums& sums) const {
  return {{"loss", sums[1] / sums[0]}, {"accuracy", sums[2] / sums[0]}};
}

std::optional<Confusion> Classification::confusion() const {
  if (!confusion_.defined()) return std::nullopt;
  const torch::Tensor counts = confusion_.to(torch::kCPU);
  const auto* data = counts.data_ptr<std::int64_t>();
  Confusion rows;
  for (std::int64_t row = 0; row < classes_; ++row) {
    rows.emplace_back(data + row * scores_, data + row * scores_ + classes_);
  }
  return rows;
}

std::vector<Event> Classification::show_samples(const std::filesystem::path& folder, std::int64_t step, int epoch) {
  if (epoch == 0) return {};
  const Learner::Averaged averaged(learner());
  return show_attention(module(), dataset(), some_samples(attention_samples), {folder, step, epoch});
}

}  // namespace netwright
