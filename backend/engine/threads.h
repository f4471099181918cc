#pragma once
// How many threads LibTorch computes with. What must be in the environment before the libraries load is
// app/thread_environment.h's.

#include <string>

namespace netwright {

/// 0: what OMP_NUM_THREADS says, else every core that this process may use.
void set_threads(int count);
int threads();
/// The file of the matrix library that this process has loaded, `/usr/lib/…/openblas-pthread/libblas.so.3`; empty
/// where none is known by its name (one that is built into LibTorch).
std::string blas_library();

}  // namespace netwright
