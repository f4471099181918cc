#include "backend/engine/masked_normalisation.h"

#include <numeric>

#include "backend/engine/shared_batch.h"

namespace netwright {

namespace {

/// Over some dims, which are kept with size 1.
struct BatchMoments {
  torch::Tensor mean;
  torch::Tensor variance;  ///< biased
  torch::Tensor count;     ///< at least 1
};

BatchMoments moments_of(const torch::Tensor& x, const torch::Tensor& padding, torch::IntArrayRef dims) {
  const torch::Tensor count = padding.expand_as(x).logical_not().sum(dims, true).clamp_min(1).to(x.options());
  const torch::Tensor mean = x.masked_fill(padding, 0).sum(dims, true) / count;
  const torch::Tensor variance = (x - mean).masked_fill(padding, 0).square().sum(dims, true) / count;
  return {mean, variance, count};
}

/// Of the whole batch, from each part's. In float64, where the differences of sums keep their digits.
BatchMoments over_processes(const BatchMoments& own) {
  if (!is_batch_shared()) return own;
  const auto wide = [](const torch::Tensor& x) { return x.to(torch::kFloat64); };
  const torch::Tensor count = wide(own.count);
  const torch::Tensor mean = wide(own.mean);
  const torch::Tensor sums =
      shared_statistic(torch::stack({count, count * mean, count * (wide(own.variance) + mean.square())}));
  const torch::Tensor whole_mean = sums[1] / sums[0];
  const torch::Tensor variance = (sums[2] / sums[0] - whole_mean.square()).clamp_min(0);
  const auto like = own.mean.options();
  return {whole_mean.to(like), variance.to(like), sums[0].to(like)};
}

torch::Tensor normalised(const torch::Tensor& x, const BatchMoments& moments, double eps) {
  return (x - moments.mean) * (moments.variance + eps).rsqrt();
}

/// Moves on by the mean over the samples; they are one where the batch was summed up.
void move_on(torch::Tensor& running, const torch::Tensor& statistic, double momentum) {
  const torch::NoGradGuard no_grad;
  running.lerp_(statistic.detach().mean(0).flatten().to(running.options()), momentum);
}

torch::Tensor per_channel(torch::Tensor x, const torch::Tensor& weight, const torch::Tensor& bias) {
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(x.dim()), 1);
  sizes[1] = x.size(1);
  if (weight.defined()) x = x * weight.view(sizes);
  if (bias.defined()) x = x + bias.view(sizes);
  return x;
}

}  // namespace

torch::Tensor padding_of(const torch::Tensor& x, const Sequences& sequences) {
  torch::Tensor padding;
  for (const Sequences::Axis& axis : sequences.axes) {
    const torch::Tensor along = axis.lengths->padding_of(x, axis.dim);
    padding = padding.defined() ? padding.logical_or(along) : along;
  }
  return padding;
}

torch::Tensor normalise_channels(const torch::Tensor& x, const torch::Tensor& padding, bool over_batch,
                                 ChannelNorm norm) {
  std::vector<std::int64_t> dims;
  if (over_batch) dims.push_back(0);
  for (std::int64_t dim = 2; dim < x.dim(); ++dim) dims.push_back(dim);
  BatchMoments moments = moments_of(x, padding, dims);
  if (over_batch) moments = over_processes(moments);
  if (norm.running_mean.defined()) {
    move_on(norm.running_mean, moments.mean, norm.momentum);
    const torch::Tensor unbiased = moments.variance * moments.count / (moments.count - 1).clamp_min(1);
    move_on(norm.running_var, unbiased, norm.momentum);
  }
  return per_channel(normalised(x, moments, norm.eps), norm.weight, norm.bias);
}

torch::Tensor normalise_groups(const torch::Tensor& x, const torch::Tensor& padding, torch::nn::GroupNormImpl& module) {
  const std::vector<std::int64_t> grouped = {x.size(0), module.options.num_groups(), -1};
  const torch::Tensor values = x.reshape(grouped);
  const BatchMoments moments = moments_of(values, padding.expand_as(x).reshape(grouped), {2});
  return per_channel(normalised(values, moments, module.options.eps()).view(x.sizes()), module.weight, module.bias);
}

torch::Tensor normalise_layer(const torch::Tensor& x, const torch::Tensor& padding, torch::nn::LayerNormImpl& module) {
  std::vector<std::int64_t> dims(module.options.normalized_shape().size());
  std::iota(dims.begin(), dims.end(), x.dim() - static_cast<std::int64_t>(dims.size()));
  torch::Tensor result = normalised(x, moments_of(x, padding, dims), module.options.eps());
  if (module.weight.defined()) result = result * module.weight;
  if (module.bias.defined()) result = result + module.bias;
  return result;
}

}  // namespace netwright
