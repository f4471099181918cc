#include "backend/engine/code_map.h"

namespace netwright {

CodeMap map_of(const torch::Tensor& code, const torch::Tensor& before) {
  const torch::NoGradGuard no_grad;
  torch::Tensor x = code.detach().to(torch::kCPU, torch::kFloat64).flatten(1);
  const std::int64_t size = x.size(1);
  const torch::Tensor variance = x.var(0, /*unbiased=*/false);
  const double total = std::max(variance.sum().item<double>(), 1e-300);
  if (size <= 2) {
    const torch::Tensor points = size == 2 ? x : torch::cat({x, torch::zeros_like(x)}, 1);
    return {points.to(torch::kFloat32).contiguous(),
            torch::eye(size, 2, torch::kFloat64),
            {variance[0].item<double>() / total, size == 2 ? variance[1].item<double>() / total : 0}};
  }
  x = x - x.mean(0, /*keepdim=*/true);
  const torch::Tensor covariance = torch::matmul(x.t(), x) / static_cast<double>(x.size(0));
  const auto [values, vectors] = torch::linalg_eigh(covariance);
  // Eigenvalues come in ascending order.
  torch::Tensor axes = vectors.narrow(1, size - 2, 2).flip(1).contiguous();
  for (std::int64_t axis = 0; axis < 2; ++axis) {
    torch::Tensor direction = axes.select(1, axis);
    const bool has_before = before.defined() && before.sizes() == axes.sizes();
    // Without a map before, the largest part points up.
    const double sign = has_before ? direction.dot(before.select(1, axis)).item<double>()
                                   : direction[direction.abs().argmax().item<std::int64_t>()].item<double>();
    if (sign < 0) direction.neg_();
  }
  return {torch::matmul(x, axes).to(torch::kFloat32).contiguous(),
          axes,
          {values[size - 1].item<double>() / total, values[size - 2].item<double>() / total}};
}

}  // namespace netwright
