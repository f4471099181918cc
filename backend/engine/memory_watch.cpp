#include "backend/engine/memory_watch.h"

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <algorithm>
#include <mutex>

namespace netwright {

namespace {

class Reporter : public c10::MemoryReportingInfoBase {
 public:
  // LibTorch 1.13 counts totals in int64_t, newer ones in size_t: one of the two overrides.
  void reportMemoryUsage(void*, std::int64_t bytes, std::int64_t, std::int64_t, c10::Device) { count(bytes); }
  void reportMemoryUsage(void*, std::int64_t bytes, std::size_t, std::size_t, c10::Device) { count(bytes); }
  bool memoryProfilingEnabled() const override { return true; }

  std::int64_t current() const {
    const std::lock_guard lock(mutex_);
    return current_;
  }
  std::int64_t peak() const {
    const std::lock_guard lock(mutex_);
    return peak_;
  }

 private:
  void count(std::int64_t bytes) {
    // Backward passes report from threads of their own.
    const std::lock_guard lock(mutex_);
    current_ += bytes;
    peak_ = std::max(peak_, current_);
  }

  mutable std::mutex mutex_;
  std::int64_t current_ = 0;
  std::int64_t peak_ = 0;
};

}  // namespace

struct MemoryWatch::State {
  std::shared_ptr<Reporter> reporter = std::make_shared<Reporter>();
  c10::DebugInfoGuard guard{c10::DebugInfoKind::PROFILER_STATE, reporter};
};

MemoryWatch::MemoryWatch() : state_(std::make_unique<State>()) {}
MemoryWatch::~MemoryWatch() = default;

std::int64_t MemoryWatch::current_bytes() const {
  return state_->reporter->current();
}

std::int64_t MemoryWatch::peak_bytes() const {
  return state_->reporter->peak();
}

}  // namespace netwright
