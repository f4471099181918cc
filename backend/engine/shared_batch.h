#pragma once
// Batches that several processes share: each has its part of the samples, and what one process would compute over the
// whole batch (a mean, a statistic, random numbers) is computed over all parts. Where nothing is shared, these
// functions do what they say for the batch alone.

#include <torch/torch.h>

#include "backend/engine/batch_producer.h"
#include "backend/engine/process_group.h"

namespace netwright {

/// While it lives, what is computed on this thread is a part of the batch that `processes` share; nothing is shared
/// where that is null. All processes make it, in the same order, and compute the same.
class SharedBatch {
 public:
  SharedBatch(const ProcessGroup* processes, const Batch& batch);
  ~SharedBatch();
  SharedBatch(const SharedBatch&) = delete;
  SharedBatch& operator=(const SharedBatch&) = delete;

 private:
  bool is_shared_;
};

/// True where a batch's sums count: not where others count the same samples.
bool counts(const ProcessGroup* processes, const Batch& batch);

/// The sum over the whole batch of what `sum` is over this part. For losses: every process must go on to the same loss,
/// of which each then has its own part's gradients; their sum over the processes is the whole batch's gradient.
torch::Tensor whole_sum(const torch::Tensor& sum);
/// The same for a statistic that parts go on with in ways of their own (BatchNorm): gradients are added up as well.
torch::Tensor shared_statistic(const torch::Tensor& sum);
/// The mean over the whole batch of what `mean` is over this part, where each sample counts alike. For losses.
torch::Tensor whole_mean(const torch::Tensor& mean);
bool is_batch_shared();

/// Draws from N(0, 1), from 0..1, and of 1 with probability `share` (else 0), of the sizes and type of `like`, whose
/// first axis is the batch's: those that one process would have drawn for these samples.
torch::Tensor normal_like(const torch::Tensor& like);
torch::Tensor uniform_like(const torch::Tensor& like);
torch::Tensor chosen_like(const torch::Tensor& like, double share);
/// torch::dropout and torch::feature_dropout in training.
torch::Tensor dropped(const torch::Tensor& x, double p);
torch::Tensor dropped_channels(const torch::Tensor& x, double p);
/// One of `values` (B, of any type) for each sample, drawn from the whole batch's.
torch::Tensor redrawn(const torch::Tensor& values);

}  // namespace netwright
