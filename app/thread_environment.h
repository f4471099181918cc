#pragma once
// OpenMP and OpenBLAS read their thread counts when they are loaded, and fight for the cores when both take all.

namespace netwright {

/// Call first in main. Where OMP_NUM_THREADS, OPENBLAS_NUM_THREADS or how long OpenMP's threads wait busily aren't set,
/// sets them (to `--threads N` or the number of usable cores, to 1, and to a short while) and starts this program anew
/// in the same process; returns where they are set.
void ensure_thread_environment(int argc, char** argv);

/// The cores that this process may use: its affinity, capped by its control group's quota. At least 1.
int usable_cores();

}  // namespace netwright
