#include "designer/sweep/sweep_plot.h"

#include <QCoreApplication>
#include <QFileInfo>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "backend/sweep/sweep_text.h"
#include "designer/panels/figure_text.h"
#include "designer/theme/theme.h"
#include "designer/training/figure_words.h"

namespace netwright {
namespace {

constexpr std::size_t most_single_ticks = 7;
constexpr double decade_of_values = 8;
constexpr int axis_ticks = 5;

QString sweep_words(const char* text) {
  return QCoreApplication::translate("Sweep", text);
}

std::optional<double> number_in_value(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&value)) return *real;
  return std::nullopt;
}

/// The least and the greatest place, widened where they are one.
Range range_of_places(const std::vector<double>& places) {
  Range range{0, 1};
  bool is_first = true;
  for (const double place : places) {
    if (!std::isfinite(place)) continue;
    range = is_first ? Range{place, place} : Range{std::min(range.low, place), std::max(range.high, place)};
    is_first = false;
  }
  if (range.high > range.low) return range;
  const double air = std::max(std::abs(range.low) * 0.1, 0.5);
  return {range.low - air, range.high + air};
}

/// Numbers with their ticks: each value where there are few, else round ones. `known`: values that are to come too.
PlotAxis number_axis(QString title, const std::vector<double>& values, bool is_log,
                     const std::function<QString(double)>& words, const std::vector<double>& known = {}) {
  PlotAxis axis{std::move(title), is_log, {}, {}, {}, {}};
  std::set<double> distinct;
  for (const double value : values) {
    axis.places.push_back(is_log ? (value > 0 ? std::log10(value) : std::nan("")) : value);
    axis.texts.push_back(std::isfinite(value) ? words(value) : QStringLiteral("–"));
    if (std::isfinite(axis.places.back())) distinct.insert(value);
  }
  std::vector<double> places = axis.places;
  for (const double value : known) {
    if (is_log && !(value > 0)) continue;
    places.push_back(is_log ? std::log10(value) : value);
    distinct.insert(value);
  }
  axis.range = range_of_places(places);
  if (distinct.size() <= most_single_ticks) {
    for (const double value : distinct) {
      axis.ticks.push_back({is_log ? std::log10(value) : value, words(value).toStdString()});
    }
  } else {
    axis.ticks = is_log ? log_ticks(axis.range, axis_ticks) : linear_ticks(axis.range, axis_ticks);
    for (Tick& tick : axis.ticks) tick.text = words(is_log ? std::pow(10, tick.at) : tick.at).toStdString();
  }
  return axis;
}

/// What has no order has a place each, in the order in which the sweep names it.
PlotAxis word_axis(QString title, const std::vector<Value>& values, const std::vector<Value>& known) {
  std::vector<Value> all = known;
  PlotAxis axis{std::move(title), false, {}, {}, {}, {}};
  for (const Value& value : values) {
    auto place = std::find(all.begin(), all.end(), value);
    if (place == all.end()) place = all.insert(all.end(), value);
    axis.places.push_back(static_cast<double>(place - all.begin()));
    axis.texts.push_back(QString::fromStdString(sweep_value_text(value)));
  }
  for (std::size_t i = 0; i < all.size(); ++i) axis.ticks.push_back({static_cast<double>(i), sweep_value_text(all[i])});
  axis.range = all.size() > 1 ? Range{0, static_cast<double>(all.size() - 1)} : Range{-0.5, 0.5};
  return axis;
}

bool spans_a_decade(const std::vector<double>& values) {
  double least = std::numeric_limits<double>::infinity();
  double most = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    least = std::min(least, value);
    most = std::max(most, value);
  }
  return least > 0 && most >= decade_of_values * least;
}

PlotAxis setting_axis(const SweepTable& table, std::size_t place) {
  const SweepAxis& axis = table.sweep.axes[place];
  const QString title = QString::fromStdString(axis_title(table.sweep, place));
  std::vector<Value> values;
  std::vector<double> numbers;
  bool are_numbers = true;
  for (const SweepRow& row : table.rows) {
    values.push_back(row.values[place]);
    const auto number = number_in_value(values.back());
    are_numbers = are_numbers && number;
    numbers.push_back(number.value_or(std::nan("")));
  }
  for (const Value& value : axis.values) are_numbers = are_numbers && number_in_value(value);
  if (!are_numbers) return word_axis(title, values, axis.values);
  // The whole sweep's, so that nothing moves as its runs come.
  std::vector<double> known;
  for (const Value& value : axis.values) known.push_back(number_in_value(value).value_or(std::nan("")));
  if (axis.range) known = {axis.range->low, axis.range->high};
  const bool is_log = axis.range ? axis.range->is_log : spans_a_decade(known);
  return number_axis(
      title, numbers, is_log, [](double value) { return QString::fromStdString(sweep_value_text(value)); }, known);
}

std::vector<double> costs_of(const SweepTable& table, SweepCost cost) {
  std::vector<double> costs;
  for (const SweepRow& row : table.rows) costs.push_back(cost_of(row, cost).value_or(std::nan("")));
  return costs;
}

/// 0 for the worst and 1 for the best: half by value, half by rank, so that one run that went wrong doesn't make all
/// the others look alike.
std::vector<double> goodnesses(const SweepTable& table) {
  const bool is_higher = table.main_figure && table.main_figure->better == "higher";
  std::vector<double> known;
  for (const SweepRow& row : table.rows) {
    if (row.main) known.push_back(is_higher ? *row.main : -*row.main);
  }
  std::sort(known.begin(), known.end());
  std::vector<double> all;
  for (const SweepRow& row : table.rows) {
    if (!row.main) {
      all.push_back(std::nan(""));
      continue;
    }
    const double value = is_higher ? *row.main : -*row.main;
    const auto worse_than = [&](double mark) {
      return static_cast<double>(std::lower_bound(known.begin(), known.end(), mark) - known.begin());
    };
    const double span = known.back() - known.front();
    all.push_back(span > 0 ? ((value - known.front()) / span + worse_than(value) / worse_than(known.back())) / 2 : 1);
  }
  return all;
}

}  // namespace

QString seconds_text(double seconds) {
  if (seconds >= 60) return QString::fromStdString(duration_text(seconds));
  return sweep_words("%1 s").arg(seconds, 0, 'g', seconds < 10 ? 2 : 3);
}

QString cost_title(SweepCost cost) {
  switch (cost) {
    case SweepCost::Parameters:
      return sweep_words("parameters");
    case SweepCost::Macs:
      return sweep_words("multiply-adds");
    case SweepCost::Seconds:
      break;
  }
  return sweep_words("time");
}

bool wants_log(const SweepTable& table, SweepCost cost) {
  return spans_a_decade(costs_of(table, cost));
}

PlotAxis cost_axis(const SweepTable& table, SweepCost cost, bool is_log) {
  PlotAxis axis = number_axis(cost_title(cost), costs_of(table, cost), is_log, [cost](double value) {
    return cost == SweepCost::Seconds ? seconds_text(value) : short_count_text(static_cast<std::int64_t>(value));
  });
  if (cost == SweepCost::Parameters) axis.short_title = sweep_words("params");
  if (cost == SweepCost::Macs) axis.short_title = sweep_words("MACs");
  return axis;
}

PlotAxis main_axis(const SweepTable& table) {
  std::vector<double> values;
  for (const SweepRow& row : table.rows) values.push_back(row.main.value_or(std::nan("")));
  const FigureSpec figure = table.main_figure.value_or(FigureSpec{.title = "Result"});
  PlotAxis axis = number_axis(QString::fromStdString(figure.title), values, false,
                              [&figure](double value) { return value_text(figure, value); });
  // Measured values are all different: round ones stand on the axis.
  axis.ticks = linear_ticks(axis.range, axis_ticks);
  for (Tick& tick : axis.ticks) tick.text = value_text(figure, tick.at).toStdString();
  return axis;
}

std::vector<PlotAxis> plot_axes(const SweepTable& table) {
  std::vector<PlotAxis> axes;
  for (std::size_t i = 0; i < table.sweep.axes.size(); ++i) axes.push_back(setting_axis(table, i));
  axes.push_back(main_axis(table));
  for (const SweepCost cost : {SweepCost::Parameters, SweepCost::Macs, SweepCost::Seconds}) {
    axes.push_back(cost_axis(table, cost, wants_log(table, cost)));
  }
  return axes;
}

std::vector<RunLook> run_looks(const SweepTable& table, const QString& live_folder) {
  const std::vector<double> goodness = goodnesses(table);
  std::vector<RunLook> looks;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const SweepRow& row = table.rows[i];
    looks.push_back({sweep_words("run %1").arg(row.index + 1),
                     QString::fromStdString(values_title(table.sweep, row.values)), goodness[i],
                     !live_folder.isEmpty() && row.folder == std::filesystem::path(live_folder.toStdU16String())});
  }
  return looks;
}

QColor goodness_colour(double goodness) {
  if (std::isnan(goodness)) return colours().outline;
  const QColor low = colours().faint;
  const QColor high = colours().accent;
  const auto between = [goodness](float a, float b) { return static_cast<float>(a + (b - a) * goodness); };
  return QColor::fromRgbF(between(low.redF(), high.redF()), between(low.greenF(), high.greenF()),
                          between(low.blueF(), high.blueF()));
}

}  // namespace netwright
