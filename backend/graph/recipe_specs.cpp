#include "backend/graph/recipe_specs.h"

#include <algorithm>

namespace netwright {

namespace {

SettingSpec rate(double fallback) {
  return {.name = "lr",
          .kind = SettingKind::Real,
          .fallback = fallback,
          .help = "Learning rate: how far each step moves the weights.",
          .minimum = 0,
          .maximum = 1000};
}

SettingSpec weight_decay(double fallback) {
  return {.name = "weight_decay",
          .kind = SettingKind::Real,
          .fallback = fallback,
          .help = "Pulls every weight towards 0 at each step.",
          .minimum = 0,
          .maximum = 1000};
}

SettingSpec epsilon(double fallback = 1e-8) {
  return {.name = "eps",
          .kind = SettingKind::Real,
          .fallback = fallback,
          .help = "Added to the denominator so that it is never 0.",
          .minimum = 0,
          .maximum = 1};
}

SettingSpec momentum() {
  return {.name = "momentum",
          .kind = SettingKind::Real,
          .fallback = 0.0,
          .help = "How much of the last step is kept: smooths and speeds up.",
          .minimum = 0,
          .maximum = 1};
}

SettingSpec betas() {
  return {.name = "betas",
          .kind = SettingKind::Reals,
          .fallback = Reals{0.9, 0.999},
          .help = "Decay of the running means of the gradient and of its square.",
          .minimum = 0,
          .maximum = 0.999999999,
          .length = 2};
}

SettingSpec amsgrad() {
  return {.name = "amsgrad",
          .kind = SettingKind::Boolean,
          .fallback = false,
          .help = "Keep the largest running mean of squares, so that steps never grow again."};
}

int adam_state(const Settings& settings) {
  return settings.flag("amsgrad") ? 3 : 2;
}

int two_numbers(const Settings&) {
  return 2;
}

}  // namespace

const std::vector<SettingSpec>& recipe_specs() {
  static const std::vector<SettingSpec> specs = {
      {.name = "epochs",
       .kind = SettingKind::Integer,
       .fallback = std::int64_t{5},
       .help = "How many times training sees every sample.",
       .minimum = 1,
       .maximum = 1e6},
      {.name = "batch_size",
       .kind = SettingKind::Integer,
       .fallback = std::int64_t{64},
       .help = "Samples per step.",
       .minimum = 1,
       .maximum = 1e6},
      {.name = "seed",
       .kind = SettingKind::Integer,
       .fallback = std::int64_t{1},
       .help = "The same seed gives the same run.",
       .minimum = 0,
       .maximum = 2147483647},
      {.name = "l1",
       .kind = SettingKind::Real,
       .fallback = 0.0,
       .help = "λ of L = L₀ + λ·Σ|w|: drives weights to exactly 0.",
       .minimum = 0,
       .maximum = 1000},
      {.name = "l2",
       .kind = SettingKind::Real,
       .fallback = 0.0,
       .help = "λ of L = L₀ + λ·Σw²: keeps weights small.",
       .minimum = 0,
       .maximum = 1000},
      {.name = "clip_norm",
       .kind = SettingKind::Real,
       .fallback = 0.0,
       .help = "The largest 2-norm that all gradients together may have; 0: any.",
       .minimum = 0,
       .maximum = 1e9},
      {.name = "clip_value",
       .kind = SettingKind::Real,
       .fallback = 0.0,
       .help = "The largest size that a gradient may have; 0: any.",
       .minimum = 0,
       .maximum = 1e9},
      {.name = "accumulate",
       .kind = SettingKind::Integer,
       .fallback = std::int64_t{1},
       .help = "Batches whose gradients make one optimiser step together: a larger batch in less memory.",
       .minimum = 1,
       .maximum = 10000},
      {.name = "ema_decay",
       .kind = SettingKind::Real,
       .fallback = 0.0,
       .help = "Tests and keeps an exponential moving average of the weights (0.999); 0: the weights themselves.",
       .minimum = 0,
       .maximum = 0.999999},
      {.name = "patience",
       .kind = SettingKind::Integer,
       .fallback = std::int64_t{0},
       .help = "Stops when so many epochs in a row haven't been better than the best; 0: never.",
       .minimum = 0,
       .maximum = 1e6},
      {.name = "best_by",
       .kind = SettingKind::Choice,
       .fallback = std::string("metric"),
       .help = "Which epoch is the best: by the task's metric (accuracy, …) or by the loss.",
       .choices = {"metric", "loss"}},
      {.name = "initialisation",
       .kind = SettingKind::Choice,
       .fallback = std::string("default"),
       .help =
           "How weights begin where a layer doesn't say otherwise; default: as PyTorch has it; normal: N(0, 0.02²); "
           "constant: 0.01 each.",
       .choices = {"default", "xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal", "orthogonal",
                   "normal", "constant"}},
      {.name = "mixed_precision",
       .kind = SettingKind::Boolean,
       .fallback = false,
       .help = "Computes in bfloat16 where that is safe and the device is made for it (GPUs since 2020)."},
  };
  return specs;
}

const std::vector<OptimiserSpec>& optimiser_specs() {
  static const std::vector<OptimiserSpec> specs = {
      {.type = "SGD",
       .summary = "Stochastic gradient descent, with momentum where set.",
       .settings = {rate(0.01),
                    momentum(),
                    {.name = "dampening",
                     .kind = SettingKind::Real,
                     .fallback = 0.0,
                     .help = "How much of the gradient momentum leaves out.",
                     .minimum = 0,
                     .maximum = 1},
                    weight_decay(0.0),
                    {.name = "nesterov",
                     .kind = SettingKind::Boolean,
                     .fallback = false,
                     .help = "Look ahead along the momentum (needs momentum above 0 and dampening 0)."}},
       .state_per_weight = [](const Settings& s) { return s.real("momentum") > 0 ? 1 : 0; }},
      {.type = "Adam",
       .summary = "Steps scaled by running means of the gradient and of its square.",
       .settings = {rate(0.001), betas(), epsilon(), weight_decay(0.0), amsgrad()},
       .state_per_weight = adam_state},
      {.type = "AdamW",
       .summary = "Adam with weight decay apart from the gradient.",
       .settings = {rate(0.001), betas(), epsilon(), weight_decay(0.01), amsgrad()},
       .state_per_weight = adam_state},
      {.type = "RMSprop",
       .summary = "Steps divided by the running mean of the gradient's size.",
       .settings = {rate(0.01),
                    {.name = "alpha",
                     .kind = SettingKind::Real,
                     .fallback = 0.99,
                     .help = "Decay of the running mean of squares.",
                     .minimum = 0,
                     .maximum = 1},
                    epsilon(),
                    weight_decay(0.0),
                    momentum(),
                    {.name = "centered",
                     .kind = SettingKind::Boolean,
                     .fallback = false,
                     .help = "Divide by the estimated deviation instead of the mean of squares."}},
       .state_per_weight =
           [](const Settings& s) { return 1 + (s.real("momentum") > 0 ? 1 : 0) + (s.flag("centered") ? 1 : 0); }},
      {.type = "Adagrad",
       .summary = "Steps divided by the size of all gradients so far: rare features learn as well as common ones.",
       .settings = {rate(0.01),
                    {.name = "lr_decay",
                     .kind = SettingKind::Real,
                     .fallback = 0.0,
                     .help = "Step n is divided by 1 + (n − 1) · lr_decay.",
                     .minimum = 0,
                     .maximum = 1000},
                    weight_decay(0.0),
                    {.name = "initial_accumulator_value",
                     .kind = SettingKind::Real,
                     .fallback = 0.0,
                     .help = "What the sum of squares begins with: damps the first steps.",
                     .minimum = 0,
                     .maximum = 1e6},
                    epsilon(1e-10)},
       .state_per_weight = [](const Settings&) { return 1; }},
      {.type = "NAdam",
       .summary = "Adam that looks ahead along the momentum, as Nesterov does.",
       .settings = {rate(0.002),
                    betas(),
                    epsilon(),
                    weight_decay(0.0),
                    {.name = "momentum_decay",
                     .kind = SettingKind::Real,
                     .fallback = 0.004,
                     .help = "How fast the momentum rises to its full size.",
                     .minimum = 0,
                     .maximum = 1000}},
       .state_per_weight = two_numbers},
      {.type = "RAdam",
       .summary = "Adam that trusts the mean of squares only once it is sure of it: a warm-up of its own.",
       .settings = {rate(0.001), betas(), epsilon(), weight_decay(0.0)},
       .state_per_weight = two_numbers},
  };
  return specs;
}

const OptimiserSpec* find_optimiser_spec(std::string_view type) {
  const auto& specs = optimiser_specs();
  const auto it =
      std::find_if(specs.begin(), specs.end(), [&](const OptimiserSpec& spec) { return spec.type == type; });
  return it == specs.end() ? nullptr : &*it;
}

}  // namespace netwright
