#include "backend/report/run_report.h"

#include <algorithm>
#include <cmath>

#include "backend/run/figure_text.h"

namespace netwright {

namespace {

constexpr std::size_t drawn_points = 400;

PlotCurve drawn(const PlotCurve& curve) {
  return thinned_curve(curve, drawn_points);
}

void add_point(PlotCurve& curve, double x, const FigureValues& values, const std::string& name) {
  const auto value = values.find(name);
  if (value != values.end() && std::isfinite(value->second)) curve.push_back({x, value->second});
}

std::vector<FigureHistory> histories_of(const std::vector<Event>& events, const std::vector<FigureSpec>& figures) {
  std::vector<FigureHistory> histories;
  for (const FigureSpec& figure : figures) {
    FigureHistory history{.figure = figure.name};
    for (const Event& event : events) {
      if (const auto* step = std::get_if<StepEvent>(&event)) {
        add_point(history.steps, step->epoch, step->figures, figure.name);
      } else if (const auto* epoch = std::get_if<EpochEvent>(&event)) {
        add_point(history.train, epoch->epoch, epoch->train, figure.name);
        add_point(history.held_out, epoch->epoch, epoch->held_out, figure.name);
      }
    }
    if (history.steps.empty() && history.train.empty() && history.held_out.empty()) continue;
    history.steps = drawn(history.steps);
    history.train = drawn(history.train);
    history.held_out = drawn(history.held_out);
    histories.push_back(std::move(history));
  }
  return histories;
}

/// Where the run has no figure of its own for them.
void add_gradient_norms(const std::vector<Event>& events, RunReport& report) {
  std::vector<FigureSpec>& figures = report.quality.figures;
  if (std::any_of(figures.begin(), figures.end(), is_gradient_norm)) return;
  const GradientNorms norms = gradient_norms_of(events);
  if (norms.values.empty()) return;
  FigureHistory history{.figure = gradient_norm_figure().name};
  for (std::size_t i = 0; i < norms.values.size(); ++i) history.steps.push_back({norms.epochs[i], norms.values[i]});
  history.steps = drawn(history.steps);
  report.histories.push_back(std::move(history));
  figures.push_back(gradient_norm_figure());
}

void take_run(const RunEvent& event, RunReport& report) {
  ReportedRun& run = report.run;
  run.name = event.name;
  run.task = event.task;
  run.network = event.network;
  run.started = event.started;
  run.device = event.device;
  run.planned_epochs = event.epochs;
  run.train_samples = event.train_samples;
  run.validation_samples = event.validation_samples;
  run.test_samples = event.test_samples;
  run.limit_samples = event.limit_samples;
  run.environment = event.environment;
  report.quality.figures = event.figures;
  report.quality.main_figure = event.main_figure;
  report.quality.classes = event.classes;
}

}  // namespace

std::filesystem::path report_file_of(const std::filesystem::path& run_folder) {
  return run_folder / "report.json";
}

std::filesystem::path report_page_of(const std::filesystem::path& run_folder) {
  return run_folder / "report.html";
}

RunReport report_from_record(const std::vector<Event>& events) {
  RunReport report;
  report.run.ending = "unfinished";
  std::vector<double> speeds;
  for (const Event& event : events) {
    if (const auto* run = std::get_if<RunEvent>(&event)) {
      take_run(*run, report);
    } else if (const auto* epoch = std::get_if<EpochEvent>(&event)) {
      report.run.epochs = epoch->epoch;
      report.run.seconds = epoch->elapsed;
      report.quality.values = epoch->held_out;
      if (epoch->samples_per_second > 0) speeds.push_back(epoch->samples_per_second);
    } else if (const auto* memory = std::get_if<MemoryEvent>(&event)) {
      report.complexity.memory_batch = memory->batch;
      report.complexity.memory_peak_bytes = memory->peak_bytes;
      report.complexity.memory_predicted_bytes = memory->predicted_bytes;
    } else if (const auto* command = std::get_if<CommandEvent>(&event)) {
      if (command->command.setting == "epochs") report.run.planned_epochs = static_cast<int>(command->command.value);
    } else if (const auto* done = std::get_if<DoneEvent>(&event)) {
      report.run.ending = done->reason;
      report.run.message = done->message;
      report.run.seconds = done->elapsed;
      if (!done->test.empty()) report.quality.values = done->test;
    }
  }
  if (!speeds.empty()) {
    const auto middle = speeds.begin() + static_cast<std::ptrdiff_t>(speeds.size() / 2);
    std::nth_element(speeds.begin(), middle, speeds.end());
    report.complexity.training_samples_per_second = *middle;
  }
  report.dynamics = dynamics_of(events);
  report.histories = histories_of(events, report.quality.figures);
  add_gradient_norms(events, report);
  return report;
}

void take_rankings(const OneVsRest& curves, ReportedQuality& quality) {
  const auto plotted = [](const std::vector<ThresholdPoint>& points) {
    PlotCurve curve;
    for (const ThresholdPoint& point : thinned(points)) curve.push_back({point.x, point.y});
    return curve;
  };
  double precision = 0;
  for (std::size_t i = 0; i < curves.roc.size() && i < quality.classes.size(); ++i) {
    const auto& roc = curves.roc[i];
    const auto& recall = curves.precision_recall[i];
    if (!roc || !recall) continue;  // no sample is of it, or each one
    quality.rankings.push_back(
        {quality.classes[i], roc->auc, recall->average_precision, plotted(roc->points), plotted(recall->points)});
    precision += recall->average_precision;
  }
  quality.macro_auc = curves.macro_auc;
  if (!quality.rankings.empty()) {
    quality.macro_average_precision = precision / static_cast<double>(quality.rankings.size());
  }
}

FigureSpec figure_of(const RunReport& report, const std::string& name) {
  const FigureSpec* found = find_figure(report.quality.figures, name);
  return found ? *found : FigureSpec{.name = name, .title = name};
}

PlotCurve thinned_curve(const PlotCurve& curve, std::size_t count) {
  if (curve.size() <= count || count < 2) return curve;
  const std::size_t parts = std::max<std::size_t>(count / 2, 1);
  PlotCurve few;
  for (std::size_t part = 0; part < parts; ++part) {
    const auto begin = curve.begin() + static_cast<std::ptrdiff_t>(part * curve.size() / parts);
    const auto end = curve.begin() + static_cast<std::ptrdiff_t>((part + 1) * curve.size() / parts);
    if (begin == end) continue;
    auto [low, high] =
        std::minmax_element(begin, end, [](const PlotPoint& a, const PlotPoint& b) { return a.y < b.y; });
    if (high < low) std::swap(low, high);
    few.push_back(*low);
    if (high != low) few.push_back(*high);
  }
  // The ends are what a reader looks at first.
  if (few.front().x != curve.front().x) few.insert(few.begin(), curve.front());
  if (few.back().x != curve.back().x) few.push_back(curve.back());
  return few;
}

}  // namespace netwright
