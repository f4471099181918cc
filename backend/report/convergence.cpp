#include "backend/report/convergence.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "backend/run/figure_text.h"

namespace netwright {

namespace {

constexpr double way_levels[] = {0.90, 0.95, 0.99};
constexpr std::size_t spike_reach = 10;  // to either side
constexpr double spike_score = 3.5;
constexpr double least_spike = 0.1;  // of the median: what nobody would see on the curve is no spike
constexpr double deviations_per_mad = 1.4826;
constexpr std::size_t least_for_tail = 5;
constexpr std::size_t least_for_trend = 5;
constexpr double sure_errors = 2;

/// y = at(0) + slope·x by least squares.
struct FittedLine {
  double slope = 0;
  double mean_y = 0;
  double deviation = 0;    ///< of what is left, n − 2 degrees of freedom
  double slope_error = 0;  ///< standard error
};

FittedLine fitted_line(const std::vector<double>& x, const std::vector<double>& y) {
  const auto n = static_cast<double>(x.size());
  const double mean_x = std::accumulate(x.begin(), x.end(), 0.0) / n;
  FittedLine line;
  line.mean_y = std::accumulate(y.begin(), y.end(), 0.0) / n;
  double xx = 0;
  double xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    xy += (x[i] - mean_x) * (y[i] - line.mean_y);
  }
  if (xx > 0) line.slope = xy / xx;
  double left = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double residual = y[i] - line.mean_y - line.slope * (x[i] - mean_x);
    left += residual * residual;
  }
  if (n > 2) line.deviation = std::sqrt(left / (n - 2));
  if (xx > 0) line.slope_error = line.deviation / std::sqrt(xx);
  return line;
}

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

std::optional<double> finite_value(const FigureValues& values, const std::string& name) {
  const auto found = values.find(name);
  if (found == values.end() || !std::isfinite(found->second)) return std::nullopt;
  return found->second;
}

struct RecordedEpochs {
  RunEvent run;
  std::vector<EpochEvent> epochs;
  std::vector<StepEvent> steps;
};

RecordedEpochs recorded(const std::vector<Event>& events) {
  RecordedEpochs record;
  for (const Event& event : events) {
    if (const auto* run = std::get_if<RunEvent>(&event)) record.run = *run;
    if (const auto* epoch = std::get_if<EpochEvent>(&event)) record.epochs.push_back(*epoch);
    if (const auto* step = std::get_if<StepEvent>(&event)) record.steps.push_back(*step);
  }
  return record;
}

Convergence convergence_in(const RecordedEpochs& record) {
  Convergence found;
  if (record.epochs.empty()) {
    found.missing = "The run ended before its first epoch was done.";
    return found;
  }
  found.epochs = record.epochs.back().epoch;
  found.best_epoch = found.epochs;
  found.best_seconds = record.epochs.back().elapsed;
  const FigureSpec* judged = find_figure(record.run.figures, record.run.main_figure);
  if (!judged || judged->better.empty()) {
    found.missing =
        "No figure chooses the best epoch of this run: the losses of networks that learn against each other don't say "
        "how good they are.";
    return found;
  }
  found.figure = judged->name;
  const bool is_higher = judged->better == "higher";
  const EpochEvent* first = nullptr;
  const EpochEvent* best = nullptr;
  for (const EpochEvent& epoch : record.epochs) {
    const auto value = finite_value(epoch.held_out, found.figure);
    if (!value) continue;
    if (!first) first = &epoch;
    const double before = best ? *finite_value(best->held_out, found.figure) : 0;
    if (!best || (is_higher ? *value > before : *value < before)) best = &epoch;
  }
  if (!first) {
    found.missing = "The record holds no finite " + figure_words(*judged) + " of held-out samples.";
    return found;
  }
  found.first_epoch = first->epoch;
  found.first = *finite_value(first->held_out, found.figure);
  found.best_epoch = best->epoch;
  found.best = *finite_value(best->held_out, found.figure);
  found.best_seconds = best->elapsed;
  found.epochs_since_best = found.epochs - found.best_epoch;
  if (best == first) {
    found.missing = record.epochs.size() == 1 ? "One epoch is no way to be measured along."
                                              : "The first epoch was the best: there is no way to measure along.";
    return found;
  }
  for (const double share : way_levels) {
    const double value = found.first + share * (found.best - found.first);
    for (const EpochEvent& epoch : record.epochs) {
      const auto here = finite_value(epoch.held_out, found.figure);
      if (!here || (is_higher ? *here < value : *here > value)) continue;
      found.levels.push_back({share, value, epoch.epoch, epoch.elapsed});
      break;
    }
  }
  return found;
}

std::optional<SeriesStability> stability_of(const std::string& figure, const std::vector<double>& epochs,
                                            const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  SeriesStability series{.figure = figure, .values = static_cast<int>(values.size())};
  series.highest = *std::max_element(values.begin(), values.end());
  series.spikes = spikes_of(epochs, values);
  // A third of the run's length, not of its events: they needn't lie evenly where it was stopped and went on.
  const double begin = epochs.back() * 2 / 3;
  const auto tail = std::upper_bound(epochs.begin(), epochs.end(), begin) - epochs.begin();
  const std::vector<double> tail_epochs(epochs.begin() + tail, epochs.end());
  const std::vector<double> tail_values(values.begin() + tail, values.end());
  series.tail_values = static_cast<int>(tail_values.size());
  if (tail_values.size() >= least_for_tail) {
    const FittedLine line = fitted_line(tail_epochs, tail_values);
    series.tail_mean = line.mean_y;
    series.tail_deviation = line.deviation;
    series.tail_slope = line.slope;
  }
  return series;
}

std::optional<SeriesStability> stability_in(const RecordedEpochs& record, const std::string& figure) {
  std::vector<double> epochs;
  std::vector<double> values;
  for (const StepEvent& step : record.steps) {
    const auto value = finite_value(step.figures, figure);
    if (!value) continue;
    epochs.push_back(step.epoch);
    values.push_back(*value);
  }
  return stability_of(figure, epochs, values);
}

std::optional<GeneralisationGap> gap_in(const RecordedEpochs& record, const FigureSpec& figure, int best_epoch) {
  const double sign = figure.better == "higher" ? -1 : 1;
  GeneralisationGap gap{.figure = figure.name};
  bool has_best = false;
  bool has_any = false;
  std::vector<double> late_epochs;
  std::vector<double> late_gaps;
  for (const EpochEvent& epoch : record.epochs) {
    const auto train = finite_value(epoch.train, figure.name);
    const auto held_out = finite_value(epoch.held_out, figure.name);
    if (!train || !held_out) continue;
    has_any = true;
    gap.last_train = *train;
    gap.last_held_out = *held_out;
    gap.last_gap = sign * (*held_out - *train);
    if (epoch.epoch == best_epoch) {
      has_best = true;
      gap.best_train = gap.last_train;
      gap.best_held_out = gap.last_held_out;
      gap.best_gap = gap.last_gap;
    }
    if (2 * epoch.epoch > record.epochs.back().epoch) {
      late_epochs.push_back(epoch.epoch);
      late_gaps.push_back(gap.last_gap);
    }
  }
  if (!has_any || !has_best) return std::nullopt;
  if (late_gaps.size() >= least_for_trend) {
    const FittedLine line = fitted_line(late_epochs, late_gaps);
    gap.slope = line.slope;
    const bool is_sure = std::abs(line.slope) > sure_errors * line.slope_error;
    gap.trend = !is_sure ? "steady" : line.slope > 0 ? "grows" : "shrinks";
  }
  return gap;
}

}  // namespace

bool is_gradient_norm(const FigureSpec& figure) {
  return figure.chart.starts_with("Gradient norm") || figure.title.starts_with("Gradient norm");
}

const FigureSpec& gradient_norm_figure() {
  static const FigureSpec figure = {"gradient_norm", "Gradient norm", "Gradient norm", false, ""};
  return figure;
}

GradientNorms gradient_norms_of(const std::vector<Event>& events) {
  GradientNorms norms;
  for (const Event& event : events) {
    const auto* layers = std::get_if<LayersEvent>(&event);
    if (!layers) continue;
    double squares = 0;
    bool has_any = false;
    for (const LayerFigures& layer : layers->layers) {
      const auto norm = finite_value(layer.values, "gradient_norm");
      if (!norm) continue;
      squares += *norm * *norm;
      has_any = true;
    }
    if (!has_any) continue;
    norms.epochs.push_back(layers->epoch);
    norms.values.push_back(std::sqrt(squares));
  }
  return norms;
}

std::vector<Spike> spikes_of(const std::vector<double>& epochs, const std::vector<double>& values) {
  std::vector<std::size_t> finite;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) finite.push_back(i);
  }
  std::vector<Spike> spikes;
  bool is_within = false;
  for (std::size_t i = spike_reach; i + spike_reach < finite.size(); ++i) {
    std::vector<double> around;
    for (std::size_t j = i - spike_reach; j <= i + spike_reach; ++j) around.push_back(values[finite[j]]);
    const double middle = median_of(around);
    const double value = values[finite[i]];
    for (double& other : around) other = std::abs(other - middle);
    const double deviation = deviations_per_mad * median_of(around);
    const double above = value - middle;
    const bool is_spike = above > spike_score * deviation && above > least_spike * std::abs(middle) && above > 0;
    if (is_spike) {
      const Spike spike{epochs[finite[i]], value, middle, deviation > 0 ? above / deviation : 0};
      if (!is_within) {
        spikes.push_back(spike);
      } else if (value > spikes.back().value) {
        spikes.back() = spike;
      }
    }
    is_within = is_spike;
  }
  return spikes;
}

RunDynamics dynamics_of(const std::vector<Event>& events) {
  const RecordedEpochs record = recorded(events);
  RunDynamics dynamics{.convergence = convergence_in(record)};
  for (const FigureSpec& figure : record.run.figures) {
    if (figure.chart != "Loss" && !is_gradient_norm(figure)) continue;
    if (auto series = stability_in(record, figure.name)) dynamics.stability.push_back(std::move(*series));
  }
  const bool has_own = std::any_of(record.run.figures.begin(), record.run.figures.end(), is_gradient_norm);
  if (!has_own) {
    const GradientNorms norms = gradient_norms_of(events);
    auto series = stability_of(gradient_norm_figure().name, norms.epochs, norms.values);
    if (series) dynamics.stability.push_back(std::move(*series));
  }
  for (const FigureSpec& figure : record.run.figures) {
    if (figure.better.empty()) continue;
    if (auto gap = gap_in(record, figure, dynamics.convergence.best_epoch)) dynamics.gaps.push_back(std::move(*gap));
  }
  return dynamics;
}

}  // namespace netwright
