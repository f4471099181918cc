#include "backend/engine/environment.h"

#include <torch/version.h>
#include <unistd.h>

#include <array>

#include "backend/engine/threads.h"

namespace netwright {

std::map<std::string, std::string> run_environment() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  const std::string blas = blas_library();
  return {{"netwright", NETWRIGHT_VERSION},
          {"libtorch", TORCH_VERSION},
          {"blas", blas.empty() ? "built into LibTorch" : blas},
          {"threads", std::to_string(threads())},
          {"host", host.data()}};
}

}  // namespace netwright
