#pragma once
// How many threads LibTorch computes with. What must be in the environment before the libraries load is
// app/thread_environment.h's.

#include <string>

namespace netwright {

/// 0: what OMP_NUM_THREADS says, else every core that this process may use.
void set_threads(int count);
int threads();
/// `OpenBLAS, OpenMP`, as LibTorch's build says.
std::string blas_text();

}  // namespace netwright
