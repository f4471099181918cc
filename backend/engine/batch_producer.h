#pragma once
// Batches for training, prepared ahead by a thread: shuffled, gathered and normalised in plain C++ into a small ring
// of buffers that live as long as the producer. The data stays as it came.

#include <torch/torch.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "backend/core/result.h"
#include "backend/core/settings.h"
#include "backend/data/dataset.h"

namespace netwright {

/// Where a part stands in the batch that several processes share.
struct BatchPart {
  std::int64_t whole = 0;   ///< samples of the whole batch
  std::int64_t first = 0;   ///< the part's first one
  std::int64_t copies = 1;  ///< more than 1: so many processes have the same samples, all of them
};

struct Batch {
  torch::Tensor inputs;        ///< B×sample shape, float32 or int64 (words), on the device
  torch::Tensor targets = {};  ///< on the device: B int64 (Class), B×H×W int64 (Mask), B×target shape float32,
                               ///< normalised (Values, Labels); undefined for None
  torch::Tensor lengths = {};  ///< B, int64, on the CPU: see Split::lengths; undefined where samples are whole
  std::vector<std::int64_t> rows = {};  ///< which rows of the split's arrays the samples are
  BatchPart part = {};
  /// What the inputs were before a test of robustness disturbed them: what reconstruction is to give back. Undefined:
  /// the inputs themselves.
  torch::Tensor undisturbed = {};
  std::int64_t size() const { return inputs.size(0); }
};

struct BatchOptions {
  std::int64_t batch_size = 64;
  bool shuffle = true;
  std::int64_t seed = 0;
  std::int64_t limit = 0;      ///< use only so many samples, drawn by the seed; 0: all
  bool channels_last = false;  ///< how images lie in memory; the sizes stay C×H×W
  Settings augmentation = {};  ///< see data/augmentation.h; what is missing changes nothing
  torch::Device device = torch::kCPU;
  /// Of every batch give only this part of so many, a run of its samples; all of it where it has fewer samples than
  /// there are parts.
  std::int64_t part = 0;
  std::int64_t parts = 1;
};

/// What it gives depends on the data, the options and the epoch alone, never on timing.
class BatchProducer {
 public:
  /// `split` must outlive the producer; `legend` is of the same data set. Refuses a split whose parts don't fit each
  /// other.
  static Result<std::unique_ptr<BatchProducer>> create(const Split& split, const Legend& legend,
                                                       const BatchOptions& options);
  ~BatchProducer();
  BatchProducer(const BatchProducer&) = delete;
  BatchProducer& operator=(const BatchProducer&) = delete;

  /// Every sample once, in the order of `seed` and `epoch`, from batch `first_batch` on; what was left of the epoch
  /// before is dropped.
  void begin(int epoch, std::int64_t first_batch = 0);
  /// The next batch, the last one perhaps smaller; nothing at the end of the epoch. Valid until the next call.
  std::optional<Batch> next();

  /// Of all parts.
  std::int64_t samples() const { return static_cast<std::int64_t>(chosen_.size()); }
  std::int64_t batches() const { return (samples() + options_.batch_size - 1) / options_.batch_size; }

 private:
  struct Slot;
  class Gatherer;

  BatchProducer(const Split& split, const Legend& legend, const BatchOptions& options);
  void work();
  std::vector<std::int64_t> order_of(int epoch) const;

  const BatchOptions options_;
  std::vector<std::int64_t> chosen_;  ///< rows of the arrays
  std::unique_ptr<Gatherer> gatherer_;
  std::vector<std::unique_ptr<Slot>> slots_;

  std::mutex mutex_;
  std::condition_variable changed_;
  int epoch_ = 0;
  std::int64_t first_batch_ = 0;
  std::int64_t generation_ = 0;  ///< counts begin(); 0 before the first
  std::int64_t taken_ = 0;       ///< batches of this epoch that were handed out or left out
  std::deque<Slot*> free_;
  std::deque<Slot*> ready_;
  Slot* lent_ = nullptr;
  bool leaving_ = false;
  std::thread thread_;
};

}  // namespace netwright
