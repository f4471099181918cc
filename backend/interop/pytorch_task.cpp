#include "backend/interop/pytorch_task.h"

#include <fmt/format.h>

#include "backend/analysis/last_layer.h"
#include "backend/graph/layer_search.h"
#include "backend/graph/task_specs.h"
#include "backend/interop/pytorch_text.h"

namespace netwright {

namespace {

std::string class_loss(const Settings& settings, const Network& network) {
  const std::string loss = settings.text("loss");
  const Layer* last = last_layer(network);
  const bool gives_probabilities = last && last->type == "Softmax";
  const bool gives_logarithms = last && last->type == "LogSoftmax";
  if (loss == "bce_with_logits") return "nn.functional.binary_cross_entropy_with_logits(outputs, targets)";
  if (loss == "focal") {
    return fmt::format(
        "((1 - torch.exp(-nn.functional.cross_entropy(outputs, targets, reduction=\"none\"))) ** {} "
        "* nn.functional.cross_entropy(outputs, targets, reduction=\"none\")).mean()",
        python_setting(settings, "gamma"));
  }
  // The network gives probabilities; one rounded to 0 has no logarithm.
  if (gives_probabilities) {
    return "nn.functional.nll_loss(outputs.clamp_min(torch.finfo(outputs.dtype).tiny).log(), targets)";
  }
  if (gives_logarithms || loss == "nll") return "nn.functional.nll_loss(outputs, targets)";
  const double smoothing = settings.real("label_smoothing");
  return fmt::format("nn.functional.cross_entropy(outputs, targets{})",
                     smoothing > 0 ? ", label_smoothing=" + python_setting(settings, "label_smoothing") : "");
}

std::string number_loss(const Settings& settings) {
  const std::string loss = settings.text("loss");
  if (loss == "l1") return "nn.functional.l1_loss(outputs, targets)";
  if (loss == "huber")
    return fmt::format("nn.functional.huber_loss(outputs, targets, delta={})", python_setting(settings, "delta"));
  if (loss == "smooth_l1") {
    return fmt::format("nn.functional.smooth_l1_loss(outputs, targets, beta={})", python_setting(settings, "delta"));
  }
  return "nn.functional.mse_loss(outputs, targets)";
}

constexpr const char* dice_function = R"py(
def dice_loss(outputs, targets):
    """1 minus the mean over classes of twice the overlap by the sum of the areas."""
    probabilities = outputs.softmax(1)
    truth = nn.functional.one_hot(targets, outputs.shape[1]).movedim(-1, 1).float()
    axes = (0,) + tuple(range(2, outputs.dim()))
    overlap, areas = (probabilities * truth).sum(axes), (probabilities + truth).sum(axes)
    return 1 - (2 * overlap / areas.clamp_min(1e-7)).mean()
)py";

constexpr const char* corrupt_function = R"py(
def corrupted(inputs):
    """What the network gets to see: the clean input is what it shall give back."""
    {body}
)py";

std::string corruption_body(const Settings& settings) {
  const std::string kind = settings.text("corruption");
  const std::string level = python_setting(settings, "corruption_level");
  if (kind == "gaussian") return fmt::format("return inputs + {} * torch.randn_like(inputs)", level);
  if (kind == "masking") return fmt::format("return inputs * (torch.rand_like(inputs) >= {})", level);
  return fmt::format(
      "chance = torch.rand_like(inputs)\n"
      "    inputs = torch.where(chance < {0} / 2, torch.zeros_like(inputs), inputs)\n"
      "    return torch.where(chance > 1 - {0} / 2, torch.ones_like(inputs), inputs)",
      level);
}

PytorchTask reconstruction_part(const Settings& settings, const Network& network) {
  PytorchTask part{.loss = settings.text("loss") == "bce" ? "nn.functional.binary_cross_entropy(outputs, targets)"
                                                          : "nn.functional.mse_loss(outputs, targets)",
                   .measure = "nn.functional.mse_loss(outputs, targets)",
                   .name = "squared error",
                   .batch = "(batch[0], batch[0])"};
  if (settings.text("corruption") != "none") {
    part.functions += filled(corrupt_function, {{"body", corruption_body(settings)}});
    part.seen = "corrupted(inputs)";
  }
  const auto catch_output = [&](const std::string& layer) {
    part.before +=
        fmt::format("    model.{0}.register_forward_hook(lambda module, given, made: seen.update({0}=made))\n", layer);
  };
  const Layer* drawn = first_of_type(network, "Reparameterize");
  if (drawn) {
    const auto name_of_source = [&](int port) {
      const Layer* source = source_of(network, drawn->id, port);
      return source ? source->name : std::string();
    };
    const std::string mean = name_of_source(0);
    const std::string log_var = name_of_source(1);
    catch_output(mean);
    catch_output(log_var);
    part.loss += fmt::format(
        "\n    mean, log_var = seen[\"{}\"], seen[\"{}\"]\n"
        "    kl = -0.5 * (1 + log_var - mean ** 2 - log_var.exp()).sum(1).mean()\n"
        "    return error + {} * kl / targets[0].numel()",
        mean, log_var, python_setting(settings, "beta"));
  }
  const std::string sparsity = settings.text("sparsity");
  const std::string code = settings.text("code_layer");
  if (sparsity != "none" && !code.empty() && !drawn) {
    catch_output(code);
    const std::string rate = python_setting(settings, "sparsity_rate");
    part.loss += fmt::format("\n    code = seen[\"{}\"]\n    {}\n    return error + {} * penalty", code,
                             sparsity == "l1" ? "penalty = code.abs().mean()"
                                              : fmt::format("active = code.flatten(1).mean(0).clamp(1e-6, 1 - 1e-6)\n"
                                                            "    penalty = ({0} * torch.log({0} / active)"
                                                            " + (1 - {0}) * torch.log((1 - {0}) / (1 - active))).sum()",
                                                            rate),
                             python_setting(settings, "sparsity_weight"));
  }
  if (!part.before.empty()) part.functions = "\nseen = {}  # what layers gave, for the loss\n" + part.functions;
  return part;
}

}  // namespace

PytorchTask pytorch_task(const Project& project, const Network& network) {
  const TaskSpec* spec = find_task_spec(project.recipe.task);
  const Settings settings = spec ? completed(spec->settings, project.recipe.task_settings) : Settings();
  const std::string& task = project.recipe.task;
  if (task == "Regression" || task == "Forecast") {
    return {.loss = number_loss(settings), .measure = "(outputs - targets).abs().mean()", .name = "absolute error"};
  }
  if (task == "Segmentation") {
    const std::string loss = settings.text("loss");
    const std::string cross_entropy = "nn.functional.cross_entropy(outputs, targets)";
    PytorchTask part{.loss = cross_entropy,
                     .measure = "(outputs.argmax(1) == targets).float().mean()",
                     .name = "accuracy",
                     .batch = "(batch[0], batch[1].long())"};
    if (loss != "cross_entropy") part.functions = dice_function;
    if (loss == "dice") part.loss = "dice_loss(outputs, targets)";
    if (loss == "cross_entropy_dice") part.loss = cross_entropy + " + dice_loss(outputs, targets)";
    return part;
  }
  if (task == "Reconstruction") return reconstruction_part(settings, network);
  const bool has_labels = settings.text("loss") == "bce_with_logits";
  return {.loss = class_loss(settings, network),
          .measure = has_labels ? "((outputs > 0) == (targets > 0.5)).float().mean()"
                                : "(outputs.argmax(1) == targets).float().mean()",
          .name = "accuracy"};
}

std::string pytorch_loss(const PytorchTask& part) {
  const bool has_more = part.loss.find('\n') != std::string::npos;
  return fmt::format(
      "{}\n\ndef loss_of(outputs, targets):\n    {} {}\n\n\ndef measure(outputs, targets):\n    return {}\n",
      part.functions, has_more ? "error =" : "return", part.loss, part.measure);
}

}  // namespace netwright
