#pragma once
// Events as an engine writes them for each family of task.

#include <cmath>
#include <vector>

#include "backend/run/event.h"

namespace netwright {

/// Loss and accuracy, 100 steps an epoch.
inline RunEvent classification_run() {
  RunEvent run;
  run.name = "cnn";
  run.started = "2026-05-01T10:00:00Z";
  run.task = "Classification";
  run.epochs = 4;
  run.steps_per_epoch = 100;
  run.train_samples = 6400;
  run.test_samples = 1000;
  run.classes = {"a", "b"};
  run.figures = {{"loss", "Loss", "Loss", false, "lower"}, {"accuracy", "Accuracy", "Accuracy", true, "higher"}};
  run.main_figure = "accuracy";
  return run;
}

inline RunEvent adversarial_run() {
  RunEvent run;
  run.name = "gan";
  run.started = "2026-05-01T11:00:00Z";
  run.task = "Adversarial";
  run.epochs = 4;
  run.steps_per_epoch = 100;
  run.train_samples = 6400;
  run.figures = {{"g_loss", "Generator", "Loss", false, ""},
                 {"d_loss", "Discriminator", "Loss", false, ""},
                 {"d_real", "D(real)", "Discriminator's verdict", true, ""},
                 {"d_fake", "D(fake)", "Discriminator's verdict", true, ""},
                 {"g_norm", "Generator", "Gradient norm", false, ""},
                 {"d_norm", "Discriminator", "Gradient norm", false, ""},
                 {"diversity", "Diversity", "Diversity", false, ""},
                 {"frechet", "Fréchet distance", "Fréchet distance", false, "lower"}};
  run.main_figure = "frechet";
  return run;
}

inline StepEvent step_of(const RunEvent& run, int number, FigureValues figures, double rate = 0.001) {
  StepEvent step;
  step.step = number;
  step.epoch = static_cast<double>(number) / static_cast<double>(run.steps_per_epoch);
  step.figures = std::move(figures);
  step.learning_rate = rate;
  step.samples_per_second = 12000;
  step.elapsed = number * 0.1;
  return step;
}

/// Two epochs of a classifier that learns.
inline std::vector<Event> classification_events() {
  const RunEvent run = classification_run();
  std::vector<Event> events{run};
  for (int i = 1; i <= 200; ++i) {
    events.emplace_back(step_of(run, i, {{"loss", 2.3 * std::exp(-i / 80.0)}, {"accuracy", 1 - std::exp(-i / 80.0)}}));
    if (i % 100 != 0) continue;
    EpochEvent epoch;
    epoch.epoch = i / 100;
    epoch.step = i;
    epoch.train = {{"loss", 2 * std::exp(-i / 80.0)}, {"accuracy", 0.9 - std::exp(-i / 80.0)}};
    epoch.held_out = {{"loss", 2.1 * std::exp(-i / 80.0)}, {"accuracy", 0.85 - std::exp(-i / 80.0)}};
    events.emplace_back(epoch);
  }
  return events;
}

/// Two epochs of a generator and a discriminator, with what is measured once an epoch.
inline std::vector<Event> adversarial_events() {
  const RunEvent run = adversarial_run();
  std::vector<Event> events{run};
  for (int i = 1; i <= 200; ++i) {
    const double wave = std::sin(i / 9.0);
    events.emplace_back(step_of(run, i,
                                {{"g_loss", 1 + 0.2 * wave},
                                 {"d_loss", 0.6 - 0.1 * wave},
                                 {"d_real", 0.7 + 0.1 * wave},
                                 {"d_fake", 0.3 - 0.1 * wave},
                                 {"g_norm", 2 + wave},
                                 {"d_norm", 3 - wave},
                                 {"diversity", 0.8}}));
    if (i % 100 != 0) continue;
    EpochEvent epoch;
    epoch.epoch = i / 100;
    epoch.step = i;
    epoch.train = {{"g_loss", 1.0}, {"d_loss", 0.6}};
    epoch.held_out = {{"frechet", 100.0 / i}};
    events.emplace_back(epoch);
  }
  return events;
}

}  // namespace netwright
