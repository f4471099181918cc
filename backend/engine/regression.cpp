#include "backend/engine/regression.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "backend/engine/losses.h"
#include "backend/engine/sample_batch.h"
#include "backend/engine/sample_files.h"
#include "backend/graph/task_specs.h"

namespace netwright {

namespace {

constexpr std::int64_t shown_series = 8;
enum : std::size_t { Numbers = 2, AbsoluteErrors, SquaredErrors, Targets, SquaredTargets };
constexpr std::int64_t measured_count = 5;

torch::Tensor on_device(const std::vector<float>& values, torch::Device device) {
  return torch::tensor(values, torch::kFloat32).to(device);
}

std::vector<float> list_of(const torch::Tensor& values) {
  const torch::Tensor flat = values.to(torch::kCPU, torch::kFloat32).contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

}  // namespace

Result<std::unique_ptr<Task>> Regression::create(const TaskContext& context) {
  auto parts = prepare(context);
  if (!parts) return parts.error();
  const TaskSpec& spec = *find_task_spec(context.project.recipe.task);
  return std::unique_ptr<Task>(
      new Regression(std::move(*parts), context, completed(spec.settings, context.project.recipe.task_settings)));
}

Regression::Regression(Parts parts, const TaskContext& context, Settings settings)
    : SingleNetworkTask(std::move(parts), context, measured_count),
      settings_(std::move(settings)),
      figures_({{"loss", "Loss", "Loss", false, "lower"},
                {"mae", "MAE", "Error", false, "lower"},
                {"rmse", "RMSE", "Error", false, "lower"},
                {"r2", "R²", "R²", false, "higher"}}),
      is_forecast_(context.project.recipe.task == "Forecast"),
      mean_(on_device(context.dataset.target_normalisation.mean, context.device)),
      deviation_(on_device(context.dataset.target_normalisation.deviation, context.device)) {}

torch::Tensor Regression::in_units(const torch::Tensor& values) const {
  return values.detach().to(torch::kFloat32) * deviation_ + mean_;
}

SingleNetworkTask::Outcome Regression::run(const Batch& batch, bool /*is_training*/) {
  const torch::Tensor output = module().forward(batch.inputs, batch.lengths);
  Outcome outcome{number_loss(settings_, output, batch.targets)};
  const torch::NoGradGuard no_grad;
  const torch::Tensor targets = in_units(batch.targets);
  const torch::Tensor errors = in_units(output) - targets;
  const auto sum = [](const torch::Tensor& x) { return x.sum(torch::kFloat64); };
  outcome.measured =
      torch::stack({torch::full({}, static_cast<double>(targets.numel()), errors.options().dtype(torch::kFloat64)),
                    sum(errors.abs()), sum(errors.square()), sum(targets), sum(targets.square())});
  return outcome;
}

FigureValues Regression::figures_of(const Sums& sums) const {
  const double numbers = sums[Numbers];
  FigureValues values = {{"loss", sums[1] / sums[0]},
                         {"mae", sums[AbsoluteErrors] / numbers},
                         {"rmse", std::sqrt(sums[SquaredErrors] / numbers)}};
  const double spread = sums[SquaredTargets] - sums[Targets] * sums[Targets] / numbers;
  // Numbers that never differ have nothing to be explained.
  if (spread > 1e-9 * std::abs(sums[SquaredTargets])) values["r2"] = 1 - sums[SquaredErrors] / spread;
  return values;
}

std::vector<Event> Regression::show_samples(const SamplePlace& place) {
  if (!is_forecast_ || place.step == 0 || dataset().sample_shape.rank() != 2) return {};
  const auto samples = some_samples(shown_series);
  if (!samples) return {};
  const torch::NoGradGuard no_grad;
  const Learner::Averaged averaged(learner());
  module().eval();
  const torch::Tensor past = without_normalisation(samples->inputs, dataset().normalisation);
  const torch::Tensor forecast = in_units(module().forward(samples->inputs, samples->lengths));
  const torch::Tensor truth = in_units(samples->targets);
  nlohmann::ordered_json content = {{"series", nlohmann::ordered_json::array()}};
  for (std::int64_t i = 0; i < samples->size(); ++i) {
    // The first channel of each, which in a series that forecasts itself is the same one.
    const auto first_channel = [](const torch::Tensor& values) {
      return list_of(values.dim() == 2 ? values.select(1, 0) : values.narrow(0, 0, 1));
    };
    const auto& names = dataset().target_names;
    content["series"].push_back(
        {{"name", names.empty() ? fmt::format("window {}", i + 1) : fmt::format("{}, window {}", names.front(), i + 1)},
         {"past", first_channel(past[i])},
         {"truth", first_channel(truth[i])},
         {"forecast", first_channel(forecast[i])}});
  }
  return {write_sample(place, "forecast", content)};
}

}  // namespace netwright
