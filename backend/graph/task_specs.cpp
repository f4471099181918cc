#include "backend/graph/task_specs.h"

#include <algorithm>

namespace netwright {

namespace {

SettingSpec choice(const char* name, std::vector<std::string> choices, const char* help) {
  const std::string first = choices.front();
  return {.name = name, .kind = SettingKind::Choice, .fallback = first, .help = help, .choices = std::move(choices)};
}

SettingSpec real(const char* name, double fallback, double least, double most, const char* help) {
  return {
      .name = name, .kind = SettingKind::Real, .fallback = fallback, .help = help, .minimum = least, .maximum = most};
}

SettingSpec text(const char* name, const char* fallback, const char* help) {
  return {.name = name, .kind = SettingKind::Text, .fallback = std::string(fallback), .help = help};
}

SettingSpec class_weights() {
  return choice("class_weights", {"none", "balanced"},
                "Balanced: each class counts as much as any other, however few samples it has.");
}

std::vector<SettingSpec> number_loss() {
  return {
      choice("loss", {"mse", "l1", "huber", "smooth_l1"},
             "mse: squares, large errors count most; l1: sizes; huber and smooth_l1: squares near 0, sizes beyond."),
      real("delta", 1, 1e-9, 1e9, "Where huber (delta) or smooth_l1 (beta) goes over from squares to sizes.")};
}

std::vector<std::string> idle_number_loss(const Settings& s) {
  const std::string loss = s.text("loss");
  return loss == "huber" || loss == "smooth_l1" ? std::vector<std::string>() : std::vector<std::string>{"delta"};
}

TaskSpec classification() {
  return {
      .type = "Classification",
      .summary = "Which class, or which labels, a sample has.",
      .settings = {choice("loss", {"cross_entropy", "nll", "bce_with_logits", "focal"},
                          "cross_entropy: of scores; nll: of log-probabilities (after LogSoftmax); bce_with_logits: "
                          "every label by itself; focal: cross entropy that leaves aside what is easy."),
                   real("label_smoothing", 0, 0, 0.999, "How much of the target is spread over all classes."),
                   class_weights(), real("gamma", 2, 0, 20, "Focal loss: how much less easy samples count.")},
      .idle = [](const Settings& s) {
        std::vector<std::string> names;
        const std::string loss = s.text("loss");
        if (loss != "cross_entropy") names.emplace_back("label_smoothing");
        if (loss == "bce_with_logits") names.emplace_back("class_weights");
        if (loss != "focal") names.emplace_back("gamma");
        return names;
      }};
}

TaskSpec segmentation() {
  return {
      .type = "Segmentation",
      .summary = "Which class every pixel has.",
      .settings = {choice("loss", {"cross_entropy", "dice", "cross_entropy_dice"},
                          "cross_entropy: every pixel by itself; dice: how much areas overlap; or the sum of both."),
                   class_weights()},
      .idle = [](const Settings& s) {
        return s.text("loss") == "dice" ? std::vector<std::string>{"class_weights"} : std::vector<std::string>();
      }};
}

TaskSpec reconstruction() {
  return {
      .type = "Reconstruction",
      .summary = "To give back its input through a bottleneck: autoencoders.",
      .settings =
          {choice("loss", {"mse", "bce"}, "mse: squared error; bce: cross entropy of values from 0 to 1."),
           choice("corruption", {"none", "gaussian", "masking", "salt_and_pepper"},
                  "Denoising: what is done to the input that the network sees; it shall give back the clean one."),
           real("corruption_level", 0.3, 0, 10,
                "gaussian: the noise's deviation; masking, salt_and_pepper: the share of the values."),
           text("code_layer", "", "The bottleneck: a layer's name; empty: the one with the smallest output."),
           choice("sparsity", {"none", "l1", "kl"},
                  "l1: the mean of the code's sizes is added to the loss; kl: how far its mean activities are from a "
                  "rate (the code must lie between 0 and 1)."),
           real("sparsity_weight", 0.001, 0, 1e6, "How much sparsity counts."),
           real("sparsity_rate", 0.05, 1e-6, 0.999, "kl: how active each unit should be in the mean."),
           real("beta", 1, 0, 1e6,
                "Variational (networks with Reparameterize): how much the distance from N(0, 1) counts.")},
      .idle = [](const Settings& s) {
        std::vector<std::string> names;
        if (s.text("corruption") == "none") names.emplace_back("corruption_level");
        if (s.text("sparsity") == "none") names.emplace_back("sparsity_weight");
        if (s.text("sparsity") != "kl") names.emplace_back("sparsity_rate");
        return names;
      }};
}

TaskSpec adversarial() {
  return {
      .type = "Adversarial",
      .summary =
          "Two networks against each other: a generator makes samples, a discriminator tells them from real ones.",
      .settings = {choice("loss", {"non_saturating", "least_squares", "hinge", "wasserstein_gp"},
                          "How the discriminator's score is turned into losses; wasserstein_gp has a gradient "
                          "penalty and needs a discriminator without BatchNorm."),
                   text("generator", "generator", "The network that makes samples; its first Input is the latent."),
                   text("discriminator", "discriminator", "The network that judges them with one score."),
                   {.name = "discriminator_steps",
                    .kind = SettingKind::Integer,
                    .fallback = std::int64_t{1},
                    .help = "Steps of the discriminator for each one of the generator.",
                    .minimum = 1,
                    .maximum = 100},
                   real("gradient_penalty", 10, 0, 1e6, "wasserstein_gp: how much the gradient's norm is held at 1."),
                   real("real_label", 1, 0.5, 1, "One-sided label smoothing: what real samples are worth (0.9)."),
                   real("instance_noise", 0, 0, 10,
                        "Deviation of noise on all that the discriminator sees; it fades to 0 over the run."),
                   choice("frozen", {"none", "generator", "discriminator"}, "Which side doesn't learn."),
                   {.name = "frechet",
                    .kind = SettingKind::Boolean,
                    .fallback = true,
                    .help = "Measures quality after each epoch: a Fréchet distance over the features of a small "
                            "classifier that is trained on the same data first."}},
      .idle = [](const Settings& s) {
        std::vector<std::string> names;
        const std::string loss = s.text("loss");
        if (loss != "wasserstein_gp") names.emplace_back("gradient_penalty");
        if (loss != "non_saturating" && loss != "least_squares") names.emplace_back("real_label");
        return names;
      }};
}

}  // namespace

const std::vector<TaskSpec>& task_specs() {
  static const std::vector<TaskSpec> specs = {
      classification(),
      {"Regression", "Which numbers belong to a sample.", number_loss(), idle_number_loss},
      {"Forecast", "How a series goes on: its next step, or several.", number_loss(), idle_number_loss},
      segmentation(),
      reconstruction(),
      adversarial()};
  return specs;
}

const TaskSpec* find_task_spec(std::string_view type) {
  const auto& specs = task_specs();
  const auto it = std::find_if(specs.begin(), specs.end(), [&](const TaskSpec& spec) { return spec.type == type; });
  return it == specs.end() ? nullptr : &*it;
}

}  // namespace netwright
