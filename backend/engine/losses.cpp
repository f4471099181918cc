#include "backend/engine/losses.h"

#include <fmt/format.h>

#include <limits>
#include <stdexcept>

#include "backend/engine/shared_batch.h"

namespace netwright {

namespace {

namespace F = torch::nn::functional;

// Kinds come from settings that were checked against their choices.
[[noreturn]] void unknown_kind(const std::string& kind) {
  throw std::invalid_argument(fmt::format("There is no loss “{}”.", kind));
}

torch::Tensor logarithms(const torch::Tensor& output, OutputForm form) {
  switch (form) {
    case OutputForm::Scores:
      return output.log_softmax(1);
    case OutputForm::Probabilities:
      // A probability may have been rounded to 0, whose logarithm would end the run.
      return output.clamp_min(std::numeric_limits<float>::min()).log();
    case OutputForm::LogProbabilities:
      break;
  }
  return output;
}

/// Of the true classes, to divide by.
torch::Tensor weight_sum(const torch::Tensor& weights, const torch::Tensor& targets) {
  return whole_sum(weights.index_select(0, targets.flatten()).sum());
}

torch::Tensor nll(const torch::Tensor& log_probabilities, const torch::Tensor& targets, const torch::Tensor& weights) {
  F::NLLLossFuncOptions options;
  options.weight(weights);
  if (!weights.defined() || !is_batch_shared()) return whole_mean(F::nll_loss(log_probabilities, targets, options));
  return whole_sum(F::nll_loss(log_probabilities, targets, options.reduction(torch::kSum))) /
         weight_sum(weights, targets);
}

/// torch.nn.CrossEntropyLoss's smoothing: the rest of the target is spread over all classes alike, each counting by its
/// own weight, while the mean divides by the weights of the true ones.
torch::Tensor smoothed_nll(const torch::Tensor& log_probabilities, const torch::Tensor& targets,
                           const torch::Tensor& weights, double smoothing) {
  const torch::Tensor plain = nll(log_probabilities, targets, weights);
  if (smoothing == 0) return plain;
  const auto classes = static_cast<double>(log_probabilities.size(1));
  torch::Tensor spread;
  if (weights.defined()) {
    const torch::Tensor by_class = log_probabilities.transpose(0, 1).flatten(1).sum(1);
    spread = whole_sum(-by_class.dot(weights)) / weight_sum(weights, targets);
  } else {
    spread = whole_mean(-log_probabilities.sum(1).mean());
  }
  return (1 - smoothing) * plain + smoothing / classes * spread;
}

torch::Tensor focal(const torch::Tensor& log_probabilities, const torch::Tensor& targets, const torch::Tensor& weights,
                    double gamma) {
  const torch::Tensor log_p = log_probabilities.gather(1, targets.unsqueeze(1)).squeeze(1);
  // The power's slope is infinite at 0 for γ < 1, and infinity times the logarithm's 0 isn't a number.
  const torch::Tensor doubt = (-log_p.expm1()).clamp_min(1e-12);
  const torch::Tensor each = -doubt.pow(gamma) * log_p;
  if (!weights.defined()) return whole_mean(each.mean());
  const torch::Tensor weight = weights.index_select(0, targets.flatten()).view_as(targets);
  return whole_sum((weight * each).sum()) / whole_sum(weight.sum());
}

torch::Tensor dice(const torch::Tensor& probabilities, const torch::Tensor& targets) {
  const torch::Tensor truth = torch::zeros_like(probabilities).scatter_(1, targets.unsqueeze(1), 1);
  const auto by_class = [](const torch::Tensor& tensor) { return tensor.transpose(0, 1).flatten(1).sum(1); };
  const torch::Tensor both = whole_sum(by_class(probabilities * truth));
  const torch::Tensor either = whole_sum(by_class(probabilities) + by_class(truth));
  return 1 - (2 * both / either.clamp_min(std::numeric_limits<float>::min())).mean();
}

torch::Tensor binary(const torch::Tensor& output, const torch::Tensor& targets, OutputForm form) {
  switch (form) {
    case OutputForm::Scores:
      return whole_mean(F::binary_cross_entropy_with_logits(output, targets));
    case OutputForm::Probabilities:
      return whole_mean(F::binary_cross_entropy(output, targets));
    case OutputForm::LogProbabilities:
      break;
  }
  const torch::Tensor others = (-output.expm1()).clamp_min(std::numeric_limits<float>::min()).log();
  return whole_mean(-(targets * output + (1 - targets) * others).mean());
}

}  // namespace

torch::Tensor ClassLoss::operator()(const torch::Tensor& output, const torch::Tensor& targets) const {
  if (kind == "bce_with_logits") return binary(output, targets, form);
  // As torch.nn.NLLLoss: what comes is taken for logarithms.
  if (kind == "nll" && form == OutputForm::Scores) return nll(output, targets, class_weights);
  const torch::Tensor log_probabilities = logarithms(output, form);
  if (kind == "nll") return nll(log_probabilities, targets, class_weights);
  if (kind == "cross_entropy") return smoothed_nll(log_probabilities, targets, class_weights, label_smoothing);
  if (kind == "focal") return focal(log_probabilities, targets, class_weights, gamma);
  const torch::Tensor overlap = dice(form == OutputForm::Probabilities ? output : log_probabilities.exp(), targets);
  if (kind == "dice") return overlap;
  if (kind == "cross_entropy_dice") return nll(log_probabilities, targets, class_weights) + overlap;
  unknown_kind(kind);
}

ClassLoss class_loss_of(const Settings& task_settings, OutputForm form, torch::Tensor class_weights) {
  return {.kind = task_settings.text("loss"),
          .form = form,
          .label_smoothing = task_settings.real("label_smoothing"),
          .gamma = task_settings.real("gamma"),
          .class_weights = std::move(class_weights)};
}

torch::Tensor number_loss(const Settings& task_settings, const torch::Tensor& output, const torch::Tensor& targets) {
  const std::string kind = task_settings.text("loss");
  const double delta = task_settings.real("delta");
  if (kind == "mse") return whole_mean(torch::mse_loss(output, targets));
  if (kind == "l1") return whole_mean(torch::l1_loss(output, targets));
  if (kind == "huber") return whole_mean(torch::huber_loss(output, targets, at::Reduction::Mean, delta));
  if (kind == "smooth_l1") return whole_mean(torch::smooth_l1_loss(output, targets, at::Reduction::Mean, delta));
  unknown_kind(kind);
}

torch::Tensor reconstruction_loss(const std::string& kind, const torch::Tensor& output, const torch::Tensor& input) {
  if (kind == "mse") return whole_mean(torch::mse_loss(output, input));
  // Some last activations (HardTanh, none) leave the range that BCE takes.
  if (kind == "bce") return whole_mean(F::binary_cross_entropy(output.clamp(0, 1), input));
  unknown_kind(kind);
}

torch::Tensor corrupted(const std::string& kind, double level, const torch::Tensor& input, double low, double high) {
  if (kind == "none") return input;
  if (kind == "gaussian") return input + level * normal_like(input);
  const torch::Tensor draw = uniform_like(input);
  if (kind == "masking") return input.masked_fill(draw < level, low);
  if (kind == "salt_and_pepper") return input.masked_fill(draw < level, high).masked_fill(draw < level / 2, low);
  throw std::invalid_argument(fmt::format("There is no corruption “{}”.", kind));
}

torch::Tensor sparsity_penalty(const std::string& kind, double rate, const torch::Tensor& code) {
  if (kind == "l1") return whole_mean(code.abs().mean());
  if (kind != "kl") throw std::invalid_argument(fmt::format("There is no sparsity “{}”.", kind));
  constexpr double least = 1e-6;  // still apart from 1 in float32
  const torch::Tensor activity = whole_mean(code.flatten(1).mean(0)).clamp(least, 1 - least);
  return (rate * (rate / activity).log() + (1 - rate) * ((1 - rate) / (1 - activity)).log()).sum();
}

torch::Tensor kl_from_standard_normal(const torch::Tensor& mean, const torch::Tensor& log_var) {
  return whole_mean(0.5 * (log_var.exp() + mean.square() - 1 - log_var).flatten(1).sum(1).mean());
}

torch::Tensor discriminator_loss(const std::string& kind, const torch::Tensor& real_scores,
                                 const torch::Tensor& fake_scores, double real_label) {
  if (kind == "non_saturating") {
    return whole_mean(F::binary_cross_entropy_with_logits(real_scores, torch::full_like(real_scores, real_label)) +
                      F::softplus(fake_scores).mean());
  }
  if (kind == "least_squares") {
    return whole_mean(0.5 * (real_scores - real_label).square().mean() + 0.5 * fake_scores.square().mean());
  }
  if (kind == "hinge") return whole_mean((1 - real_scores).relu().mean() + (1 + fake_scores).relu().mean());
  if (kind == "wasserstein_gp") return whole_mean(fake_scores.mean() - real_scores.mean());
  unknown_kind(kind);
}

torch::Tensor generator_loss(const std::string& kind, const torch::Tensor& fake_scores) {
  if (kind == "non_saturating") return whole_mean(F::softplus(-fake_scores).mean());
  if (kind == "least_squares") return whole_mean(0.5 * (fake_scores - 1).square().mean());
  if (kind == "hinge" || kind == "wasserstein_gp") return whole_mean(-fake_scores.mean());
  unknown_kind(kind);
}

torch::Tensor gradient_penalty(const std::function<torch::Tensor(const torch::Tensor&)>& score,
                               const torch::Tensor& real, const torch::Tensor& fake, const torch::Tensor& mix) {
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(real.dim()), 1);
  sizes.front() = real.size(0);
  const torch::Tensor between = fake.detach().lerp(real, mix.view(sizes)).requires_grad_();
  const torch::Tensor slope =
      torch::autograd::grad({score(between).sum()}, {between}, {}, /*retain_graph=*/true, /*create_graph=*/true)
          .front();
  return whole_mean((slope.flatten(1).norm(2, 1) - 1).square().mean());
}

}  // namespace netwright
