#include "backend/engine/adversarial_figures.h"

#include <cmath>

#include "backend/engine/device_sums.h"

namespace netwright {

namespace {

enum Counted : std::size_t { Samples, MadeSamples, JudgedSteps, MadeSteps };
enum Measured : std::size_t { Loss, Real, Fake, FakeSpread, RealSpread, MadeLoss, Gradient, MadeGradient };

}  // namespace

torch::Tensor verdict_of(const std::string& loss, const torch::Tensor& scores) {
  if (loss == "non_saturating") return scores.sigmoid();
  if (loss == "least_squares") return scores.clamp(0, 1);
  if (loss == "hinge") return ((scores + 1) / 2).clamp(0, 1);
  return scores;
}

torch::Tensor spread_of(const torch::Tensor& samples, const torch::Tensor& classes) {
  // Twice the variance, which takes no pairs.
  const torch::Tensor x = samples.flatten(1);
  const std::int64_t count = x.size(0);
  if (!classes.defined())
    return 2 * (x - x.mean(0)).square().sum() / static_cast<double>(std::max<std::int64_t>(count - 1, 1));
  const torch::Tensor is_of = classes.unsqueeze(1).eq(classes.unsqueeze(0)).to(x.scalar_type());
  const torch::Tensor size = is_of.sum(1, /*keepdim=*/true);
  const torch::Tensor around = x - is_of.matmul(x) / size;
  // Each class has taken one mean; 1/size over its samples adds up to 1.
  const torch::Tensor freedom = (static_cast<double>(count) - (1 / size).sum()).clamp_min(1);
  return 2 * around.square().sum() / freedom;
}

std::vector<FigureSpec> adversarial_figures(const std::string& loss, bool has_frechet) {
  const bool is_critic = loss == "wasserstein_gp";
  const char* verdict = is_critic ? "Critic's score" : "Discriminator's verdict";
  std::vector<FigureSpec> figures = {{"g_loss", "Generator", "Loss", false, ""},
                                     {"d_loss", is_critic ? "Critic" : "Discriminator", "Loss", false, ""},
                                     {"d_real", "Real samples", verdict, !is_critic, ""},
                                     {"d_fake", "Generated samples", verdict, !is_critic, ""},
                                     {"g_gradient", "Generator", "Gradient norm", false, ""},
                                     {"d_gradient", is_critic ? "Critic" : "Discriminator", "Gradient norm", false, ""},
                                     {"diversity", "Diversity", "Diversity", false, ""}};
  if (has_frechet) figures.push_back({"frechet", "Fréchet distance", "Fréchet distance", false, "lower"});
  return figures;
}

AdversarialSums::AdversarialSums(torch::Device device, const ProcessGroup* processes)
    : sums_(torch::zeros({measured}, torch::TensorOptions(device).dtype(torch::kFloat64))), processes_(processes) {}

void AdversarialSums::clear() {
  counts_ = {};
  sums_.zero_();
}

void AdversarialSums::add(std::int64_t first, const std::vector<torch::Tensor>& values, double weight) {
  std::vector<torch::Tensor> scalars;
  for (const torch::Tensor& value : values) scalars.push_back(value.detach().to(torch::kFloat64));
  sums_.narrow(0, first, static_cast<std::int64_t>(values.size())).add_(torch::stack(scalars), weight);
}

void AdversarialSums::add(const Judged& judged) {
  counts_[Samples] += static_cast<double>(judged.samples);
  add(Loss, {judged.loss, judged.real, judged.fake, judged.fake_spread, judged.real_spread},
      static_cast<double>(judged.samples));
  if (!judged.gradient.defined()) return;
  counts_[JudgedSteps] += 1;
  add(Gradient, {judged.gradient}, 1);
}

void AdversarialSums::add(const Made& made) {
  counts_[MadeSamples] += static_cast<double>(made.samples);
  add(MadeLoss, {made.loss}, static_cast<double>(made.samples));
  if (!made.gradient.defined()) return;
  counts_[MadeSteps] += 1;
  add(MadeGradient, {made.gradient}, 1);
}

Sums AdversarialSums::read() const {
  Sums sums(counts_.begin(), counts_.end());
  const torch::Tensor here = sums_.to(torch::kCPU);
  sums.insert(sums.end(), here.data_ptr<double>(), here.data_ptr<double>() + here.numel());
  return added_up(std::move(sums), processes_);
}

void AdversarialSums::restore(const Sums& sums) {
  if (processes_ && !processes_->leads()) return clear();
  std::copy_n(sums.begin(), counted, counts_.begin());
  sums_.copy_(torch::tensor(Sums(sums.begin() + counted, sums.end()), torch::kFloat64));
}

FigureValues AdversarialSums::figures_of(const Sums& sums) {
  FigureValues values;
  const auto add = [&](const char* name, Measured sum, Counted count) {
    if (sums[count] > 0) values[name] = sums[counted + sum] / sums[count];
  };
  add("g_loss", MadeLoss, MadeSamples);
  add("d_loss", Loss, Samples);
  add("d_real", Real, Samples);
  add("d_fake", Fake, Samples);
  add("g_gradient", MadeGradient, MadeSteps);
  add("d_gradient", Gradient, JudgedSteps);
  // Sums that others were subtracted from may be less than 0 by rounding.
  const double real_spread = sums[counted + RealSpread];
  if (real_spread > 0) values["diversity"] = std::sqrt(std::max(0.0, sums[counted + FakeSpread]) / real_spread);
  return values;
}

}  // namespace netwright
