#include "designer/training/run_charts.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QResizeEvent>
#include <QToolButton>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "designer/theme/theme.h"
#include "designer/training/figure_words.h"
#include "designer/training/live_chart.h"

namespace netwright {
namespace {

constexpr int most_charts = 3;
constexpr QSize least_size(190, 120);
constexpr double best_aspect = 1.8;
constexpr int series_count = 6;
constexpr int least_toggle = 40;

const Curve* curve_of(const RunRecord& record, const std::string& figure, Curve FigureCurves::*split) {
  if (figure.empty()) return &record.learning_rates;
  const auto found = record.curves.find(figure);
  return found == record.curves.end() ? nullptr : &(found->second.*split);
}

/// How many columns bring the charts closest to the shape that reads best; 0 where they don't fit.
int best_columns(int count, QSize area) {
  int best = 0;
  double least = 0;
  for (int columns = 1; columns <= count; ++columns) {
    const int rows = (count + columns - 1) / columns;
    const QSize cell(area.width() / columns, area.height() / rows);
    if (count > 1 && (cell.width() < least_size.width() || cell.height() < least_size.height())) continue;
    const double aspect = static_cast<double>(cell.width()) / std::max(1, cell.height());
    const double distance = std::abs(std::log(std::max(1e-3, aspect) / best_aspect));
    if (best == 0 || distance < least) {
      best = columns;
      least = distance;
    }
  }
  return best;
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

RunCharts::RunCharts(QWidget* parent)
    : QWidget(parent), chooser_(new QWidget(this)), chooser_row_(new QHBoxLayout(chooser_)) {
  setObjectName(QStringLiteral("training.charts"));
  setMinimumSize(160, 110);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  chooser_->setObjectName(QStringLiteral("training.chart_chooser"));
  chooser_row_->setContentsMargins(10, 2, 10, 4);
  chooser_row_->setSpacing(4);
  chooser_row_->addStretch(1);
  connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

LiveChart* RunCharts::chart(const QString& title) const {
  const auto entry =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.plan.title == title; });
  return entry == entries_.end() ? nullptr : entry->chart;
}

QStringList RunCharts::visible_charts() const {
  QStringList titles;
  for (const Entry& entry : entries_) {
    if (entry.chart->isVisibleTo(this)) titles << entry.plan.title;
  }
  return titles;
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
  std::vector<Entry> before = std::move(entries_);
  entries_.clear();
  for (const ChartPlan& plan : plans) {
    const auto same = std::find_if(before.begin(), before.end(), [&](const Entry& e) { return e.plan == plan; });
    if (same != before.end()) {
      entries_.push_back(std::move(*same));
      before.erase(same);
    } else {
      entries_.push_back(make_entry(plan));
    }
  }
  for (const Entry& entry : before) {
    delete entry.chart;
    delete entry.toggle;
  }
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    chooser_row_->insertWidget(static_cast<int>(i), entries_[i].toggle);
  }
  choose_usual(record);
  arrange();
}

RunCharts::Entry RunCharts::make_entry(const ChartPlan& plan) {
  Entry entry{plan, new LiveChart(heading_of(plan), this), new QToolButton(chooser_), {}};
  LiveChart& chart = *entry.chart;
  chart.setObjectName(QStringLiteral("chart.") + plan.title);
  chart.setMinimumSize(1, 1);  // arrange() sees to the size
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
      add(figure, &FigureCurves::train, {tr("%1, train").arg(title), colour, MarkerShape::Square, false, false});
      add(figure, &FigureCurves::held_out,
          {QStringLiteral("%1, %2").arg(title, plan.held_out), colour, MarkerShape::Disc, false, false});
    }
    chart.add_key(tr("train"), MarkerShape::Square);
    chart.add_key(plan.held_out, MarkerShape::Disc);
  }

  entry.toggle->setText(plan.title);
  entry.toggle->setObjectName(QStringLiteral("choose.") + plan.title);
  entry.toggle->setProperty("chip", true);
  entry.toggle->setFont(Theme::instance().caption());
  entry.toggle->setCheckable(true);
  connect(entry.toggle, &QToolButton::clicked, this, [this, title = plan.title] { toggle(title); });
  return entry;
}

/// The losses first, then what the run is judged by, then the others as they come.
void RunCharts::choose_usual(const RunRecord& record) {
  const auto is_there = [this](const QString& title) { return chart(title) != nullptr; };
  if (is_chosen_by_user_ && std::any_of(chosen_.begin(), chosen_.end(), is_there)) return;
  is_chosen_by_user_ = false;
  QStringList usual;
  for (const Entry& entry : entries_) usual << entry.plan.title;
  if (const FigureSpec* main = record.main_figure(); main && usual.size() > 1) {
    const QString title = QString::fromStdString(main->chart.empty() ? main->title : main->chart);
    if (const auto place = usual.indexOf(title); place > 1) usual.move(place, 1);
  }
  usual = usual.mid(0, most_charts);
  chosen_ = QStringList(usual.rbegin(), usual.rend());
}

void RunCharts::toggle(const QString& title) {
  const QStringList visible = visible_charts();
  const bool was_visible = visible.contains(title);
  if (!was_visible || visible.size() > 1) {
    is_chosen_by_user_ = true;
    // What had given way doesn't come back by itself.
    chosen_.erase(std::remove_if(chosen_.begin(), chosen_.end(),
                                 [&](const QString& other) { return other == title || !visible.contains(other); }),
                  chosen_.end());
    if (!was_visible) chosen_ << title;
  }
  arrange();
}

QRect RunCharts::chart_area() const {
  return rect().adjusted(0, 0, 0, chooser_->isVisibleTo(this) ? -chooser_->sizeHint().height() : 0);
}

/// The longest names give way where there isn't room for all.
void RunCharts::arrange_chooser() {
  chooser_->setVisible(entries_.size() > 2);  // two charts need no choice
  std::vector<int> wanted;
  for (const Entry& entry : entries_) {
    entry.toggle->setText(entry.plan.title);
    wanted.push_back(entry.toggle->sizeHint().width());
  }
  const QMargins margins = chooser_row_->contentsMargins();
  const int room =
      width() - margins.left() - margins.right() - chooser_row_->spacing() * static_cast<int>(wanted.size());
  const auto total = [&](int most) {
    return std::accumulate(wanted.begin(), wanted.end(), 0, [most](int sum, int w) { return sum + std::min(w, most); });
  };
  int most = wanted.empty() ? 0 : *std::max_element(wanted.begin(), wanted.end());
  while (most > least_toggle && total(most) > room) --most;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (wanted[i] > most) {
      const QFontMetrics metrics(entry.toggle->font());
      const int frame = wanted[i] - metrics.horizontalAdvance(entry.plan.title);
      entry.toggle->setText(metrics.elidedText(entry.plan.title, Qt::ElideRight, most - frame));
    }
    entry.toggle->setToolTip(wanted[i] > most ? entry.plan.title : QString());
  }
  const int chooser_height = chooser_->sizeHint().height();
  chooser_->setGeometry(0, height() - chooser_height, width(), chooser_height);
}

void RunCharts::arrange() {
  arrange_chooser();
  const QRect area = chart_area();
  std::vector<Entry*> visible;
  int columns = 0;
  for (int most = most_charts; most > 0 && columns == 0; --most) {
    QStringList titles;
    for (auto title = chosen_.rbegin(); title != chosen_.rend() && titles.size() < most; ++title) {
      if (chart(*title)) titles << *title;
    }
    visible.clear();
    for (Entry& entry : entries_) {
      if (titles.contains(entry.plan.title)) visible.push_back(&entry);
    }
    columns = best_columns(static_cast<int>(visible.size()), area.size());
  }
  for (Entry& entry : entries_) {
    const bool is_visible = std::find(visible.begin(), visible.end(), &entry) != visible.end();
    entry.chart->setVisible(is_visible);
    entry.toggle->setChecked(is_visible);
  }
  if (visible.empty()) return;

  const int count = static_cast<int>(visible.size());
  const int rows = (count + columns - 1) / columns;
  const int spare = rows * columns - count;  // the first takes what would stay empty
  for (int i = 0; i < count; ++i) {
    const int cell = i == 0 ? 0 : i + spare;
    const int row = cell / columns;
    const int left = cell % columns;
    const int right = i == 0 ? left + 1 + spare : left + 1;
    const QPoint from(area.left() + area.width() * left / columns, area.top() + area.height() * row / rows);
    const QPoint to(area.left() + area.width() * right / columns, area.top() + area.height() * (row + 1) / rows);
    // A pixel between them is the line that parts them.
    visible[static_cast<std::size_t>(i)]->chart->setGeometry(
        QRect(from + QPoint(left > 0, row > 0), to - QPoint(1, 1)));
  }
  update();
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

void RunCharts::resizeEvent(QResizeEvent* /*event*/) {
  arrange();
}

void RunCharts::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.fillRect(rect(), colours().surface);
  if (!entries_.empty()) painter.fillRect(chart_area(), colours().outline);
}

}  // namespace netwright
