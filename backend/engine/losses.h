#pragma once
// Losses, each the mean over a batch (over the whole one where processes share it, see shared_batch.h) and matched to
// PyTorch's where PyTorch has it.

#include <torch/torch.h>

#include <functional>
#include <string>

#include "backend/core/settings.h"

namespace netwright {

/// What output layers give: scores, or what a last activation made of them.
enum class OutputForm { Scores, Probabilities, LogProbabilities };

/// From Classification's or Segmentation's task settings (graph/task_specs.h).
struct ClassLoss {
  std::string kind;  ///< cross_entropy, nll, bce_with_logits, focal; or dice, cross_entropy_dice
  OutputForm form = OutputForm::Scores;
  double label_smoothing = 0;
  double gamma = 2;
  torch::Tensor class_weights = {};  ///< classes, float32, on the device; undefined: all 1

  /// `output`: B×C or B×C×H×W; `targets`: B or B×H×W int64, for bce_with_logits B×C float32. A scalar.
  /// focal: −(1 − p)^γ·log p (Lin et al. 2017); dice: 1 − the mean over classes of 2·Σpt / (Σp + Σt) (Milletari et al.
  /// 2016). Weighted means divide by the weights' sum, as PyTorch does.
  torch::Tensor operator()(const torch::Tensor& output, const torch::Tensor& targets) const;
  /// Whether it is the mean of −log p alone, of which e^ is a perplexity.
  bool is_plain_cross_entropy() const {
    return (kind == "cross_entropy" || kind == "nll") && label_smoothing == 0 && !class_weights.defined();
  }
};
ClassLoss class_loss_of(const Settings& task_settings, OutputForm form, torch::Tensor class_weights);

/// mse, l1, huber (δ), smooth_l1 (β): from Regression's or Forecast's settings.
torch::Tensor number_loss(const Settings& task_settings, const torch::Tensor& output, const torch::Tensor& targets);

/// mse; or bce between values from 0 to 1 (the output is clamped as torch.nn.BCELoss clamps its logarithms).
torch::Tensor reconstruction_loss(const std::string& kind, const torch::Tensor& output, const torch::Tensor& input);
/// What a denoising autoencoder sees: gaussian (N(0, level²) added), masking (a share `level` set to `low`),
/// salt_and_pepper (a share `level` set to `low` or `high`, half each).
torch::Tensor corrupted(const std::string& kind, double level, const torch::Tensor& input, double low, double high);
/// l1: mean |code|; kl: Σⱼ KL(ρ ‖ mean activity of unit j) over the batch, activities clamped into (0, 1)
/// (Ng, CS294A lecture notes, 2011).
torch::Tensor sparsity_penalty(const std::string& kind, double rate, const torch::Tensor& code);
/// KL(N(mean, e^log_var) ‖ N(0, 1)), summed over the code, mean over the batch (Kingma & Welling 2014, appendix B).
torch::Tensor kl_from_standard_normal(const torch::Tensor& mean, const torch::Tensor& log_var);

/// Adversarial losses by kind, of plain scores: non_saturating (Goodfellow et al. 2014), least_squares with halves (Mao
/// et al. 2017), hinge (Lim & Ye 2017), wasserstein_gp without its penalty (Arjovsky et al. 2017).
torch::Tensor discriminator_loss(const std::string& kind, const torch::Tensor& real_scores,
                                 const torch::Tensor& fake_scores, double real_label);
torch::Tensor generator_loss(const std::string& kind, const torch::Tensor& fake_scores);
/// mean((‖∂score/∂x‖₂ − 1)²) at x = mix·real + (1 − mix)·fake, one `mix` (B, from 0 to 1) and one norm for each sample
/// (Gulrajani et al. 2017). Throws where `score` has no second derivative.
torch::Tensor gradient_penalty(const std::function<torch::Tensor(const torch::Tensor&)>& score,
                               const torch::Tensor& real, const torch::Tensor& fake, const torch::Tensor& mix);

}  // namespace netwright
