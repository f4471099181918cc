#include "backend/engine/segmentation.h"

#include <array>

#include "backend/data/image_fit.h"
#include "backend/engine/sample_files.h"
#include "backend/graph/task_specs.h"

namespace netwright {

namespace {

constexpr std::int64_t shown_samples = 8;

/// Ink for classes; the first, the background, stays dark.
constexpr std::array<std::array<std::uint8_t, 3>, 11> inks = {{{24, 26, 30},
                                                               {86, 156, 235},
                                                               {240, 160, 64},
                                                               {90, 200, 140},
                                                               {226, 92, 110},
                                                               {170, 130, 230},
                                                               {230, 210, 90},
                                                               {80, 200, 210},
                                                               {240, 140, 200},
                                                               {150, 170, 100},
                                                               {160, 160, 170}}};

/// H×W class numbers as a picture.
Array coloured(const torch::Tensor& classes) {
  const torch::Tensor mask = classes.to(torch::kCPU, torch::kInt64).contiguous();
  const std::int64_t pixels = mask.numel();
  Array picture = make_array(ElementType::UInt8, {3, mask.size(0), mask.size(1)});
  for (std::int64_t i = 0; i < pixels; ++i) {
    const auto ink = static_cast<std::size_t>(mask.data_ptr<std::int64_t>()[i]);
    const auto& colour = inks[ink == 0 ? 0 : 1 + (ink - 1) % (inks.size() - 1)];
    for (std::int64_t channel = 0; channel < 3; ++channel) {
      picture.as<std::uint8_t>()[channel * pixels + i] = colour[static_cast<std::size_t>(channel)];
    }
  }
  return picture;
}

}  // namespace

Result<std::unique_ptr<Task>> Segmentation::create(const TaskContext& context) {
  auto parts = prepare(context);
  if (!parts) return parts.error();
  const Settings settings = completed(find_task_spec("Segmentation")->settings, context.project.recipe.task_settings);
  torch::Tensor weights = class_weights_of(settings, context.dataset, context.device);
  const OutputForm form = output_form_of(parts->network);
  return std::unique_ptr<Task>(
      new Segmentation(std::move(*parts), context, class_loss_of(settings, form, std::move(weights))));
}

// Of each true class: how many of its pixels were taken for each class.
Segmentation::Segmentation(Parts parts, const TaskContext& context, ClassLoss loss)
    : SingleNetworkTask(std::move(parts), context,
                        static_cast<std::int64_t>(context.dataset.classes.size() * context.dataset.classes.size())),
      loss_(std::move(loss)),
      figures_({{"loss", "Loss", "Loss", false, "lower"},
                {"miou", "Mean IoU", "Overlap", true, "higher"},
                {"accuracy", "Accuracy of pixels", "Overlap", true, "higher"}}),
      classes_(static_cast<std::int64_t>(context.dataset.classes.size())) {}

SingleNetworkTask::Outcome Segmentation::run(const Batch& batch, bool /*is_training*/) {
  const torch::Tensor output = module().forward(batch.inputs);
  Outcome outcome{loss_(output, batch.targets)};
  const torch::NoGradGuard no_grad;
  const torch::Tensor pairs = (batch.targets * classes_ + output.argmax(1)).flatten();
  outcome.measured = torch::bincount(pairs, {}, classes_ * classes_).to(torch::kFloat64);
  return outcome;
}

FigureValues Segmentation::figures_of(const Sums& sums) const {
  const auto count = [&](std::int64_t truth, std::int64_t predicted) {
    return sums[2 + static_cast<std::size_t>(truth * classes_ + predicted)];
  };
  double right = 0;
  double pixels = 0;
  double overlaps = 0;
  int occurring = 0;
  for (std::int64_t c = 0; c < classes_; ++c) {
    double true_pixels = 0;
    double predicted_pixels = 0;
    for (std::int64_t other = 0; other < classes_; ++other) {
      true_pixels += count(c, other);
      predicted_pixels += count(other, c);
    }
    right += count(c, c);
    pixels += true_pixels;
    const double together = true_pixels + predicted_pixels - count(c, c);
    if (together == 0) continue;
    overlaps += count(c, c) / together;
    ++occurring;
  }
  return {{"loss", sums[1] / sums[0]}, {"miou", overlaps / occurring}, {"accuracy", right / pixels}};
}

std::optional<Confusion> Segmentation::confusion() const {
  const Sums sums = test_sums();
  Confusion rows;
  for (std::int64_t row = 0; row < classes_; ++row) {
    auto& counts = rows.emplace_back();
    for (std::int64_t column = 0; column < classes_; ++column) {
      counts.push_back(static_cast<std::int64_t>(sums[2 + static_cast<std::size_t>(row * classes_ + column)]));
    }
  }
  return rows;
}

std::vector<Event> Segmentation::show_samples(const SamplePlace& place) {
  if (place.step == 0 || !are_pictures(dataset())) return {};
  const auto samples = some_samples(shown_samples);
  if (!samples) return {};
  const torch::NoGradGuard no_grad;
  const Learner::Averaged averaged(learner());
  module().eval();
  const torch::Tensor predicted = module().forward(samples->inputs).argmax(1);
  std::vector<Array> pictures;
  const std::int64_t count = samples->size();
  for (std::int64_t i = 0; i < count; ++i) {
    // In colour, so that they stand in one grid with the masks.
    const Array picture = picture_of(samples->inputs[i], dataset(), dataset().train.inputs.type);
    pictures.push_back(with_channels(picture, 3));
  }
  for (std::int64_t i = 0; i < count; ++i) pictures.push_back(coloured(samples->targets[i]));
  for (std::int64_t i = 0; i < count; ++i) pictures.push_back(coloured(predicted[i]));
  return {write_sample(place, "masks", pictures, static_cast<int>(count))};
}

}  // namespace netwright
