#pragma once
// Several processes that train one network together: how they find each other, add up numbers, and notice a lost one.

#include <torch/torch.h>

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "backend/core/result.h"

namespace netwright {

/// A process's place among the others.
struct ProcessPlace {
  int rank = 0;  ///< 0 leads: it alone writes, and obeys commands
  int size = 1;
  int local_rank = 0;   ///< on its machine; which GPU is its own
  std::string address;  ///< where process 0 (or who started it) answers
  int port = 0;
  bool joins_store = false;  ///< whoever started the processes answers there, not process 0 (torchrun's static way)
  int attempt = 0;           ///< how often they were started anew
};

/// From torchrun's variables: RANK, WORLD_SIZE, LOCAL_RANK (0 where it is missing), MASTER_ADDR, MASTER_PORT. Nothing
/// where WORLD_SIZE is missing or 1. Refuses missing and impossible ones by name.
Result<std::optional<ProcessPlace>> place_from_environment(const std::function<const char*(const char*)>& variable =
                                                               [](const char* name) { return std::getenv(name); });

/// Another process is gone; what() says which one, as far as it can be known.
struct ProcessLost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The calls that change or give numbers are made by all processes, in the same order; each waits for the others.
/// They throw ProcessLost within ten seconds after a process has ended, crashed, or isn't heard of any more.
class ProcessGroup {
 public:
  /// Waits until all are there, five minutes at most. Over NCCL where LibTorch has it and `device` is a GPU, else Gloo.
  /// GLOO_SOCKET_IFNAME names the network interface that Gloo is to use.
  static Result<std::unique_ptr<ProcessGroup>> join(const ProcessPlace& place, torch::Device device);
  /// Leaves, as one that failed where leave() wasn't called.
  ~ProcessGroup();
  ProcessGroup(const ProcessGroup&) = delete;
  ProcessGroup& operator=(const ProcessGroup&) = delete;

  int rank() const { return place_.rank; }
  int size() const { return place_.size; }
  bool leads() const { return place_.rank == 0; }
  /// `gloo` or `nccl`.
  std::string backend() const;

  /// `tensor` becomes the sum over the processes (the greatest), everywhere the same to the bit.
  void sum(const torch::Tensor& tensor) const;
  void maximum(const torch::Tensor& tensor) const;
  /// `tensor` becomes process 0's.
  void spread(const torch::Tensor& tensor) const;
  /// Process 0's text.
  std::string spread(const std::string& text) const;

  /// The last call. `why`: what the others are told where this process failed; empty: its work is done. Process 0 waits
  /// some seconds for the others.
  void leave(const std::string& why = {});

 private:
  struct Connection;
  ProcessGroup(const ProcessPlace& place, std::unique_ptr<Connection> connection);

  ProcessPlace place_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace netwright
