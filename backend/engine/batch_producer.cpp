#include "backend/engine/batch_producer.h"

#include <c10/core/Event.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <numeric>

#include "backend/data/augmentation.h"
#include "backend/data/moments.h"
#include "backend/data/normalisation.h"
#include "backend/data/normaliser.h"
#include "backend/data/random.h"

namespace netwright {
namespace {

constexpr std::size_t ring_size = 4;

std::vector<std::int64_t> choose(const Split& split, const BatchOptions& options) {
  const std::int64_t count = split.count();
  std::vector<std::int64_t> chosen(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) chosen[static_cast<std::size_t>(i)] = split.row(i);
  if (options.limit > 0 && options.limit < count) {
    constexpr std::uint32_t selection_stream = 0xFFFFFFFF;
    Random random(static_cast<std::uint64_t>(options.seed), selection_stream);
    shuffle(chosen, random);
    chosen.resize(static_cast<std::size_t>(options.limit));
    std::sort(chosen.begin(), chosen.end());
  }
  return chosen;
}

std::vector<std::int64_t> sample_sizes(const Array& array) {
  return {array.sizes.begin() + 1, array.sizes.end()};
}

std::string text_of(const std::vector<std::int64_t>& sizes) {
  return sizes.empty() ? "single numbers" : fmt::format("{}", fmt::join(sizes, "×"));
}

/// Nothing, or what is wrong with the targets.
std::optional<std::string> target_complaint(const Split& split, const Legend& legend) {
  const Array& targets = split.targets;
  const std::int64_t samples = split.inputs.count();
  const auto wrong_count = [&](const char* what) {
    return fmt::format("The data set has {} samples but {} {}.", samples, targets.count(), what);
  };
  switch (legend.target) {
    case TargetKind::None:
      return std::nullopt;
    case TargetKind::Class:
      if (targets.count() != samples || targets.sizes.size() != 1 || targets.type != ElementType::Int64) {
        return wrong_count("class indices");
      }
      return std::nullopt;
    case TargetKind::Labels:
      if (targets.count() != samples || targets.sizes.size() != 2 || targets.type != ElementType::Float32) {
        return wrong_count("rows of labels");
      }
      return std::nullopt;
    case TargetKind::Values:
      if (targets.count() != samples || targets.type != ElementType::Float32) return wrong_count("rows of targets");
      if (const auto why = complaint(legend.target_normalisation, Shape::from_sizes(sample_sizes(targets)))) {
        return fmt::format("The data set's targets can't be used: {}.", *why);
      }
      return std::nullopt;
    case TargetKind::Mask:
      if (targets.count() != samples || targets.sizes.size() != 3 || targets.type != ElementType::UInt8) {
        return wrong_count("masks");
      }
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::string> row_complaint(const Split& split) {
  if (!split.rows) return std::nullopt;
  const auto [least, greatest] = std::minmax_element(split.rows->begin(), split.rows->end());
  if (*least >= 0 && *greatest < split.inputs.count()) return std::nullopt;
  return fmt::format("The split has sample {}, but there are {} samples.", *least < 0 ? *least : *greatest,
                     split.inputs.count());
}

std::optional<std::string> split_complaint(const Split& split, const Legend& legend, const BatchOptions& options) {
  const Array& inputs = split.inputs;
  if (split.count() == 0 || inputs.count() == 0) return "The data set has no samples in this split.";
  if (auto why = row_complaint(split)) return why;
  if (auto why = target_complaint(split, legend)) return why;
  const bool has_lengths = !split.lengths.sizes.empty();
  if (has_lengths && (split.lengths.count() != inputs.count() || split.lengths.type != ElementType::Int64)) {
    return fmt::format("The data set has {} samples but {} lengths.", inputs.count(), split.lengths.count());
  }
  if (options.batch_size < 1) return fmt::format("The batch size is {}: it must be 1 or more.", options.batch_size);
  if (inputs.type != ElementType::Int64) {
    if (const auto why = complaint(legend.normalisation, Shape::from_sizes(sample_sizes(inputs)))) {
      return fmt::format("The data set's inputs can't be used: {}.", *why);
    }
  }
  const Augmentation augmentation(options.augmentation, sample_sizes(inputs), inputs.type);
  if (legend.target == TargetKind::Mask && augmentation.moves()) {
    const std::vector<std::int64_t> image = {inputs.sizes[2], inputs.sizes[3]};
    if (sample_sizes(split.targets) != image) {
      return fmt::format(
          "Pictures of {} can't be moved together with masks of {}: set flip, crop_padding, rotation and "
          "shift to 0, or bring the masks to the pictures' size.",
          text_of(image), text_of(sample_sizes(split.targets)));
    }
  }
  return std::nullopt;
}

/// How many numbers and bytes a sample of an array has.
struct SampleSize {
  explicit SampleSize(const Array& array)
      : elements(sample_elements(array)), bytes(static_cast<std::size_t>(elements) * bytes_of(array.type)) {}
  std::int64_t elements;
  std::size_t bytes;
};

const std::byte* sample_of(const Array& array, const SampleSize& size, std::int64_t row) {
  return array.bytes.data() + static_cast<std::size_t>(row) * size.bytes;
}

}  // namespace

/// The buffers of a batch.
struct BatchProducer::Slot {
  torch::Tensor inputs;
  torch::Tensor targets;  ///< undefined where there are none
  torch::Tensor lengths;  ///< undefined where samples are whole
  std::int64_t size = 0;
  std::vector<std::int64_t> rows;
  BatchPart part;
  std::optional<c10::Event> copied;  ///< on a GPU: when the copy out of the buffers is done

  void wait_until_copied() {
    while (copied && !copied->query()) std::this_thread::sleep_for(std::chrono::microseconds(50));
    copied.reset();
  }
};

/// Puts single samples into batches: augmented, normalised, or as they are. Used by one thread.
class BatchProducer::Gatherer {
 public:
  Gatherer(const Split& split, const Legend& legend, const BatchOptions& options)
      : split_(split),
        kind_(legend.target),
        seed_(static_cast<std::uint64_t>(options.seed)),
        channels_last_(options.channels_last && split.inputs.sizes.size() == 4),
        input_size_(split.inputs),
        target_size_(split.targets),
        augmentation_(options.augmentation, sample_sizes(split.inputs), split.inputs.type) {
    if (split.inputs.type != ElementType::Int64) inputs_.emplace(split.inputs, legend.normalisation, channels_last_);
    if (kind_ == TargetKind::Values) targets_.emplace(split.targets, legend.target_normalisation, false);
    if (augmentation_.is_idle()) return;
    changed_input_.resize(input_size_.bytes);
    if (kind_ == TargetKind::Mask && augmentation_.moves()) changed_mask_.resize(target_size_.bytes);
  }

  /// Buffers for `batch` samples.
  std::unique_ptr<Slot> make_slot(std::int64_t batch, bool is_pinned) const {
    const auto options = torch::TensorOptions().pinned_memory(is_pinned);
    const auto sizes_of = [batch](const Array& array) {
      std::vector<std::int64_t> sizes = array.sizes;
      sizes.front() = batch;
      return sizes;
    };
    auto slot = std::make_unique<Slot>();
    slot->inputs = torch::empty(sizes_of(split_.inputs), options.dtype(inputs_ ? torch::kFloat32 : torch::kInt64),
                                channels_last_ ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous);
    if (kind_ != TargetKind::None) {
      const bool is_whole = kind_ == TargetKind::Class || kind_ == TargetKind::Mask;
      slot->targets = torch::empty(sizes_of(split_.targets), options.dtype(is_whole ? torch::kInt64 : torch::kFloat32));
    }
    if (!split_.lengths.sizes.empty()) slot->lengths = torch::empty({batch}, torch::kInt64);
    return slot;
  }

  /// The sample in row `row` becomes the batch's sample `place`.
  void gather(std::int64_t row, int epoch, Slot& slot, std::int64_t place) {
    const std::byte* input = sample_of(split_.inputs, input_size_, row);
    const std::byte* target = kind_ == TargetKind::None ? nullptr : sample_of(split_.targets, target_size_, row);
    if (!changed_input_.empty()) change(row, epoch, input, target);
    put_input(row, input, slot, place);
    if (target != nullptr) put_target(target, slot, place);
    if (slot.lengths.defined()) slot.lengths.data_ptr<std::int64_t>()[place] = split_.lengths.as<std::int64_t>()[row];
  }

 private:
  /// Points to the changed sample instead.
  void change(std::int64_t row, int epoch, const std::byte*& input, const std::byte*& target) {
    Random random(scrambled(scrambled(seed_) + static_cast<std::uint64_t>(epoch)) + static_cast<std::uint64_t>(row));
    if (changed_mask_.empty()) {
      augmentation_.apply(input, changed_input_.data(), random);
    } else {
      augmentation_.apply(input, changed_input_.data(), random, reinterpret_cast<const std::uint8_t*>(target),
                          changed_mask_.data());
      target = reinterpret_cast<const std::byte*>(changed_mask_.data());
    }
    input = changed_input_.data();
  }

  void put_input(std::int64_t row, const std::byte* input, Slot& slot, std::int64_t place) const {
    const std::int64_t elements = input_size_.elements;
    if (!inputs_) {
      std::memcpy(slot.inputs.data_ptr<std::int64_t>() + place * elements, input, input_size_.bytes);
      return;
    }
    float* out = slot.inputs.data_ptr<float>() + place * elements;
    inputs_->write(input, out);
    // Padding stays 0, whatever 0 is normalised to.
    if (const auto steps = own_steps(split_.inputs, split_, row)) {
      std::fill(out + *steps * split_.inputs.sizes[2], out + elements, 0.0F);
    }
  }

  void put_target(const std::byte* target, Slot& slot, std::int64_t place) const {
    const std::int64_t elements = target_size_.elements;
    switch (kind_) {
      case TargetKind::None:
        return;
      case TargetKind::Class:
        std::memcpy(slot.targets.data_ptr<std::int64_t>() + place, target, target_size_.bytes);
        return;
      case TargetKind::Labels:
        std::memcpy(slot.targets.data_ptr<float>() + place * elements, target, target_size_.bytes);
        return;
      case TargetKind::Values:
        targets_->write(target, slot.targets.data_ptr<float>() + place * elements);
        return;
      case TargetKind::Mask: {
        const auto* mask = reinterpret_cast<const std::uint8_t*>(target);
        std::copy(mask, mask + elements, slot.targets.data_ptr<std::int64_t>() + place * elements);
        return;
      }
    }
  }

  const Split& split_;
  TargetKind kind_;
  std::uint64_t seed_;
  bool channels_last_;
  SampleSize input_size_;
  SampleSize target_size_;
  Augmentation augmentation_;
  std::optional<Normaliser> inputs_;      ///< nothing for words
  std::optional<Normaliser> targets_;     ///< of Values
  std::vector<std::byte> changed_input_;  ///< empty where nothing is changed
  std::vector<std::uint8_t> changed_mask_;
};

Result<std::unique_ptr<BatchProducer>> BatchProducer::create(const Split& split, const Legend& legend,
                                                             const BatchOptions& options) {
  if (auto why = split_complaint(split, legend, options)) return Error{std::move(*why)};
  try {
    return std::unique_ptr<BatchProducer>(new BatchProducer(split, legend, options));
  } catch (const std::exception& problem) {
    return Error{fmt::format("Buffers for batches of {} couldn't be allocated: {}. Try a smaller batch size.",
                             options.batch_size, problem.what())};
  }
}

BatchProducer::BatchProducer(const Split& split, const Legend& legend, const BatchOptions& options)
    : options_(options),
      chosen_(choose(split, options)),
      gatherer_(std::make_unique<Gatherer>(split, legend, options)) {
  for (std::size_t i = 0; i < ring_size; ++i) {
    const std::int64_t most = std::max((options.batch_size + options.parts - 1) / options.parts, options.parts - 1);
    slots_.push_back(gatherer_->make_slot(std::min(most, samples()), options.device.is_cuda()));
    free_.push_back(slots_.back().get());
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
  if (options_.shuffle) {
    Random random(static_cast<std::uint64_t>(options_.seed), static_cast<std::uint32_t>(epoch));
    shuffle(order, random);
  }
  return order;
}

void BatchProducer::begin(int epoch, std::int64_t first_batch) {
  {
    const std::lock_guard lock(mutex_);
    epoch_ = epoch;
    first_batch_ = std::clamp<std::int64_t>(first_batch, 0, batches());
    ++generation_;
    taken_ = first_batch_;
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
  Batch batch{.inputs = slot->inputs.narrow(0, 0, slot->size), .targets = {}, .part = slot->part};
  if (slot->targets.defined()) batch.targets = slot->targets.narrow(0, 0, slot->size);
  if (slot->lengths.defined()) batch.lengths = slot->lengths.narrow(0, 0, slot->size);
  batch.rows = slot->rows;
  if (options_.device.is_cpu()) return batch;
  batch.inputs = batch.inputs.to(options_.device, /*non_blocking=*/true);
  if (batch.targets.defined()) batch.targets = batch.targets.to(options_.device, /*non_blocking=*/true);
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
    const auto batch_size = static_cast<std::size_t>(options_.batch_size);
    const std::size_t first = static_cast<std::size_t>(first_batch_) * batch_size;
    lock.unlock();
    const std::vector<std::int64_t> order = order_of(epoch);
    lock.lock();

    for (std::size_t start = first; start < order.size(); start += batch_size) {
      changed_.wait(lock, [&] { return leaving_ || generation_ != generation || !free_.empty(); });
      if (leaving_) return;
      if (generation_ != generation) break;
      Slot* slot = free_.front();
      free_.pop_front();
      lock.unlock();

      slot->wait_until_copied();
      const auto whole = static_cast<std::int64_t>(std::min(batch_size, order.size() - start));
      const std::int64_t parts = options_.parts;
      slot->part = {.whole = whole};
      slot->size = whole;
      if (whole < parts) {
        slot->part.copies = parts;
      } else if (parts > 1) {
        slot->part.first = whole * options_.part / parts;
        slot->size = whole * (options_.part + 1) / parts - slot->part.first;
      }
      const auto from = order.begin() + static_cast<std::ptrdiff_t>(start) + slot->part.first;
      slot->rows.assign(from, from + slot->size);
      for (std::int64_t i = 0; i < slot->size; ++i) {
        gatherer_->gather(slot->rows[static_cast<std::size_t>(i)], epoch, *slot, i);
      }

      lock.lock();
      (generation_ == generation ? ready_ : free_).push_back(slot);
      changed_.notify_all();
    }
  }
}

}  // namespace netwright
