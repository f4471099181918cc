#include "app/thread_environment.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

namespace netwright {

namespace {

/// `--threads N` or `--threads=N`; empty where it isn't given as a whole number above 0.
std::string asked_threads(int argc, char** argv) {
  constexpr std::string_view option = "--threads";
  for (int i = 1; i < argc; ++i) {
    std::string_view argument = argv[i];
    if (!argument.starts_with(option)) continue;
    argument.remove_prefix(option.size());
    if (argument.empty() && i + 1 < argc) argument = argv[i + 1];
    if (argument.starts_with('=')) argument.remove_prefix(1);
    std::string text(argument);
    const bool is_number = !text.empty() && text.size() <= 4 && text.find_first_not_of("0123456789") == text.npos;
    if (is_number && std::stoi(text) > 0) return text;
  }
  return {};
}

}  // namespace

int usable_cores() {
  cpu_set_t affinity;
  int cores = sched_getaffinity(0, sizeof affinity, &affinity) == 0 ? CPU_COUNT(&affinity) : 1;
  // `max 100000` or `150000 100000`: microseconds of CPU time per period
  // (https://docs.kernel.org/admin-guide/cgroup-v2.html).
  std::ifstream quota_file("/sys/fs/cgroup/cpu.max");
  double quota = 0;
  double period = 0;
  if (quota_file >> quota >> period && quota > 0 && period > 0) {
    cores = std::min(cores, static_cast<int>(std::ceil(quota / period)));
  }
  return std::max(cores, 1);
}

void ensure_thread_environment(int argc, char** argv) {
  const bool spins_are_set = std::getenv("GOMP_SPINCOUNT") || std::getenv("OMP_WAIT_POLICY");
  if (std::getenv("OMP_NUM_THREADS") && std::getenv("OPENBLAS_NUM_THREADS") && spins_are_set) return;
  const std::string asked = asked_threads(argc, argv);
  // torchrun's: so many processes have the cores of this machine.
  const char* processes = std::getenv("LOCAL_WORLD_SIZE");
  const int sharing = std::max(1, processes ? std::atoi(processes) : 1);
  const std::string threads = asked.empty() ? std::to_string(std::max(1, usable_cores() / sharing)) : asked;
  setenv("OMP_NUM_THREADS", threads.c_str(), 0);
  setenv("OPENBLAS_NUM_THREADS", "1", 0);
  // libgomp's own 300,000 turns of busy waiting make training several times slower as soon as anything else wants
  // the cores; a fifteenth of that costs about 4 % where nothing does.
  if (!spins_are_set) setenv("GOMP_SPINCOUNT", "20000", 0);
  // All are set now, so the new start returns above. Should exec fail, the work is slower but right.
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) execv(program.c_str(), argv);
}

}  // namespace netwright
