#include "designer/training/run_charts.h"

#include <algorithm>

#include "designer/training/figure_words.h"
#include "designer/training/live_chart.h"

namespace netwright {
namespace {

constexpr int series_count = 6;

const Curve* curve_of(const RunRecord& record, const std::string& figure, Curve FigureCurves::*split) {
  if (figure.empty()) return &record.learning_rates;
  const auto found = record.curves.find(figure);
  return found == record.curves.end() ? nullptr : &(found->second.*split);
}

/// A single figure that is called otherwise than its chart is named beside it.
QString heading_of(const ChartPlan& plan) {
  if (plan.figures.size() != 1) return plan.title;
  const QString figure = QString::fromStdString(plan.figures.front().title);
  return figure.compare(plan.title, Qt::CaseInsensitive) == 0 ? plan.title
                                                              : QStringLiteral("%1: %2").arg(plan.title, figure);
}

}  // namespace

bool ChartPlan::is_share() const {
  return !figures.empty() &&
         std::all_of(figures.begin(), figures.end(), [](const FigureSpec& figure) { return figure.is_share; });
}

std::vector<ChartPlan> charts_of(const RunRecord& record) {
  std::vector<ChartPlan> plans;
  for (const FigureSpec& figure : record.figures) {
    const QString title = QString::fromStdString(figure.chart.empty() ? figure.title : figure.chart);
    auto plan = std::find_if(plans.begin(), plans.end(), [&](const ChartPlan& other) { return other.title == title; });
    if (plan == plans.end()) plan = plans.insert(plans.end(), {title, {}, held_out_words(record)});
    plan->figures.push_back(figure);
  }
  if (record.has_changing_rate()) plans.push_back({RunCharts::tr("Learning rate"), {}});
  return plans;
}

RunCharts::RunCharts(QWidget* parent) : ChartGrid({}, parent) {
  setObjectName(QStringLiteral("training.charts"));
}

void RunCharts::show_run(const RunRecord& record) {
  for (const Entry& entry : entries_) entry.chart->clear();
  follow(record);
}

void RunCharts::follow(const RunRecord& record) {
  const std::vector<ChartPlan> plans = charts_of(record);
  const bool are_same = std::equal(plans.begin(), plans.end(), entries_.begin(), entries_.end(),
                                   [](const ChartPlan& plan, const Entry& entry) { return plan == entry.plan; });
  if (!are_same) rebuild(record, plans);

  std::vector<ChartMark> marks;
  for (const RunMark& mark : record.marks)
    marks.push_back({mark.epoch, QString::fromStdString(mark.text), mark.is_alarm});
  for (const Entry& entry : entries_) {
    if (record.run) entry.chart->set_steps_per_epoch(static_cast<double>(record.run->steps_per_epoch));
    entry.chart->set_end(record.epochs_done());
    const double scale = entry.plan.is_share() ? 100 : 1;
    for (const Source& source : entry.sources) {
      const Curve* curve = curve_of(record, source.figure, source.split);
      const std::size_t size = curve ? curve->size() : 0;
      for (std::size_t i = entry.chart->points(source.curve).size(); i < size; ++i) {
        entry.chart->append(source.curve, curve->x[i], curve->y[i] * scale);
      }
    }
    entry.chart->set_marks(marks);
  }
}

void RunCharts::rebuild(const RunRecord& record, const std::vector<ChartPlan>& plans) {
  // Charts that stay as they are keep their zoom.
  std::erase_if(entries_, [&](const Entry& entry) {
    if (std::find(plans.begin(), plans.end(), entry.plan) != plans.end()) return false;
    remove_chart(entry.plan.title);
    return true;
  });
  QStringList titles;
  for (const ChartPlan& plan : plans) {
    titles << plan.title;
    if (!chart(plan.title)) entries_.push_back(make_entry(plan));
  }
  std::sort(entries_.begin(), entries_.end(), [&](const Entry& a, const Entry& b) {
    return titles.indexOf(a.plan.title) < titles.indexOf(b.plan.title);
  });
  set_order(titles, usual_charts(record, titles));
}

RunCharts::Entry RunCharts::make_entry(const ChartPlan& plan) {
  Entry entry{plan, add_chart(plan.title, heading_of(plan)), {}};
  LiveChart& chart = *entry.chart;
  chart.set_smoothing(smoothing_);
  if (plan.is_share()) {
    chart.set_fixed_range({0, 100});
    chart.set_unit(QStringLiteral(" %"));
    // Curves that rise end near the top.
    chart.set_marks_low(std::any_of(plan.figures.begin(), plan.figures.end(),
                                    [](const FigureSpec& figure) { return figure.better == "higher"; }));
  } else {
    chart.set_log(is_log_);
  }

  const auto add = [&](const FigureSpec& figure, Curve FigureCurves::*split, const CurveLook& look) {
    entry.sources.push_back({chart.add_curve(look), figure.name, split});
  };
  if (plan.figures.empty()) {
    entry.sources.push_back({chart.add_curve({tr("steps"), 0}), {}, nullptr});
  } else if (plan.figures.size() == 1) {
    const FigureSpec& figure = plan.figures.front();
    add(figure, &FigureCurves::steps, {tr("steps"), 0, MarkerShape::None, true});
    add(figure, &FigureCurves::train, {tr("train"), 2, MarkerShape::Square});
    add(figure, &FigureCurves::held_out, {plan.held_out, 1, MarkerShape::Disc});
  } else {
    // The colour says which figure, the marker which split.
    for (std::size_t i = 0; i < plan.figures.size(); ++i) {
      const FigureSpec& figure = plan.figures[i];
      const int colour = static_cast<int>(i) % series_count;
      const QString title = QString::fromStdString(figure.title);
      add(figure, &FigureCurves::steps, {title, colour, MarkerShape::None, true});
      add(figure, &FigureCurves::train, {tr("%1, train").arg(title), colour, MarkerShape::Square, false, false, title});
      add(figure, &FigureCurves::held_out,
          {QStringLiteral("%1, %2").arg(title, plan.held_out), colour, MarkerShape::Disc, false, false, title});
    }
    chart.add_key(tr("train"), MarkerShape::Square);
    chart.add_key(plan.held_out, MarkerShape::Disc);
  }
  return entry;
}

/// The losses first, then what the run is judged by, then the others as they come.
QStringList RunCharts::usual_charts(const RunRecord& record, QStringList titles) {
  if (const FigureSpec* main = record.main_figure(); main && titles.size() > 1) {
    const QString title = QString::fromStdString(main->chart.empty() ? main->title : main->chart);
    if (const auto place = titles.indexOf(title); place > 1) titles.move(place, 1);
  }
  return titles;
}

void RunCharts::set_smoothing(double beta) {
  smoothing_ = beta;
  for (const Entry& entry : entries_) entry.chart->set_smoothing(beta);
}

void RunCharts::set_log(bool is_log) {
  is_log_ = is_log;
  for (const Entry& entry : entries_) {
    if (!entry.plan.is_share()) entry.chart->set_log(is_log);
  }
}

}  // namespace netwright
