#include "backend/engine/code_map.h"

#include <algorithm>

namespace netwright {

namespace {

/// Up to so many numbers the covariance is cheap to take apart exactly.
constexpr std::int64_t exact_size = 256;

/// The first two of centred `x`, as columns. Of long codes by subspace iteration (Golub and Van Loan, section 7.3.2)
/// from a start that is always the same.
torch::Tensor principal_axes(const torch::Tensor& x) {
  const std::int64_t size = x.size(1);
  if (size <= exact_size) {
    const auto [values, vectors] = torch::linalg_eigh(torch::matmul(x.t(), x));
    // Eigenvalues come in ascending order.
    return vectors.narrow(1, size - 2, 2).flip(1).contiguous();
  }
  constexpr int kept = 8;
  constexpr int rounds = 20;
  torch::Tensor basis = torch::sin(torch::arange(size * kept, torch::kFloat64).add_(1)).view({size, kept});
  for (int round = 0; round < rounds; ++round) {
    basis = std::get<0>(torch::linalg_qr(torch::matmul(x.t(), torch::matmul(x, basis))));
  }
  const torch::Tensor within = torch::matmul(x, basis);
  const auto [values, vectors] = torch::linalg_eigh(torch::matmul(within.t(), within));
  return torch::matmul(basis, vectors.narrow(1, kept - 2, 2).flip(1)).contiguous();
}

}  // namespace

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
  torch::Tensor axes = principal_axes(x);
  for (std::int64_t axis = 0; axis < 2; ++axis) {
    torch::Tensor direction = axes.select(1, axis);
    const bool has_before = before.defined() && before.sizes() == axes.sizes();
    // Without a map before, the largest part points up.
    const double sign = has_before ? direction.dot(before.select(1, axis)).item<double>()
                                   : direction[direction.abs().argmax().item<std::int64_t>()].item<double>();
    if (sign < 0) direction.neg_();
  }
  const torch::Tensor points = torch::matmul(x, axes);
  const torch::Tensor along = points.square().mean(0);
  return {points.to(torch::kFloat32).contiguous(),
          axes,
          {along[0].item<double>() / total, along[1].item<double>() / total}};
}

}  // namespace netwright
