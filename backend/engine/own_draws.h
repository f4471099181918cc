#pragma once

#include <torch/torch.h>

#include "backend/engine/checkpoint.h"

namespace netwright {

/// Draws of LibTorch's generators are those of `seed` until it is destroyed; then they go on as if there had been none:
/// judging and showing change nothing of what training draws.
class OwnDraws {
 public:
  OwnDraws(std::uint64_t seed, torch::Device device) : device_(device), before_(random_states(device)) {
    torch::manual_seed(seed);
  }
  ~OwnDraws() { restore_random_states(before_, device_); }
  OwnDraws(const OwnDraws&) = delete;
  OwnDraws& operator=(const OwnDraws&) = delete;

 private:
  torch::Device device_;
  NamedTensors before_;
};

}  // namespace netwright
