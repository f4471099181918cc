#pragma once
// How adversarial training goes wrong, and what to try.

#include <array>
#include <string>
#include <vector>

#include "backend/run/event.h"

namespace netwright {

/// Listens to the figures of each epoch's training steps (see adversarial_figures).
///
/// collapse: generated samples differ from each other far less than real ones, or than they did before.
/// imbalance: the discriminator is sure of every sample, or takes generated ones for real. Critics have no such end.
/// divergence: a loss or gradient is many times what it was in the epochs before.
class AdversarialAlarms {
 public:
  AdversarialAlarms(const std::string& loss, double real_label);

  /// The alarms that begin or end with this epoch.
  std::vector<AlarmEvent> epoch_done(int epoch, std::int64_t step, const FigureValues& figures);

  /// All that they remember, as JSON text.
  std::string memory() const;
  void restore(const std::string& memory);

 private:
  /// Whether an alarm is due, is over, or neither (then it stays what it was).
  enum class State { Due, Between, Over };
  struct Verdict {
    State state = State::Over;
    std::string text = {};  ///< where it is due
  };
  Verdict collapse(int epoch, const FigureValues& figures);
  Verdict imbalance(const FigureValues& figures) const;
  Verdict divergence(const FigureValues& figures);

  bool is_critic_;
  double real_label_;
  double best_diversity_ = 0;
  std::map<std::string, std::vector<double>, std::less<>> history_;  ///< sizes of losses and gradients, by figure
  std::map<std::string, bool, std::less<>> is_on_;
};

}  // namespace netwright
