#include "backend/engine/threads.h"

#include <ATen/Parallel.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <thread>

namespace netwright {

void set_threads(int count) {
  if (count <= 0) {
    const char* asked = std::getenv("OMP_NUM_THREADS");
    count = asked ? std::atoi(asked) : 0;
  }
  if (count <= 0) count = static_cast<int>(std::thread::hardware_concurrency());
  at::set_num_threads(count > 0 ? count : 1);
}

int threads() {
  return at::get_num_threads();
}

}  // namespace netwright
