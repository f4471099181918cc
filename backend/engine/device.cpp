#include "backend/engine/device.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace netwright {

namespace {

int gpu_count() {
  return torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
}

/// The n of `cuda:n`; nothing where the text is no such thing.
std::optional<int> gpu_index(std::string_view request) {
  constexpr std::string_view prefix = "cuda:";
  if (request == "cuda") return 0;
  if (!request.starts_with(prefix)) return std::nullopt;
  request.remove_prefix(prefix.size());
  int index = 0;
  const auto [end, error] = std::from_chars(request.data(), request.data() + request.size(), index);
  if (error != std::errc() || end != request.data() + request.size() || index < 0) return std::nullopt;
  return index;
}

}  // namespace

Result<torch::Device> pick_device(const std::string& request) {
  const int gpus = gpu_count();
  if (request == "cpu" || (request == "auto" && gpus == 0)) return torch::Device(torch::kCPU);
  if (request == "auto") return torch::Device(torch::kCUDA, 0);
  const std::optional<int> index = gpu_index(request);
  if (!index) return Error{fmt::format("“{}” is no device: use auto, cpu, cuda or cuda:0, cuda:1, …", request)};
  if (gpus == 0) {
    return Error{
        fmt::format("“{}” needs an NVIDIA GPU, and this LibTorch ({}) finds none. Use cpu, or build with a "
                    "CUDA build of LibTorch on a machine that has one.",
                    request, TORCH_VERSION)};
  }
  if (*index >= gpus) {
    return Error{fmt::format("“{}” isn't there: this machine has {}.", request,
                             gpus == 1 ? "one GPU, cuda:0" : fmt::format("cuda:0 to cuda:{}", gpus - 1))};
  }
  return torch::Device(torch::kCUDA, static_cast<torch::DeviceIndex>(*index));
}

std::vector<std::string> available_devices() {
  std::vector<std::string> devices = {"cpu"};
  for (int index = 0; index < gpu_count(); ++index) devices.push_back(fmt::format("cuda:{}", index));
  return devices;
}

}  // namespace netwright
