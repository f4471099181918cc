#include "designer/training/compare_charts.h"

#include <QLocale>
#include <algorithm>
#include <cmath>

#include "designer/training/figure_words.h"
#include "designer/training/live_chart.h"

namespace netwright {
namespace {

constexpr double minute = 60;
constexpr double hour = 3600;
constexpr double most_of_a_unit = 3;  // 180 s, 180 min

const Curve* compared_curve(const RunRecord& record, const FigureSpec& figure, Curve FigureCurves::*split) {
  if (figure.name.empty()) return split == &FigureCurves::steps ? &record.learning_rates : nullptr;
  const auto found = record.curves.find(figure.name);
  return found == record.curves.end() ? nullptr : &(found->second.*split);
}

bool has_points(const RunRecord& record, const FigureSpec& figure, Curve FigureCurves::*split) {
  const Curve* curve = compared_curve(record, figure, split);
  return curve && curve->size() > 0;
}

/// The curve of a run in training: some figures are only known at an epoch's end.
Curve FigureCurves::*training_split(const RunRecord& record, const FigureSpec& figure) {
  const bool is_by_epoch =
      !has_points(record, figure, &FigureCurves::steps) && has_points(record, figure, &FigureCurves::train);
  return is_by_epoch ? &FigureCurves::train : &FigureCurves::steps;
}

/// What the split is called by which all of the runs are judged.
QString held_out_of(const std::vector<ComparedCurves>& runs) {
  QStringList words;
  for (const ComparedCurves& run : runs) words << held_out_words(*run.record);
  words.removeDuplicates();
  return words.size() == 1 ? words.first() : CompareCharts::tr("held out");
}

bool measures(const RunRecord& record, const FigureSpec& figure) {
  return std::any_of(record.figures.begin(), record.figures.end(), [&](const FigureSpec& other) {
    return other.name == figure.name && other.is_share == figure.is_share;
  });
}

bool is_measured_by_all(const std::vector<ComparedCurves>& runs, const FigureSpec& figure) {
  return std::all_of(runs.begin(), runs.end(), [&](const ComparedCurves& run) {
    // A run that ended before it measured anything forbids nothing.
    return run.record->figures.empty() || measures(*run.record, figure);
  });
}

/// Several figures of one title are told apart by their charts.
QString title_of_figure(const RunRecord& record, const FigureSpec& figure) {
  const auto is_same = [&](const FigureSpec& other) { return other.title == figure.title; };
  const bool is_alone = std::count_if(record.figures.begin(), record.figures.end(), is_same) == 1;
  const QString title = QString::fromStdString(figure.title);
  return is_alone ? title : QStringLiteral("%1: %2").arg(QString::fromStdString(figure.chart), title);
}

}  // namespace

CompareCharts::CompareCharts(QWidget* parent) : ChartGrid(QStringLiteral("compare."), parent) {
  setObjectName(QStringLiteral("compare.charts"));
}

void CompareCharts::show_runs(std::vector<ComparedCurves> runs) {
  runs_ = std::move(runs);
  rebuild();
}

std::vector<CompareCharts::Plan> CompareCharts::plans() const {
  std::vector<Plan> plans;
  QStringList titles;
  for (const ComparedCurves& run : runs_) {
    for (const FigureSpec& figure : run.record->figures) {
      const QString title = title_of_figure(*run.record, figure);
      const bool is_planned =
          std::any_of(plans.begin(), plans.end(), [&](const Plan& plan) { return plan.figure.name == figure.name; });
      if (is_planned || titles.contains(title) || !is_measured_by_all(runs_, figure)) continue;
      titles << title;
      plans.push_back({title, figure});
    }
  }
  const bool has_rates = std::any_of(runs_.begin(), runs_.end(),
                                     [](const ComparedCurves& run) { return run.record->has_changing_rate(); });
  if (has_rates) plans.push_back({tr("Learning rate"), {}});
  return plans;
}

QString CompareCharts::left_out() const {
  QStringList words;
  for (const ComparedCurves& run : runs_) {
    for (const FigureSpec& figure : run.record->figures) {
      if (!is_measured_by_all(runs_, figure)) words << title_of_figure(*run.record, figure);
    }
  }
  words.removeDuplicates();
  return words.join(QStringLiteral(", "));
}

void CompareCharts::follow() {
  std::vector<Plan> before;
  bool are_split_so = true;
  for (const Entry& entry : entries_) {
    before.push_back(entry.plan);
    for (const Source& source : entry.sources) {
      const RunRecord& record = *runs_[source.run].record;
      are_split_so = are_split_so && (source.split == &FigureCurves::held_out ||
                                      source.split == training_split(record, entry.plan.figure));
    }
  }
  const bool is_in_unit = axis_ != TimeAxis::Elapsed || time_unit() == unit_;
  if (plans() != before || !is_in_unit || !are_split_so) {
    rebuild();
    return;
  }
  for (Entry& entry : entries_) add_new_points(entry);
}

void CompareCharts::rebuild() {
  for (const Entry& entry : entries_) remove_chart(entry.plan.title);
  entries_.clear();
  unit_ = time_unit();
  QStringList titles;
  QStringList judged;
  for (const Plan& plan : plans()) {
    entries_.push_back(make_entry(plan));
    add_new_points(entries_.back());
    titles << plan.title;
    const bool is_judge = std::any_of(runs_.begin(), runs_.end(), [&](const ComparedCurves& run) {
      const FigureSpec* main = run.record->main_figure();
      return main && main->name == plan.figure.name;
    });
    if (is_judge) judged << plan.title;
  }
  // What the runs are judged by, then the first loss, then the others as they come.
  QStringList usual = titles;
  for (qsizetype i = judged.size() - 1; i >= 0; --i) usual.move(usual.indexOf(judged[i]), 0);
  set_order(titles, usual);
}

CompareCharts::Entry CompareCharts::make_entry(const Plan& plan) {
  Entry entry{plan, add_chart(plan.title, plan.title), {}};
  LiveChart& chart = *entry.chart;
  chart.set_values_within(true);
  chart.set_legend_spare(true);
  chart.set_smoothing(smoothing_);
  if (plan.figure.is_share) {
    chart.set_unit(QStringLiteral(" %"));
  } else {
    chart.set_log(is_log_y_);
  }
  const bool has_both = splits_ == ComparedSplits::Both && !plan.figure.name.empty();
  const QString what = has_both ? tr("  ·  training / %1").arg(held_out_of(runs_)) : QString();
  ChartAxis axis{is_log_x_, {}, {}};
  if (axis_ == TimeAxis::Step) {
    axis.words = [what](double x) { return tr("step %L1").arg(std::llround(x)) + what; };
  } else if (axis_ == TimeAxis::Epoch) {
    axis.words = [what](double x) { return tr("epoch %1").arg(x, 0, 'f', 2) + what; };
  } else {
    axis.words = [what, unit = unit_](double x) { return QString::fromStdString(duration_text(x * unit)) + what; };
    axis.unit = unit_ == hour ? tr(" h") : unit_ == minute ? tr(" min") : tr(" s");
  }
  chart.set_axis(std::move(axis));
  for (std::size_t run = 0; run < runs_.size(); ++run) add_run(entry, run);
  if (has_both) chart.add_key(held_out_of(runs_), MarkerShape::Disc);
  return entry;
}

void CompareCharts::add_run(Entry& entry, std::size_t number) {
  const ComparedCurves& run = runs_[number];
  const FigureSpec& figure = entry.plan.figure;
  const bool has_held_out = splits_ != ComparedSplits::Training && !figure.name.empty();
  const bool has_training = splits_ != ComparedSplits::HeldOut || figure.name.empty();
  CurveLook look{.name = run.title, .series = run.colour, .group = run.title, .row = static_cast<int>(number)};
  if (has_training) {
    const auto split = training_split(*run.record, figure);
    look.is_smoothable = split == &FigureCurves::steps;
    entry.sources.push_back({number, entry.chart->add_curve(look), split});
  }
  if (has_held_out) {
    look.is_smoothable = false;
    look.is_in_legend = !has_training;
    look.marker = MarkerShape::Disc;
    entry.sources.push_back({number, entry.chart->add_curve(look), &FigureCurves::held_out});
  }
}

void CompareCharts::add_new_points(Entry& entry) {
  const double scale = entry.plan.figure.is_share ? 100 : 1;
  for (Source& source : entry.sources) {
    const RunRecord& record = *runs_[source.run].record;
    const Curve* curve = compared_curve(record, entry.plan.figure, source.split);
    if (!curve) continue;
    const RunClock& clock = source.split == &FigureCurves::steps ? record.step_clock : record.epoch_clock;
    for (; source.taken < curve->size(); ++source.taken) {
      double x = clock.at(curve->x[source.taken], axis_, source.at);
      if (axis_ == TimeAxis::Elapsed) x /= unit_;
      if (is_log_x_) x = std::log10(x);
      if (std::isfinite(x)) entry.chart->append(source.curve, x, curve->y[source.taken] * scale);
    }
  }
}

double CompareCharts::time_unit() const {
  double longest = 0;
  for (const ComparedCurves& run : runs_) longest = std::max(longest, run.record->elapsed());
  return longest > most_of_a_unit * hour ? hour : longest > most_of_a_unit * minute ? minute : 1;
}

void CompareCharts::set_axis(TimeAxis axis) {
  if (axis == axis_) return;
  axis_ = axis;
  rebuild();
}

void CompareCharts::set_log_x(bool is_log) {
  if (is_log == is_log_x_) return;
  is_log_x_ = is_log;
  rebuild();
}

void CompareCharts::set_log_y(bool is_log) {
  is_log_y_ = is_log;
  for (const Entry& entry : entries_) {
    if (!entry.plan.figure.is_share) entry.chart->set_log(is_log);
  }
}

void CompareCharts::set_smoothing(double beta) {
  smoothing_ = beta;
  for (const Entry& entry : entries_) entry.chart->set_smoothing(beta);
}

void CompareCharts::set_splits(ComparedSplits splits) {
  if (splits == splits_) return;
  splits_ = splits;
  rebuild();
}

}  // namespace netwright
