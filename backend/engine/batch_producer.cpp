#include "backend/engine/batch_producer.h"

#include <c10/core/Event.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <numeric>
#include <random>

namespace netwright {
namespace {

constexpr std::size_t ring_size = 4;

// std::shuffle and the distributions may differ between standard libraries; one seed means one order everywhere.
std::uint64_t below(std::mt19937_64& generator, std::uint64_t bound) {
  const std::uint64_t biased = std::mt19937_64::max() - std::mt19937_64::max() % bound;
  std::uint64_t draw = generator();
  while (draw >= biased) draw = generator();
  return draw % bound;
}

void shuffle(std::vector<std::int64_t>& items, std::int64_t seed, std::int64_t stream) {
  std::seed_seq mixed{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                      static_cast<std::uint32_t>(stream), static_cast<std::uint32_t>(stream >> 32)};
  std::mt19937_64 generator(mixed);
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(generator, i)]);
}

std::vector<std::int64_t> choose(std::int64_t count, const BatchOptions& options) {
  std::vector<std::int64_t> chosen(static_cast<std::size_t>(count));
  std::iota(chosen.begin(), chosen.end(), 0);
  if (options.limit > 0 && options.limit < count) {
    constexpr std::int64_t selection_stream = -1;
    shuffle(chosen, options.seed, selection_stream);
    chosen.resize(static_cast<std::size_t>(options.limit));
    std::sort(chosen.begin(), chosen.end());
  }
  return chosen;
}

}  // namespace

/// Copies one sample into a batch, normalised: (x·scale − mean) / deviation per channel.
class BatchProducer::Gatherer {
 public:
  Gatherer(const Array& inputs, const Normalisation& normalisation, bool channels_last)
      : inputs_(inputs), channels_(inputs.sizes.size() > 1 ? inputs.sizes[1] : 1) {
    sample_ = std::accumulate(inputs.sizes.begin() + 1, inputs.sizes.end(), std::int64_t{1}, std::multiplies<>());
    // One mean for all is one channel as far as the arithmetic goes, unless channels must be interleaved.
    interleaved_ = channels_last && channels_ > 1;
    if (normalisation.mean.size() == 1 && normalisation.deviation.size() == 1 && !interleaved_) channels_ = 1;
    plane_ = sample_ / channels_;
    for (std::int64_t c = 0; c < channels_; ++c) {
      scale_.push_back(normalisation.scale);
      mean_.push_back(at_or_last(normalisation.mean, c));
      deviation_.push_back(at_or_last(normalisation.deviation, c));
      if (inputs.type != ElementType::UInt8) continue;
      auto& table = tables_.emplace_back();
      for (int x = 0; x < 256; ++x) table[static_cast<std::size_t>(x)] = normalised(static_cast<float>(x), c);
    }
  }

  std::int64_t sample_elements() const { return sample_; }

  void gather(std::int64_t index, float* out) const {
    if (inputs_.type == ElementType::UInt8) {
      copy(inputs_.as<std::uint8_t>() + index * sample_, out,
           [this](std::uint8_t x, std::int64_t c) { return tables_[static_cast<std::size_t>(c)][x]; });
    } else {
      copy(inputs_.as<float>() + index * sample_, out, [this](float x, std::int64_t c) { return normalised(x, c); });
    }
  }

 private:
  static float at_or_last(const std::vector<float>& values, std::int64_t index) {
    return values[std::min(static_cast<std::size_t>(index), values.size() - 1)];
  }
  float normalised(float x, std::int64_t channel) const {
    const auto c = static_cast<std::size_t>(channel);
    return (x * scale_[c] - mean_[c]) / deviation_[c];
  }
  template <class T, class Convert>
  void copy(const T* in, float* out, Convert convert) const {
    const std::int64_t step = interleaved_ ? channels_ : 1;
    for (std::int64_t c = 0; c < channels_; ++c) {
      float* to = interleaved_ ? out + c : out + c * plane_;
      for (std::int64_t i = 0; i < plane_; ++i) to[i * step] = convert(in[c * plane_ + i], c);
    }
  }

  const Array& inputs_;
  std::int64_t channels_;
  std::int64_t sample_ = 0;
  std::int64_t plane_ = 0;
  bool interleaved_ = false;
  std::vector<float> scale_;
  std::vector<float> mean_;
  std::vector<float> deviation_;
  std::vector<std::array<float, 256>> tables_;
};

struct BatchProducer::Slot {
  torch::Tensor inputs;
  torch::Tensor targets;
  std::int64_t size = 0;
  std::optional<c10::Event> copied;  ///< on a GPU: when the copy out of the buffers is done

  void wait_until_copied() {
    while (copied && !copied->query()) std::this_thread::sleep_for(std::chrono::microseconds(50));
    copied.reset();
  }
};

Result<std::unique_ptr<BatchProducer>> BatchProducer::create(const Split& split, const Normalisation& normalisation,
                                                             const BatchOptions& options) {
  const std::int64_t count = split.inputs.count();
  if (count == 0) return Error{"The data set has no samples in this split."};
  if (split.targets.count() != count || split.targets.sizes.size() != 1 || split.targets.type != ElementType::Int64) {
    return Error{fmt::format("The data set has {} samples but {} class indices.", count, split.targets.count())};
  }
  if (split.inputs.type == ElementType::Int64) return Error{"Whole numbers can't be batched as images or features."};
  if (options.batch_size < 1)
    return Error{fmt::format("The batch size is {}: it must be 1 or more.", options.batch_size)};
  if (normalisation.mean.empty() || normalisation.deviation.empty()) {
    return Error{"The data set's normalisation has no mean or no deviation."};
  }
  try {
    return std::unique_ptr<BatchProducer>(new BatchProducer(split, normalisation, options));
  } catch (const std::exception& problem) {
    return Error{fmt::format("Buffers for batches of {} couldn't be allocated: {}. Try a smaller batch size.",
                             options.batch_size, problem.what())};
  }
}

BatchProducer::BatchProducer(const Split& split, const Normalisation& normalisation, const BatchOptions& options)
    : split_(split), options_(options), chosen_(choose(split.inputs.count(), options)) {
  std::vector<std::int64_t> sizes = split.inputs.sizes;
  sizes.front() = std::min(options.batch_size, samples());
  const bool channels_last = options.channels_last && sizes.size() == 4;
  gatherer_ = std::make_unique<Gatherer>(split.inputs, normalisation, channels_last);

  const bool pinned = options.device.is_cuda();
  const auto kind = torch::TensorOptions().pinned_memory(pinned);
  for (std::size_t i = 0; i < ring_size; ++i) {
    auto slot = std::make_unique<Slot>();
    slot->inputs = torch::empty(sizes, kind.dtype(torch::kFloat32),
                                channels_last ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous);
    slot->targets = torch::empty({sizes.front()}, kind.dtype(torch::kInt64));
    free_.push_back(slot.get());
    slots_.push_back(std::move(slot));
  }
  thread_ = std::thread(&BatchProducer::work, this);
}

BatchProducer::~BatchProducer() {
  {
    const std::lock_guard lock(mutex_);
    leaving_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::vector<std::int64_t> BatchProducer::order_of(int epoch) const {
  std::vector<std::int64_t> order = chosen_;
  if (options_.shuffle) shuffle(order, options_.seed, epoch);
  return order;
}

void BatchProducer::begin(int epoch) {
  {
    const std::lock_guard lock(mutex_);
    epoch_ = epoch;
    ++generation_;
    taken_ = 0;
    for (Slot* slot : ready_) free_.push_back(slot);
    ready_.clear();
  }
  changed_.notify_all();
}

std::optional<Batch> BatchProducer::next() {
  Slot* slot = nullptr;
  {
    std::unique_lock lock(mutex_);
    if (lent_ != nullptr) free_.push_back(std::exchange(lent_, nullptr));
    if (generation_ == 0 || taken_ == batches()) return std::nullopt;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !ready_.empty(); });
    slot = lent_ = ready_.front();
    ready_.pop_front();
    ++taken_;
  }
  Batch batch{slot->inputs.narrow(0, 0, slot->size), slot->targets.narrow(0, 0, slot->size)};
  if (options_.device.is_cpu()) return batch;
  batch.inputs = batch.inputs.to(options_.device, /*non_blocking=*/true);
  batch.targets = batch.targets.to(options_.device, /*non_blocking=*/true);
  slot->copied.emplace(options_.device.type());
  slot->copied->record(c10::impl::VirtualGuardImpl(options_.device.type()).getStream(options_.device));
  return batch;
}

void BatchProducer::work() {
  std::int64_t generation = 0;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return leaving_ || generation_ != generation; });
    if (leaving_) return;
    generation = generation_;
    const int epoch = epoch_;
    lock.unlock();
    const std::vector<std::int64_t> order = order_of(epoch);
    lock.lock();

    for (std::size_t start = 0; start < order.size(); start += static_cast<std::size_t>(options_.batch_size)) {
      changed_.wait(lock, [&] { return leaving_ || generation_ != generation || !free_.empty(); });
      if (leaving_) return;
      if (generation_ != generation) break;
      Slot* slot = free_.front();
      free_.pop_front();
      lock.unlock();

      slot->wait_until_copied();
      slot->size = std::min(options_.batch_size, static_cast<std::int64_t>(order.size() - start));
      float* inputs = slot->inputs.data_ptr<float>();
      auto* targets = slot->targets.data_ptr<std::int64_t>();
      for (std::int64_t i = 0; i < slot->size; ++i) {
        const std::int64_t sample = order[start + static_cast<std::size_t>(i)];
        gatherer_->gather(sample, inputs + i * gatherer_->sample_elements());
        targets[i] = split_.targets.as<std::int64_t>()[sample];
      }

      lock.lock();
      (generation_ == generation ? ready_ : free_).push_back(slot);
      changed_.notify_all();
    }
  }
}

}  // namespace netwright
