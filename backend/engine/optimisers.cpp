#include "backend/engine/optimisers.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "backend/engine/optimiser_kernels.h"
#include "backend/graph/recipe_specs.h"

namespace netwright {

namespace {

// Below this many numbers waking another thread costs more than it saves.
constexpr std::int64_t grain = 32768;

/// Where the fused loops apply; elsewhere tensor operations do.
bool is_fused(const torch::Tensor& weights) {
  return weights.device().is_cpu() && weights.scalar_type() == torch::kFloat32;
}

/// Calls work(begin, count) for ranges that cover `count` numbers, on all threads. Ranges don't change results.
template <class Work>
void in_parallel(std::int64_t count, const Work& work) {
  at::parallel_for(0, count, grain,
                   [&](std::int64_t begin, std::int64_t end) { work(begin, static_cast<std::size_t>(end - begin)); });
}

float* data(const torch::Tensor& tensor) {
  return tensor.defined() ? tensor.data_ptr<float>() : nullptr;
}
float* at_offset(float* start, std::int64_t offset) {
  return start ? start + offset : nullptr;
}

// An ε of 0 would divide 0 by 0 where a gradient has always been 0.
double positive_epsilon(double epsilon) {
  return std::max(epsilon, static_cast<double>(std::numeric_limits<float>::min()));
}

torch::Tensor with_decay(const torch::Tensor& gradients, const torch::Tensor& weights, double decay) {
  return decay == 0 ? gradients : gradients.add(weights, decay);
}

class Sgd : public Optimiser {
 public:
  Sgd(const Settings& settings, FlatParameters& parameters)
      : Optimiser(settings.real("lr")),
        parameters_(parameters),
        momentum_(settings.real("momentum")),
        dampening_(settings.real("dampening")),
        decay_(settings.real("weight_decay")),
        nesterov_(settings.flag("nesterov")) {
    if (momentum_ != 0) buffer_ = add_buffer("momentum_buffer", parameters.weights());
  }

 private:
  void update() override {
    const bool is_first = steps_ == 1;
    const torch::Tensor& weights = parameters_.weights();
    const torch::Tensor& gradients = parameters_.gradients();
    if (is_fused(weights)) {
      const SgdFactors factors = {.step = static_cast<float>(-learning_rate_),
                                  .decay = static_cast<float>(decay_),
                                  .keep = is_first ? 0.0F : static_cast<float>(momentum_),
                                  .add = is_first ? 1.0F : static_cast<float>(1 - dampening_),
                                  .direct = nesterov_ ? 1.0F : 0.0F,
                                  .carried = nesterov_ ? static_cast<float>(momentum_) : 1.0F};
      float* w = data(weights);
      const float* g = data(gradients);
      float* b = data(buffer_);
      in_parallel(weights.numel(), [&](std::int64_t begin, std::size_t count) {
        if (b) {
          sgd_with_momentum(factors, g + begin, w + begin, b + begin, count);
        } else {
          sgd(factors, g + begin, w + begin, count);
        }
      });
      return;
    }
    torch::Tensor direction = with_decay(gradients, weights, decay_);
    if (buffer_.defined()) {
      if (is_first) {
        buffer_.copy_(direction);
      } else {
        buffer_.mul_(momentum_).add_(direction, 1 - dampening_);
      }
      direction = nesterov_ ? direction.add(buffer_, momentum_) : buffer_;
    }
    torch::Tensor(weights).add_(direction, -learning_rate_);
  }

  FlatParameters& parameters_;
  double momentum_;
  double dampening_;
  double decay_;
  bool nesterov_;
  torch::Tensor buffer_;
};

/// What Adam and its kin share: running means of the gradient and of its square.
class MomentOptimiser : public Optimiser {
 protected:
  MomentOptimiser(const Settings& settings, FlatParameters& parameters)
      : Optimiser(settings.real("lr")),
        parameters_(parameters),
        beta1_(settings.reals("betas")[0]),
        beta2_(settings.reals("betas")[1]),
        epsilon_(positive_epsilon(settings.real("eps"))),
        decay_(settings.real("weight_decay")) {
    mean_ = add_buffer("exp_avg", parameters.weights());
    square_ = add_buffer("exp_avg_sq", parameters.weights());
  }

  /// Both means move on by one step. (The fused loops do that themselves.)
  void follow(const torch::Tensor& direction) {
    mean_.mul_(beta1_).add_(direction, 1 - beta1_);
    square_.mul_(beta2_).addcmul_(direction, direction, 1 - beta2_);
  }

  FlatParameters& parameters_;
  double beta1_;
  double beta2_;
  double epsilon_;
  double decay_;
  torch::Tensor mean_;
  torch::Tensor square_;
};

/// Adam, and where weight decay `is_decoupled` AdamW.
template <bool is_decoupled>
class Adam : public MomentOptimiser {
 public:
  Adam(const Settings& settings, FlatParameters& parameters) : MomentOptimiser(settings, parameters) {
    if (settings.flag("amsgrad")) largest_ = add_buffer("max_exp_avg_sq", parameters.weights());
  }

 private:
  void update() override {
    const torch::Tensor& weights = parameters_.weights();
    const torch::Tensor& gradients = parameters_.gradients();
    const auto steps = static_cast<double>(steps_);
    const double shrink = is_decoupled ? 1 - learning_rate_ * decay_ : 1;
    const double decay = is_decoupled ? 0 : decay_;
    const double correction = std::sqrt(1 - std::pow(beta2_, steps));
    const double step = -learning_rate_ / (1 - std::pow(beta1_, steps));
    if (is_fused(weights)) {
      const AdamFactors factors = {.shrink = static_cast<float>(shrink),
                                   .decay = static_cast<float>(decay),
                                   .beta1 = static_cast<float>(beta1_),
                                   .one_minus_beta1 = static_cast<float>(1 - beta1_),
                                   .beta2 = static_cast<float>(beta2_),
                                   .one_minus_beta2 = static_cast<float>(1 - beta2_),
                                   .correction = static_cast<float>(correction),
                                   .epsilon = static_cast<float>(epsilon_),
                                   .step = static_cast<float>(step)};
      float* w = data(weights);
      const float* g = data(gradients);
      float* m = data(mean_);
      float* v = data(square_);
      float* largest = data(largest_);
      in_parallel(weights.numel(), [&](std::int64_t begin, std::size_t count) {
        adam(factors, g + begin, w + begin, m + begin, v + begin, at_offset(largest, begin), count);
      });
      return;
    }
    if (shrink != 1) torch::Tensor(weights).mul_(shrink);
    const torch::Tensor direction = with_decay(gradients, weights, decay);
    follow(direction);
    if (largest_.defined()) torch::maximum_out(largest_, largest_, square_);
    const torch::Tensor divisor = (largest_.defined() ? largest_ : square_).sqrt().div_(correction).add_(epsilon_);
    torch::Tensor(weights).addcdiv_(mean_, divisor, step);
  }

  torch::Tensor largest_;
};

class RmsProp : public Optimiser {
 public:
  RmsProp(const Settings& settings, FlatParameters& parameters)
      : Optimiser(settings.real("lr")),
        parameters_(parameters),
        alpha_(settings.real("alpha")),
        epsilon_(positive_epsilon(settings.real("eps"))),
        decay_(settings.real("weight_decay")),
        momentum_(settings.real("momentum")) {
    square_ = add_buffer("square_avg", parameters.weights());
    if (settings.flag("centered")) mean_ = add_buffer("grad_avg", parameters.weights());
    if (momentum_ > 0) buffer_ = add_buffer("momentum_buffer", parameters.weights());
  }

 private:
  void update() override {
    const torch::Tensor& weights = parameters_.weights();
    const torch::Tensor& gradients = parameters_.gradients();
    if (is_fused(weights)) {
      const RmspropFactors factors = {.decay = static_cast<float>(decay_),
                                      .alpha = static_cast<float>(alpha_),
                                      .one_minus_alpha = static_cast<float>(1 - alpha_),
                                      .epsilon = static_cast<float>(epsilon_),
                                      .momentum = static_cast<float>(momentum_),
                                      .step = static_cast<float>(-learning_rate_)};
      float* w = data(weights);
      const float* g = data(gradients);
      float* v = data(square_);
      float* m = data(mean_);
      float* b = data(buffer_);
      in_parallel(weights.numel(), [&](std::int64_t begin, std::size_t count) {
        rmsprop(factors, g + begin, w + begin, v + begin, at_offset(m, begin), at_offset(b, begin), count);
      });
      return;
    }
    const torch::Tensor direction = with_decay(gradients, weights, decay_);
    square_.mul_(alpha_).addcmul_(direction, direction, 1 - alpha_);
    torch::Tensor divisor = square_;
    if (mean_.defined()) {
      mean_.mul_(alpha_).add_(direction, 1 - alpha_);
      divisor = square_.addcmul(mean_, mean_, -1);
    }
    divisor = divisor.sqrt().add_(epsilon_);
    if (buffer_.defined()) {
      buffer_.mul_(momentum_).addcdiv_(direction, divisor);
      torch::Tensor(weights).add_(buffer_, -learning_rate_);
    } else {
      torch::Tensor(weights).addcdiv_(direction, divisor, -learning_rate_);
    }
  }

  FlatParameters& parameters_;
  double alpha_;
  double epsilon_;
  double decay_;
  double momentum_;
  torch::Tensor square_;
  torch::Tensor mean_;
  torch::Tensor buffer_;
};

class Adagrad : public Optimiser {
 public:
  Adagrad(const Settings& settings, FlatParameters& parameters)
      : Optimiser(settings.real("lr")),
        parameters_(parameters),
        rate_decay_(settings.real("lr_decay")),
        decay_(settings.real("weight_decay")),
        epsilon_(positive_epsilon(settings.real("eps"))) {
    sum_ = add_buffer("sum", parameters.weights());
    sum_.fill_(settings.real("initial_accumulator_value"));
  }

 private:
  void update() override {
    const torch::Tensor& weights = parameters_.weights();
    const torch::Tensor& gradients = parameters_.gradients();
    const double step = -learning_rate_ / (1 + static_cast<double>(steps_ - 1) * rate_decay_);
    if (is_fused(weights)) {
      const AdagradFactors factors = {.decay = static_cast<float>(decay_),
                                      .epsilon = static_cast<float>(epsilon_),
                                      .step = static_cast<float>(step)};
      float* w = data(weights);
      const float* g = data(gradients);
      float* s = data(sum_);
      in_parallel(weights.numel(), [&](std::int64_t begin, std::size_t count) {
        adagrad(factors, g + begin, w + begin, s + begin, count);
      });
      return;
    }
    const torch::Tensor direction = with_decay(gradients, weights, decay_);
    sum_.addcmul_(direction, direction);
    torch::Tensor(weights).addcdiv_(direction, sum_.sqrt().add_(epsilon_), step);
  }

  FlatParameters& parameters_;
  double rate_decay_;
  double decay_;
  double epsilon_;
  torch::Tensor sum_;
};

class Nadam : public MomentOptimiser {
 public:
  Nadam(const Settings& settings, FlatParameters& parameters)
      : MomentOptimiser(settings, parameters), momentum_decay_(settings.real("momentum_decay")) {
    product_ = add_number("mu_product", 1);
  }

 private:
  double momentum_at(std::int64_t step) const {
    return beta1_ * (1 - 0.5 * std::pow(0.96, static_cast<double>(step) * momentum_decay_));
  }

  void update() override {
    const torch::Tensor& weights = parameters_.weights();
    const torch::Tensor& gradients = parameters_.gradients();
    const double correction = std::sqrt(1 - std::pow(beta2_, static_cast<double>(steps_)));
    const double momentum = momentum_at(steps_);
    const double next_momentum = momentum_at(steps_ + 1);
    // PyTorch keeps the product, and so rounds it, in float32. (Before 2.0 its plain loop, unlike its foreach one,
    // takes this step's momentum twice for the next product: a mistake, not taken over.)
    float& product = *data(product_);
    product *= static_cast<float>(momentum);
    const double direct = -learning_rate_ * (1 - momentum) / (1 - static_cast<double>(product));
    const double carried = -learning_rate_ * next_momentum / (1 - static_cast<double>(product) * next_momentum);
    if (is_fused(weights)) {
      const NadamFactors factors = {.decay = static_cast<float>(decay_),
                                    .beta1 = static_cast<float>(beta1_),
                                    .one_minus_beta1 = static_cast<float>(1 - beta1_),
                                    .beta2 = static_cast<float>(beta2_),
                                    .one_minus_beta2 = static_cast<float>(1 - beta2_),
                                    .correction = static_cast<float>(correction),
                                    .epsilon = static_cast<float>(epsilon_),
                                    .direct = static_cast<float>(direct),
                                    .carried = static_cast<float>(carried)};
      float* w = data(weights);
      const float* g = data(gradients);
      float* m = data(mean_);
      float* v = data(square_);
      in_parallel(weights.numel(), [&](std::int64_t begin, std::size_t count) {
        nadam(factors, g + begin, w + begin, m + begin, v + begin, count);
      });
      return;
    }
    const torch::Tensor direction = with_decay(gradients, weights, decay_);
    follow(direction);
    const torch::Tensor divisor = square_.sqrt().div_(correction).add_(epsilon_);
    torch::Tensor(weights).addcdiv_(direction, divisor, direct).addcdiv_(mean_, divisor, carried);
  }

  double momentum_decay_;
  torch::Tensor product_;  ///< of the momenta of all steps
};

class Radam : public MomentOptimiser {
 public:
  Radam(const Settings& settings, FlatParameters& parameters) : MomentOptimiser(settings, parameters) {}

 private:
  void update() override {
    const torch::Tensor& weights = parameters_.weights();
    const torch::Tensor& gradients = parameters_.gradients();
    const auto steps = static_cast<double>(steps_);
    const double correction = 1 - std::pow(beta2_, steps);
    // How many gradients the mean of squares is worth, now and in the end (Liu et al. 2020, section 4).
    const double longest = 2 / (1 - beta2_) - 1;
    const double length = longest - 2 * steps * std::pow(beta2_, steps) / correction;
    const bool is_rectified = length > 5;
    double step = -learning_rate_ / (1 - std::pow(beta1_, steps));
    if (is_rectified) {
      step *= std::sqrt(correction) *
              std::sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length));
    }
    if (is_fused(weights)) {
      const RadamFactors factors = {.decay = static_cast<float>(decay_),
                                    .beta1 = static_cast<float>(beta1_),
                                    .one_minus_beta1 = static_cast<float>(1 - beta1_),
                                    .beta2 = static_cast<float>(beta2_),
                                    .one_minus_beta2 = static_cast<float>(1 - beta2_),
                                    .epsilon = static_cast<float>(epsilon_),
                                    .is_rectified = is_rectified,
                                    .step = static_cast<float>(step)};
      float* w = data(weights);
      const float* g = data(gradients);
      float* m = data(mean_);
      float* v = data(square_);
      in_parallel(weights.numel(), [&](std::int64_t begin, std::size_t count) {
        radam(factors, g + begin, w + begin, m + begin, v + begin, count);
      });
      return;
    }
    const torch::Tensor direction = with_decay(gradients, weights, decay_);
    follow(direction);
    if (is_rectified) {
      torch::Tensor(weights).addcdiv_(mean_, square_.sqrt().add_(epsilon_), step);
    } else {
      torch::Tensor(weights).add_(mean_, step);
    }
  }
};

template <class Kind>
std::unique_ptr<Optimiser> made(const Settings& settings, FlatParameters& parameters) {
  return std::make_unique<Kind>(settings, parameters);
}

struct Row {
  std::string_view type;
  std::unique_ptr<Optimiser> (*make)(const Settings&, FlatParameters&);
};
constexpr Row rows[] = {{"SGD", made<Sgd>},         {"Adam", made<Adam<false>>}, {"AdamW", made<Adam<true>>},
                        {"RMSprop", made<RmsProp>}, {"Adagrad", made<Adagrad>},  {"NAdam", made<Nadam>},
                        {"RAdam", made<Radam>}};

}  // namespace

void Optimiser::step() {
  const torch::NoGradGuard no_grad;
  ++steps_;
  update();
}

torch::Tensor Optimiser::add_buffer(const std::string& name, const torch::Tensor& weights) {
  return buffers_.emplace_back(name, torch::zeros_like(weights)).second;
}

torch::Tensor Optimiser::add_number(const std::string& name, float value) {
  return buffers_.emplace_back(name, torch::full({}, value, torch::kFloat32)).second;
}

NamedTensors Optimiser::state() const {
  NamedTensors state = {{"step", torch::tensor(steps_, torch::kInt64)},
                        {"learning_rate", torch::tensor(learning_rate_, torch::kFloat64)}};
  state.insert(state.end(), buffers_.begin(), buffers_.end());
  return state;
}

Result<void> Optimiser::load_state(const NamedTensors& state) {
  const NamedTensors own = this->state();
  std::vector<const torch::Tensor*> sources;
  for (const auto& [name, tensor] : own) {
    const auto it = std::find_if(state.begin(), state.end(),
                                 [&, &wanted = name](const auto& entry) { return entry.first == wanted; });
    if (it == state.end()) return Error{fmt::format("The optimiser's state has no “{}”.", name)};
    if (it->second.sizes() != tensor.sizes() || it->second.scalar_type() != tensor.scalar_type()) {
      return Error{fmt::format("The optimiser's “{}” has {} numbers where {} are needed, or another type.", name,
                               it->second.numel(), tensor.numel())};
    }
    sources.push_back(&it->second);
  }
  if (state.size() != own.size()) {
    for (const auto& [name, tensor] : state) {
      const bool is_known =
          std::any_of(own.begin(), own.end(), [&, &given = name](const auto& entry) { return entry.first == given; });
      if (!is_known) return Error{fmt::format("The optimiser's state has “{}”, which this one doesn't keep.", name)};
    }
  }
  const torch::NoGradGuard no_grad;
  steps_ = sources[0]->item<std::int64_t>();
  learning_rate_ = sources[1]->item<double>();
  for (std::size_t i = 0; i < buffers_.size(); ++i) buffers_[i].second.copy_(*sources[i + 2]);
  return {};
}

Result<std::unique_ptr<Optimiser>> make_optimiser(const Choice& choice, FlatParameters& parameters) {
  const OptimiserSpec* spec = find_optimiser_spec(choice.type);
  if (!spec) return Error{fmt::format("There is no optimiser “{}”.", choice.type)};
  const Settings settings = completed(spec->settings, choice.settings);
  for (const SettingSpec& setting : spec->settings) {
    if (const auto why = complaint(setting, *settings.find(setting.name))) {
      return Error{fmt::format("{}: {}.", spec->type, *why)};
    }
  }
  if (settings.flag("nesterov") && (settings.real("momentum") <= 0 || settings.real("dampening") != 0)) {
    return Error{fmt::format("{}: nesterov needs momentum above 0 and dampening 0.", spec->type)};
  }
  const auto* row = std::ranges::find(rows, spec->type, &Row::type);
  if (row == std::end(rows)) return Error{fmt::format("The engine can't run the optimiser “{}” yet.", spec->type)};
  return row->make(settings, parameters);
}

}  // namespace netwright
