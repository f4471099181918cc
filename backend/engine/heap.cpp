#include "backend/engine/heap.h"

#include <cstdlib>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace netwright {

void keep_freed_memory() {
#if defined(__GLIBC__)
  constexpr int largest_accepted = 32 << 20;  // mallopt(3), M_MMAP_THRESHOLD
  constexpr int gibibyte = 1 << 30;
  mallopt(M_MMAP_THRESHOLD, largest_accepted);
  mallopt(M_TRIM_THRESHOLD, gibibyte);
#endif
}

}  // namespace netwright
