#include "backend/engine/mixed_precision.h"

#include <ATen/autocast_mode.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/DeviceGuard.h>

namespace netwright {

namespace {

// From LibTorch 2.4 on the device is an argument.
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
bool is_enabled() {
  return at::autocast::is_autocast_enabled(at::kCUDA);
}
void set_enabled(bool enabled) {
  at::autocast::set_autocast_enabled(at::kCUDA, enabled);
}
void use_bfloat16() {
  at::autocast::set_autocast_dtype(at::kCUDA, at::kBFloat16);
}
#else
bool is_enabled() {
  return at::autocast::is_enabled();
}
void set_enabled(bool enabled) {
  at::autocast::set_enabled(enabled);
}
void use_bfloat16() {
  at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
}
#endif

}  // namespace

bool can_mix(torch::Device device) {
  if (!device.is_cuda() || !torch::cuda::is_available()) return false;
  const c10::DeviceGuard guard(device);
  // The one question about the current GPU's generation that needs no headers of CUDA.
  return at::detail::getCUDAHooks().supportsBFloat16ConvolutionWithCuDNNv8();
}

Autocast::Autocast(bool is_on, torch::Device device) : is_on_(is_on && device.is_cuda()) {
  if (!is_on_) return;
  was_on_ = is_enabled();
  use_bfloat16();
  set_enabled(true);
  at::autocast::increment_nesting();
}

Autocast::~Autocast() {
  if (!is_on_) return;
  // Copies of weights in bfloat16 are kept for the pass; the next one has other weights.
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  set_enabled(was_on_);
}

}  // namespace netwright
