#include "backend/engine/sample_batch.h"

#include <algorithm>

namespace netwright {

Result<Batch> sample_batch(const Split& split, const Legend& legend, std::int64_t count, torch::Device device) {
  Split few = split;
  std::vector<std::int64_t> rows;
  const std::int64_t wanted = std::min(count, split.count());
  for (std::int64_t i = 0; i < wanted; ++i) rows.push_back(split.row(i * split.count() / wanted));
  few.rows = std::move(rows);
  auto producer = BatchProducer::create(
      few, legend, {.batch_size = std::max<std::int64_t>(wanted, 1), .shuffle = false, .device = device});
  if (!producer) return producer.error();
  (*producer)->begin(1);
  const std::optional<Batch> batch = (*producer)->next();
  if (!batch) return Error{"There are no samples to show."};
  // The producer's buffers go with it.
  const auto own = [](const torch::Tensor& tensor) { return tensor.defined() ? tensor.clone() : tensor; };
  return Batch{own(batch->inputs), own(batch->targets), own(batch->lengths), batch->rows, batch->part};
}

torch::Tensor without_normalisation(const torch::Tensor& samples, const Normalisation& normalisation) {
  const auto along_axis = [&](const std::vector<float>& entries) {
    std::vector<std::int64_t> sizes(static_cast<std::size_t>(samples.dim()), 1);
    if (entries.size() > 1) sizes.at(static_cast<std::size_t>(normalisation.axis) + 1) = -1;
    return torch::tensor(entries).view(sizes).to(samples.device());
  };
  return samples * along_axis(normalisation.deviation) + along_axis(normalisation.mean);
}

}  // namespace netwright
