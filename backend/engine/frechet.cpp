#include "backend/engine/frechet.h"

#include <limits>

namespace netwright {

namespace {

/// Of a symmetric matrix without negative eigenvalues but for rounding.
torch::Tensor square_root(const torch::Tensor& matrix) {
  const auto [values, vectors] = torch::linalg_eigh(matrix);
  return (vectors * values.clamp_min(0).sqrt()).matmul(vectors.t());
}

}  // namespace

FeatureStatistics statistics_of(const torch::Tensor& features) {
  const torch::Tensor x = features.detach().to(torch::kCPU, torch::kFloat64);
  torch::Tensor mean = x.mean(0);
  const torch::Tensor centred = x - mean;
  return {std::move(mean), centred.t().matmul(centred) / static_cast<double>(x.size(0) - 1)};
}

double frechet_distance(const FeatureStatistics& a, const FeatureStatistics& b) {
  for (const torch::Tensor& part : {a.mean, a.covariance, b.mean, b.covariance}) {
    if (!part.isfinite().all().item<bool>()) return std::numeric_limits<double>::quiet_NaN();
  }
  // Σ₁Σ₂ has the eigenvalues of Σ₁^½·Σ₂·Σ₁^½, which is symmetric, so they are found exactly.
  const torch::Tensor root = square_root(a.covariance);
  const torch::Tensor product = root.matmul(b.covariance).matmul(root);
  const torch::Tensor eigenvalues = torch::linalg_eigvalsh((product + product.t()) / 2);
  const torch::Tensor distance = (a.mean - b.mean).square().sum() + a.covariance.trace() + b.covariance.trace() -
                                 2 * eigenvalues.clamp_min(0).sqrt().sum();
  return std::max(0.0, distance.item<double>());
}

}  // namespace netwright
