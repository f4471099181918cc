#pragma once
// Mixed precision: bfloat16 where it is safe, float32 elsewhere (torch.autocast).

#include <torch/torch.h>

namespace netwright {

/// Whether it makes sense there: a GPU that computes in bfloat16 (NVIDIA's since Ampere), and cuDNN.
bool can_mix(torch::Device device);

/// Runs what follows so until it is destroyed; does nothing where `is_on` is false. For forward passes and losses:
/// backward() follows by itself.
class Autocast {
 public:
  Autocast(bool is_on, torch::Device device);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  bool is_on_;
  bool was_on_ = false;
};

}  // namespace netwright
