#include "backend/engine/range_test.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "backend/core/utc.h"
#include "backend/engine/run_clock.h"
#include "backend/graph/recipe_specs.h"

namespace netwright {

namespace {

constexpr double blown_up = 4;

std::vector<double> smoothed(const std::vector<double>& losses) {
  const auto reach = static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, losses.size() / 20));
  const auto size = static_cast<std::ptrdiff_t>(losses.size());
  std::vector<double> means;
  for (std::ptrdiff_t i = 0; i < size; ++i) {
    const auto begin = std::max<std::ptrdiff_t>(0, i - reach);
    const auto end = std::min(size, i + reach + 1);
    double sum = 0;
    for (auto j = begin; j < end; ++j) sum += losses[static_cast<std::size_t>(j)];
    means.push_back(sum / static_cast<double>(end - begin));
  }
  return means;
}

class RangeTest {
 public:
  RangeTest(const std::function<void(const Event&)>& sink, CommandQueue& commands) : sink_(sink), commands_(commands) {}

  DoneEvent run(Task& task, BatchProducer& batches, const RateRange& range) {
    const double growth = std::pow(range.highest / range.lowest, 1.0 / static_cast<double>(range.steps - 1));
    double rate = range.lowest;
    int epoch = 0;
    for (std::int64_t step = 0; step < range.steps; ++step, rate *= growth) {
      if (was_stopped()) return done("stopped");
      std::optional<Batch> batch = batches.next();
      if (!batch) {
        batches.begin(++epoch);
        batch = batches.next();
      }
      task.set_learning_rate(rate);
      task.clear_training_sums();
      if (!task.step(*batch)) break;
      const FigureValues figures = task.figures_of(task.training_sums());
      const double loss = figures.at(task.figures().front().name);
      if (!std::isfinite(loss)) break;
      rates_.push_back(rate);
      losses_.push_back(loss);
      sink_(StepEvent{.step = step + 1,
                      .epoch = static_cast<double>(step + 1) / static_cast<double>(batches.batches()),
                      .figures = figures,
                      .learning_rate = rate,
                      .elapsed = clock_.elapsed()});
      if (loss > blown_up * *std::min_element(losses_.begin(), losses_.end())) break;
    }
    return done("finished");
  }

  DoneEvent fail(const std::string& why) {
    DoneEvent event{.reason = "failed", .message = why, .elapsed = clock_.elapsed()};
    sink_(event);
    return event;
  }

 private:
  bool was_stopped() {
    while (const auto command = commands_.poll()) {
      const auto* known = std::get_if<Command>(&*command);
      if (known && known->kind == Command::Kind::Stop) return true;
    }
    return false;
  }

  DoneEvent done(const std::string& reason) {
    DoneEvent event{.reason = reason, .elapsed = clock_.elapsed()};
    if (const auto rate = suggested_rate(rates_, losses_)) {
      event.best = *rate;
      event.message = fmt::format("The loss falls fastest at a learning rate of about {:.2g}.", *rate);
    } else {
      event.message = "The loss doesn't fall at any of these learning rates; look at the network and its data.";
    }
    sink_(event);
    return event;
  }

  const std::function<void(const Event&)>& sink_;
  CommandQueue& commands_;
  RunClock clock_;
  std::vector<double> rates_;
  std::vector<double> losses_;
};

}  // namespace

std::optional<double> suggested_rate(const std::vector<double>& rates, const std::vector<double>& losses) {
  if (losses.size() < 3) return std::nullopt;
  const std::vector<double> curve = smoothed(losses);
  const auto least = static_cast<std::size_t>(std::min_element(curve.begin(), curve.end()) - curve.begin());
  std::size_t steepest = 0;
  double fall = 0;
  for (std::size_t i = 1; i <= least; ++i) {
    if (curve[i - 1] - curve[i] <= fall) continue;
    fall = curve[i - 1] - curve[i];
    steepest = i;
  }
  if (steepest == 0) return std::nullopt;
  return rates[steepest];
}

DoneEvent test_rates(const Project& drawn, const Network& network, const Dataset& dataset, torch::Device device,
                     const RateRange& range, const std::function<void(const Event&)>& sink, CommandQueue& commands) {
  RangeTest test(sink, commands);
  if (drawn.recipe.task == "Adversarial") {
    return test.fail("A generator's loss doesn't fall as it learns, so this test says nothing of it.");
  }
  Project project = drawn;
  project.recipe.schedule = {"Constant"};
  const Settings recipe = completed(recipe_specs(), project.recipe.settings);
  try {
    auto task = make_task({project, network, dataset, device, {}});
    if (!task) return test.fail(task.error().message);
    auto batches = BatchProducer::create(dataset.train, dataset,
                                         {.batch_size = recipe.integer("batch_size"),
                                          .seed = recipe.integer("seed"),
                                          .channels_last = (*task)->wants_channels_last(),
                                          .augmentation = project.data.preparation,
                                          .device = device});
    if (!batches) return test.fail(batches.error().message);
    (*batches)->begin(0);
    sink(RunEvent{.name = "range-test",
                  .started = utc_text(),
                  .task = project.recipe.task,
                  .network = network.name,
                  .device = device.str(),
                  .epochs = 1,
                  .steps_per_epoch = range.steps,
                  .train_samples = (*batches)->samples(),
                  .parameters = (*task)->parameters(),
                  .figures = (*task)->figures()});
    return test.run(**task, **batches, range);
  } catch (const c10::Error& error) {
    return test.fail(error.what_without_backtrace());
  }
}

}  // namespace netwright
