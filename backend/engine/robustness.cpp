#include "backend/engine/robustness.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "backend/data/normalisation.h"
#include "backend/engine/sample_files.h"

namespace netwright {

namespace {

constexpr std::int64_t robustness_batch = 100;
constexpr std::uint64_t disturbing_seed = 0x64697374;

/// `values` along the axis of the normalisation, to be broadcast over a batch of `dimensions` dimensions.
torch::Tensor along_normalised_axis(const std::vector<float>& values, const Normalisation& normalisation,
                                    std::int64_t dimensions, torch::Device device) {
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(dimensions), 1);
  if (values.size() > 1) sizes.at(static_cast<std::size_t>(normalisation.axis) + 1) = -1;
  return torch::tensor(values, torch::kFloat32).view(sizes).to(device);
}

double mean_of(const std::vector<float>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// One measurement of a task over the same samples, again and again.
class Disturber {
 public:
  Disturber(Task& task, const Dataset& dataset, const RobustnessOptions& options,
            std::unique_ptr<BatchProducer> batches)
      : task_(task),
        normalisation_(dataset.normalisation),
        is_bytes_(dataset.train.inputs.type == ElementType::UInt8),
        options_(options),
        batches_(std::move(batches)),
        figure_(task.main_figure()) {}

  std::int64_t samples() const { return batches_->samples(); }
  bool is_bytes() const { return is_bytes_; }

  using Disturb = std::function<torch::Tensor(const Batch& batch)>;

  /// The figure where the network sees what `disturb` makes of the inputs.
  double figure_of(const Disturb& disturb) {
    task_.clear_test_sums();
    batches_->begin(1);
    while (const auto batch = batches_->next()) {
      Batch seen = *batch;
      seen.undisturbed = batch->inputs;
      seen.inputs = within_range(disturb(*batch));
      task_.evaluate(seen);
    }
    const FigureValues values = task_.figures_of(task_.test_sums());
    task_.clear_test_sums();
    const auto found = values.find(figure_);
    return found == values.end() ? std::nan("") : found->second;
  }

  double undisturbed() {
    return figure_of([](const Batch& batch) { return batch.inputs; });
  }

  /// Of all values of the normalised inputs.
  double input_deviation() {
    double count = 0;
    double sum = 0;
    double squares = 0;
    batches_->begin(1);
    while (const auto batch = batches_->next()) {
      const torch::Tensor values = batch->inputs.to(torch::kFloat64);
      count += static_cast<double>(values.numel());
      sum += values.sum().item<double>();
      squares += values.square().sum().item<double>();
    }
    const double mean = sum / count;
    return std::sqrt(std::max(0.0, squares / count - mean * mean));
  }

  double with_noise(double deviation) {
    // The same draws at every level: what differs is their size alone.
    auto generator = at::detail::createCPUGenerator(disturbing_seed);
    return figure_of([&](const Batch& batch) {
      const torch::Tensor noise = torch::randn(batch.inputs.sizes(), generator).to(batch.inputs.device());
      return batch.inputs + deviation * noise;
    });
  }

  double with_blur(double deviation) {
    return figure_of([&](const Batch& batch) { return blurred(batch.inputs, deviation); });
  }

  /// `step`: ε in normalised units, one for all or one for each place along the normalised axis. Nothing where the task
  /// has no gradient.
  std::optional<double> with_gradient_step(const std::vector<float>& step) {
    bool has_gradient = true;
    const double figure = figure_of([&](const Batch& batch) {
      const std::optional<torch::Tensor> gradient = has_gradient ? task_.input_gradient(batch) : std::nullopt;
      has_gradient = gradient.has_value();
      if (!gradient) return batch.inputs;
      return fast_gradient_step(batch.inputs, *gradient,
                                along_normalised_axis(step, normalisation_, batch.inputs.dim(), batch.inputs.device()));
    });
    return has_gradient ? std::optional(figure) : std::nullopt;
  }

 private:
  torch::Tensor within_range(const torch::Tensor& inputs) const {
    if (!is_bytes_) return inputs;
    const auto bound = [&](double light) {
      std::vector<float> values;
      for (std::size_t i = 0; i < std::max(normalisation_.mean.size(), normalisation_.deviation.size()); ++i) {
        const float mean = normalisation_.mean[normalisation_.mean.size() > 1 ? i : 0];
        const float deviation = normalisation_.deviation[normalisation_.deviation.size() > 1 ? i : 0];
        values.push_back((static_cast<float>(light) - mean) / deviation);
      }
      return along_normalised_axis(values, normalisation_, inputs.dim(), inputs.device());
    };
    return torch::minimum(torch::maximum(inputs, bound(0)), bound(byte_range * normalisation_.scale));
  }

  Task& task_;
  const Normalisation& normalisation_;
  bool is_bytes_;
  const RobustnessOptions& options_;
  std::unique_ptr<BatchProducer> batches_;
  std::string figure_;
};

/// What one normalised unit is in the data's own; nothing where features have different ones. Of colours the mean.
std::optional<double> raw_per_unit(const Dataset& dataset) {
  const Normalisation& n = dataset.normalisation;
  const bool is_colour = are_pictures(dataset);
  if (n.deviation.size() != 1 && !is_colour) return std::nullopt;
  return mean_of(n.deviation) / n.scale;
}

std::string raw_unit_of(const Dataset& dataset) {
  if (!raw_per_unit(dataset)) return {};
  return dataset.train.inputs.type == ElementType::UInt8 ? "of 255" : "in the data's own units";
}

/// A curve whose first point is the undisturbed one; what `measure` throws becomes words.
template <class Measure>
RobustnessCurve measured_curve(RobustnessCurve curve, double undisturbed, const Measure& measure) {
  curve.points.push_back({0, curve.raw_unit.empty() ? std::nullopt : std::optional(0.0), undisturbed});
  try {
    measure(curve);
  } catch (const c10::Error& error) {
    const std::string words = error.what_without_backtrace();
    curve.missing = "LibTorch couldn't compute it: " + words.substr(0, words.find('\n'));
  }
  if (!curve.missing.empty()) curve.points.clear();
  return curve;
}

}  // namespace

torch::Tensor blurred(const torch::Tensor& images, double deviation) {
  if (deviation <= 0) return images;
  const auto radius = static_cast<std::int64_t>(4 * deviation + 0.5);
  const torch::Tensor at = torch::arange(-radius, radius + 1, torch::kFloat64);
  torch::Tensor window = torch::exp(-at.square() / (2 * deviation * deviation));
  window = (window / window.sum()).to(images.options());
  const std::int64_t channels = images.size(1);
  const auto repeated = [&](std::vector<std::int64_t> sizes) {
    return window.view(sizes).expand({channels, 1, sizes[2], sizes[3]}).contiguous();
  };
  namespace functional = torch::nn::functional;
  const torch::Tensor padded = functional::pad(
      images.contiguous(), functional::PadFuncOptions({radius, radius, radius, radius}).mode(torch::kReplicate));
  const std::int64_t size = 2 * radius + 1;
  const auto each_channel = functional::Conv2dFuncOptions().groups(channels);
  const torch::Tensor across = functional::conv2d(padded, repeated({1, 1, 1, size}), each_channel);
  return functional::conv2d(across, repeated({1, 1, size, 1}), each_channel);
}

torch::Tensor fast_gradient_step(const torch::Tensor& inputs, const torch::Tensor& gradient,
                                 const torch::Tensor& step) {
  return inputs + step * gradient.sign();
}

ReportedRobustness measure_robustness(Task& task, const Dataset& dataset, const Split& split,
                                      const RobustnessOptions& options,
                                      const std::function<void(const std::string&)>& tell) {
  ReportedRobustness found{.figure = task.main_figure()};
  found.missing = task.robustness_obstacle();
  if (!found.missing.empty()) return found;
  if (dataset.train.inputs.type == ElementType::Int64) {
    found.missing =
        "The inputs are words, numbers of a list: neither noise nor a small step along a gradient has a meaning there.";
    return found;
  }
  auto batches = BatchProducer::create(split, dataset,
                                       {.batch_size = robustness_batch,
                                        .shuffle = false,
                                        .seed = options.seed,
                                        .limit = options.samples,
                                        .channels_last = options.channels_last,
                                        .device = options.device});
  if (!batches) {
    found.missing = batches.error().message;
    return found;
  }
  const auto say = [&](const std::string& what) {
    if (tell) tell(what);
  };
  Disturber disturber(task, dataset, options, std::move(*batches));
  found.samples = disturber.samples();
  found.input_deviation = disturber.input_deviation();
  const double undisturbed = disturber.undisturbed();
  const std::optional<double> raw = raw_per_unit(dataset);
  const auto in_raw = [&](double normalised) { return raw ? std::optional(normalised * *raw) : std::nullopt; };
  if (disturber.is_bytes()) found.note = "Disturbed pictures are cut to what bytes can hold, 0 to 255.";

  found.curves.push_back(
      measured_curve({.kind = "noise", .unit = "in the inputs' own deviations", .raw_unit = raw_unit_of(dataset)},
                     undisturbed, [&](RobustnessCurve& curve) {
                       for (const double level : options.noise) {
                         say(fmt::format("Measuring under noise, {:g} of the inputs' deviation", level));
                         const double deviation = level * found.input_deviation;
                         curve.points.push_back({level, in_raw(deviation), disturber.with_noise(deviation)});
                       }
                     }));
  found.curves.push_back(
      measured_curve({.kind = "blur", .unit = "in pixels"}, undisturbed, [&](RobustnessCurve& curve) {
        if (!are_pictures(dataset)) {
          curve.missing = "Blur is for pictures.";
          return;
        }
        for (const double level : options.blur) {
          say(fmt::format("Measuring under blur, {:g} pixels", level));
          curve.points.push_back({level, std::nullopt, disturber.with_blur(level)});
        }
      }));
  found.curves.push_back(measured_curve(
      {.kind = "fgsm", .unit = "in normalised units", .raw_unit = raw_unit_of(dataset)}, undisturbed,
      [&](RobustnessCurve& curve) {
        const std::vector<float>& deviations = dataset.normalisation.deviation;
        for (const double level : disturber.is_bytes() ? options.byte_steps : options.real_steps) {
          say(fmt::format("Measuring under the FGSM attack, {:g}{}", level,
                          disturber.is_bytes() ? " of 255" : " of the inputs' deviation"));
          std::vector<float> steps;
          if (disturber.is_bytes()) {
            // The same step of light in every colour.
            for (const float deviation : deviations) {
              steps.push_back(static_cast<float>(level * dataset.normalisation.scale) / deviation);
            }
          } else {
            steps.push_back(static_cast<float>(level * found.input_deviation));
          }
          const std::optional<double> figure = disturber.with_gradient_step(steps);
          if (!figure) {
            curve.missing = "The task gives no gradient of its inputs.";
            return;
          }
          const double size = mean_of(steps);
          curve.points.push_back({size, disturber.is_bytes() ? std::optional(level) : in_raw(size), *figure});
        }
      }));
  return found;
}

}  // namespace netwright
