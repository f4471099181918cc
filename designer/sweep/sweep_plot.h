#pragma once
// A sweep's table as places on axes: what the parallel coordinates and the Pareto plot draw.

#include <QColor>
#include <QString>
#include <vector>

#include "backend/sweep/sweep_table.h"
#include "designer/training/axis_scale.h"

namespace netwright {

/// One thing that runs differ in.
struct PlotAxis {
  QString title;
  bool is_log = false;         ///< then places are log10 of the values
  std::vector<double> places;  ///< one for each row of the table; not a number where it isn't known
  std::vector<QString> texts;  ///< the values in words
  std::vector<Tick> ticks;     ///< those that stand on it where there is room for all; else the outer ones come first
  Range range;                 ///< of the places
  QString short_title = {};    ///< for a table's head; empty: the title
};

/// How a row looks wherever it is drawn.
struct RunLook {
  QString name;         ///< `run 3`
  QString values;       ///< `lr 0.01, out_features 32`
  double goodness = 0;  ///< of the main figure among the rows, 0 the worst and 1 the best; not a number: unknown
  bool is_going_on = false;
};

/// The varied settings, then the main figure, parameters, multiply-adds and seconds. Settings whose range or values
/// span a decade are logarithmic, words and flags have a place each.
std::vector<PlotAxis> plot_axes(const SweepTable& table);
PlotAxis main_axis(const SweepTable& table);
PlotAxis cost_axis(const SweepTable& table, SweepCost cost, bool is_log);
/// True where the costs span so much that a logarithmic axis shows more.
bool wants_log(const SweepTable& table, SweepCost cost);
QString cost_title(SweepCost cost);

/// `live_folder`: of the run that goes on, or empty.
std::vector<RunLook> run_looks(const SweepTable& table, const QString& live_folder);

/// Grey for the worst, the accent for the best, faint where nothing is known.
QColor goodness_colour(double goodness);

/// `0.84 s`, `12.3 s`, then as duration_text().
QString seconds_text(double seconds);

}  // namespace netwright
