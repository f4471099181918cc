#pragma once
// How a run went, from its record alone: how soon it got where it got, how steadily, and how far what it learned holds
// for samples it didn't learn from.

#include <optional>
#include <string>
#include <vector>

#include "backend/run/event.h"

namespace netwright {

/// A share of the way from the first epoch's held-out figure to the best one.
struct LevelReached {
  double share = 0;  ///< 0..1
  double value = 0;  ///< the figure there
  int epoch = 0;     ///< the first epoch that was at least as good
  double seconds = 0;
};

struct Convergence {
  std::string figure = {};  ///< by name; empty where the run has no figure that chooses an epoch
  int first_epoch = 0;
  double first = 0;  ///< held out, after the first epoch
  int best_epoch = 0;
  double best = 0;
  double best_seconds = 0;  ///< from the run's begin to the end of the best epoch
  int epochs = 0;
  int epochs_since_best = 0;
  std::vector<LevelReached> levels = {};
  std::string missing = {};  ///< why there are no levels; empty where there are
};

/// A value far above its neighbours.
struct Spike {
  double epoch = 0;       ///< with a fraction
  double value = 0;       ///< its highest
  double typical = 0;     ///< the median around it
  double deviations = 0;  ///< how far above, in robust deviations
};

/// How steady a series of step events is. Each is the mean over the steps since the one before.
struct SeriesStability {
  std::string figure = {};
  int values = 0;             ///< of the whole run
  int tail_values = 0;        ///< of the last third
  double tail_mean = 0;       ///< of the last third
  double tail_deviation = 0;  ///< around its least-squares line, n − 2 degrees of freedom
  double tail_slope = 0;      ///< of that line, per epoch
  double highest = 0;         ///< over the whole run
  std::vector<Spike> spikes = {};
};

/// One figure in training and held out, at two epochs. A gap above 0: held-out samples fare worse.
struct GeneralisationGap {
  std::string figure = {};
  double best_train = 0;
  double best_held_out = 0;
  double best_gap = 0;  ///< at the best epoch
  double last_train = 0;
  double last_held_out = 0;
  double last_gap = 0;
  double slope = 0;        ///< of the gap over the run's last half, per epoch
  std::string trend = {};  ///< `grows`, `shrinks`, `steady`; empty where there are too few epochs to say
};

struct RunDynamics {
  Convergence convergence;
  std::vector<SeriesStability> stability = {};  ///< of losses and gradient norms, the run's own or gradient_norms_of()
  std::vector<GeneralisationGap> gaps = {};
};

/// A spike: above the median of the 21 values around it by more than 3.5 of their robust deviations, 1.4826·MAD (the
/// modified z-score of Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993), and by a tenth of that median
/// at least; neighbours count as one. Values nearer than 10 to an end aren't judged. The gap's trend: its slope is more
/// than two standard errors from 0.
RunDynamics dynamics_of(const std::vector<Event>& events);

/// The 2-norm of the gradients of all layers' weights but biases, as the optimiser saw them, at the steps where a
/// record has them layer by layer; by epoch.
struct GradientNorms {
  std::vector<double> epochs = {};
  std::vector<double> values = {};
};
GradientNorms gradient_norms_of(const std::vector<Event>& events);
/// What they are called, where a run has no figure of that kind (of each side, of two networks) itself.
const FigureSpec& gradient_norm_figure();

/// What spikes there are in a series; `epochs` and `values` are of one length. Values that aren't finite are left out.
std::vector<Spike> spikes_of(const std::vector<double>& epochs, const std::vector<double>& values);

/// Whether a figure is the size of gradients: what a run's chart calls so.
bool is_gradient_norm(const FigureSpec& figure);

}  // namespace netwright
