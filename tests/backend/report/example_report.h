#pragma once

#include <cmath>

#include "backend/report/run_report.h"

namespace netwright {

/// A report with everything in it: three classes, of which one has a name that HTML could trip over.
inline RunReport example_report() {
  RunEvent run;
  run.name = "2026-05-01T10-00-00Z-cnn";
  run.started = "2026-05-01T10:00:00Z";
  run.task = "Classification";
  run.network = "cnn";
  run.device = "cpu";
  run.epochs = 4;
  run.train_samples = 6400;
  run.validation_samples = 500;
  run.test_samples = 100;
  run.classes = {"cat", "<b>dog & \"co\"</b>", "Vögel"};
  run.figures = {{"loss", "Loss", "Loss", false, "lower"}, {"accuracy", "Accuracy", "Accuracy", true, "higher"}};
  run.main_figure = "accuracy";
  run.environment = {{"threads", "2"}, {"host", "<script>alert(1)</script>"}};
  std::vector<Event> events = {run};
  for (int i = 1; i <= 400; ++i) {
    StepEvent step;
    step.step = i;
    step.epoch = i / 100.0;
    step.elapsed = i * 0.1;
    step.figures = {{"loss", 2.3 * std::exp(-i / 80.0) + 0.02 * std::sin(i * 1.7)},
                    {"accuracy", 1 - std::exp(-i / 80.0)}};
    events.emplace_back(step);
    if (i % 100 != 0) continue;
    EpochEvent epoch;
    epoch.epoch = i / 100;
    epoch.step = i;
    epoch.elapsed = i * 0.1;
    epoch.samples_per_second = 640;
    epoch.train = {{"loss", 2 * std::exp(-i / 80.0)}, {"accuracy", 0.95 - std::exp(-i / 80.0)}};
    epoch.held_out = {{"loss", 2.1 * std::exp(-i / 80.0)}, {"accuracy", 0.9 - std::exp(-i / 80.0)}};
    events.emplace_back(epoch);
  }
  MemoryEvent memory;
  memory.batch = 64;
  memory.peak_bytes = 50'000'000;
  memory.predicted_bytes = 48'000'000;
  events.emplace_back(memory);
  DoneEvent done;
  done.reason = "finished";
  done.test = {{"loss", 0.31}, {"accuracy", 0.88}};
  done.best_epoch = 4;
  done.epochs = 4;
  done.elapsed = 41;
  events.emplace_back(done);

  RunReport report = report_from_record(events);
  report.run.project = "My <project>";
  report.run.data = "Fashion-MNIST";
  report.run.made = "2026-05-01T11:00:00Z";
  report.run.checkpoint = "best";
  report.run.checkpoint_epoch = 4;
  report.run.split = "test";
  report.run.samples = 100;
  report.quality.confusion = {{30, 2, 1}, {3, 28, 4}, {0, 2, 30}};
  report.quality.scores = scores_of(report.quality.confusion);
  for (const std::string& name : report.quality.classes) {
    report.quality.rankings.push_back(
        {name, 0.97, 0.95, {{0, 0}, {0.1, 0.8}, {1, 1}}, {{0, 1}, {0.8, 0.9}, {1, 0.33}}});
  }
  report.quality.macro_auc = 0.97;
  report.quality.macro_average_precision = 0.95;
  report.complexity.networks = {{"cnn", 62006, 62006, 416520, 248024, 40000}};
  report.complexity.latency =
      MeasuredLatency{"cnn", "cpu", 2, 500, 0.21, 0.19, 0.3, {{1, 0.21, 4761}, {64, 3.1, 20645}}};
  report.robustness.figure = "accuracy";
  report.robustness.samples = 100;
  report.robustness.input_deviation = 1.0;
  report.robustness.curves = {
      {"noise", "in the inputs' own deviations", "of 255", {{0, 0.0, 0.88}, {0.5, 45.0, 0.6}, {1, 90.0, 0.3}}, ""},
      {"blur", "in pixels", "", {}, "Blur is for pictures."},
      {"fgsm", "in normalised units", "of 255", {{0, 0.0, 0.88}, {0.011, 1.0, 0.7}, {0.09, 8.0, 0.2}}, ""}};
  return report;
}

}  // namespace netwright
