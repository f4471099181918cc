#pragma once
// What adversarial training measures.

#include <torch/torch.h>

#include <array>
#include <string>
#include <vector>

#include "backend/engine/task.h"

namespace netwright {

/// How surely samples are real to the discriminator, B scores each: of non_saturating their sigmoid; of least_squares
/// and hinge the place between what fakes and real ones are trained to (0 and 1; −1 and 1), cut to 0..1; of
/// wasserstein_gp the scores themselves.
torch::Tensor verdict_of(const std::string& loss, const torch::Tensor& scores);

/// The mean squared distance between two of the samples: of any two, or where `classes` is defined (B, int64) of two of
/// one class. A scalar; 0 where there are no two.
torch::Tensor spread_of(const torch::Tensor& samples, const torch::Tensor& classes);

/// g_loss first, which nothing is judged by: it says little of the samples' quality. The others: d_loss, d_real,
/// d_fake, g_gradient, d_gradient, diversity (√ of the generated samples' spread by the real ones': 1 where they differ
/// as much) and, if it is measured, frechet.
std::vector<FigureSpec> adversarial_figures(const std::string& loss, bool has_frechet);

/// Sums that stay on the device until they are read.
class AdversarialSums {
 public:
  /// `processes`: those that add to the same sums, or null.
  AdversarialSums(torch::Device device, const ProcessGroup* processes);
  void clear();

  /// Scalars, of a batch that the discriminator judged.
  struct Judged {
    std::int64_t samples = 0;
    torch::Tensor loss;
    torch::Tensor real;         ///< the mean verdict
    torch::Tensor fake;         ///< the mean verdict
    torch::Tensor fake_spread;  ///< see spread_of
    torch::Tensor real_spread;
    torch::Tensor gradient = {};  ///< its norm; undefined where no step was made
  };
  void add(const Judged& judged);
  /// Of a batch that the generator made.
  struct Made {
    std::int64_t samples = 0;
    torch::Tensor loss;
    torch::Tensor gradient = {};
  };
  void add(const Made& made);

  /// Waits for the device and the other processes, which must ask as well.
  Sums read() const;
  /// What read() gave.
  void restore(const Sums& sums);
  /// What such sums amount to.
  static FigureValues figures_of(const Sums& sums);

 private:
  static constexpr std::size_t counted = 4;    ///< on this side: samples, samples made, steps of either side
  static constexpr std::int64_t measured = 8;  ///< on the device
  void add(std::int64_t first, const std::vector<torch::Tensor>& values, double weight);

  std::array<double, counted> counts_ = {};
  torch::Tensor sums_;  ///< float64
  const ProcessGroup* processes_;
};

}  // namespace netwright
