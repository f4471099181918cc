#pragma once

#include <torch/torch.h>

namespace netwright {

/// Of N×F features: float64, on the CPU.
struct FeatureStatistics {
  torch::Tensor mean;        ///< F
  torch::Tensor covariance;  ///< F×F, unbiased
};
/// At least two features.
FeatureStatistics statistics_of(const torch::Tensor& features);

/// |μ₁ − μ₂|² + Tr(Σ₁ + Σ₂ − 2·(Σ₁Σ₂)^½), the squared Fréchet distance of two normal distributions (Dowson & Landau
/// 1982; Heusel et al. 2017). NaN where a statistic isn't finite.
double frechet_distance(const FeatureStatistics& a, const FeatureStatistics& b);

}  // namespace netwright
