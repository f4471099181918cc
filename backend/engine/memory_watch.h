#pragma once
// What tensors really take, as LibTorch's allocators report it.

#include <cstdint>
#include <memory>

namespace netwright {

/// From its making to its end, counts what this thread (and the backward passes it starts) allocates and frees for
/// tensors, on whatever device. Watches nest; the innermost counts.
class MemoryWatch {
 public:
  MemoryWatch();
  ~MemoryWatch();
  MemoryWatch(const MemoryWatch&) = delete;
  MemoryWatch& operator=(const MemoryWatch&) = delete;

  /// Allocated and not freed since the watch began.
  std::int64_t current_bytes() const;
  /// The most that there was at once.
  std::int64_t peak_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace netwright
