#include "backend/engine/classification.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "backend/engine/attention_sample.h"
#include "backend/graph/task_specs.h"

namespace netwright {

namespace {

constexpr std::int64_t top_count = 5;
constexpr const char* top_name = "top_5";

/// Whether each class is a word of the texts that are read.
bool predicts_words(const Legend& legend) {
  const std::set<std::string> words(legend.vocabulary.tokens.begin(), legend.vocabulary.tokens.end());
  return legend.classes.size() > 1 && std::all_of(legend.classes.begin(), legend.classes.end(),
                                                  [&](const auto& name) { return words.contains(name); });
}

}  // namespace

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
    : SingleNetworkTask(std::move(parts), context, 2),
      loss_(std::move(loss)),
      has_labels_(context.dataset.target == TargetKind::Labels),
      has_top_(!has_labels_ && static_cast<std::int64_t>(context.dataset.classes.size()) > top_count),
      has_perplexity_(!has_labels_ && predicts_words(context.dataset) && loss_.is_plain_cross_entropy()),
      meter_(context.dataset.classes, has_labels_, loss_.form, context.processes) {
  figures_ = {{"loss", "Loss", "Loss", false, "lower"}, {"accuracy", "Accuracy", "Accuracy", true, "higher"}};
  for (FigureSpec& figure : ClassMeter::figure_specs()) figures_.push_back(std::move(figure));
  if (has_top_) figures_.insert(figures_.end() - 1, {top_name, "Top-5 accuracy", "Top-5 accuracy", true, "higher"});
  if (has_perplexity_) figures_.push_back({"perplexity", "Perplexity", "Perplexity", false, "lower"});
}

SingleNetworkTask::Outcome Classification::run(const Batch& batch, bool is_training) {
  const torch::Tensor output = module().forward(batch.inputs, batch.lengths);
  Outcome outcome{loss_(output, batch.targets)};
  const torch::NoGradGuard no_grad;
  if (!is_training) meter_.add(batch, output);
  if (has_labels_) {
    outcome.measured = (output > 0).eq(batch.targets > 0.5).to(torch::kFloat64).mean(1).sum();
    return outcome;
  }
  const torch::Tensor right = output.argmax(1).eq(batch.targets).sum().to(torch::kFloat64);
  outcome.measured = right;
  if (has_top_) {
    const torch::Tensor best = std::get<1>(output.topk(top_count, 1));
    outcome.measured = torch::stack({right, best.eq(batch.targets.unsqueeze(1)).sum().to(torch::kFloat64)});
  }
  return outcome;
}

void Classification::clear_test_sums() {
  SingleNetworkTask::clear_test_sums();
  meter_.clear();
}

FigureValues Classification::figures_of(const Sums& sums) const {
  FigureValues values = {{"loss", sums[1] / sums[0]}, {"accuracy", sums[2] / sums[0]}};
  if (has_top_) values[top_name] = sums[3] / sums[0];
  if (has_perplexity_) values["perplexity"] = std::exp(values["loss"]);
  return values;
}

FigureValues Classification::test_figures() {
  meter_.bring_together();
  FigureValues values = SingleNetworkTask::test_figures();
  for (const auto& [name, value] : meter_.figures()) values[name] = value;
  return values;
}

std::vector<Event> Classification::show_samples(const SamplePlace& place) {
  if (place.step == 0) return {};
  std::vector<Event> events;
  // What was evaluated last is what an epoch's end shows, and nothing that is newer by then.
  if (!place.is_asked) events = meter_.show(place);
  const Learner::Averaged averaged(learner());
  for (Event& event : show_attention(module(), dataset(), some_samples(attention_samples), place)) {
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace netwright
