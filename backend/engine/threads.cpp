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

std::string blas_library() {
  constexpr std::array<std::string_view, 5> names = {"libopenblas", "libmkl_core", "libblis", "libatlas", "libblas"};
  std::string found;
  std::size_t rank = names.size();
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const std::size_t start = line.find('/');
    if (start == std::string::npos) continue;
    const std::string path = line.substr(start);
    const std::string file = std::filesystem::path(path).filename();
    for (std::size_t i = 0; i < rank; ++i) {
      if (!file.starts_with(names[i])) continue;
      found = path;
      rank = i;
    }
  }
  return found;
}

}  // namespace netwright
