#include "backend/engine/flat_parameters.h"

namespace netwright {

namespace {

// 64 bytes of float32: what vector loads and tensor-core kernels want their operands aligned to.
constexpr std::int64_t alignment = 16;

bool is_view_of(const torch::Tensor& tensor, const torch::Tensor& buffer, std::int64_t offset) {
  return tensor.defined() && tensor.is_alias_of(buffer) && tensor.storage_offset() == offset;
}

}  // namespace

FlatParameters::FlatParameters(torch::nn::Module& module) {
  const torch::NoGradGuard no_grad;
  std::int64_t size = 0;
  for (torch::Tensor& parameter : module.parameters()) {
    if (!parameter.requires_grad()) continue;
    offsets_.push_back(size);
    size += (parameter.numel() + alignment - 1) / alignment * alignment;
    count_ += parameter.numel();
    parameters_.push_back(parameter);
  }
  const torch::TensorOptions options =
      parameters_.empty() ? torch::TensorOptions() : parameters_.front().options().requires_grad(false);
  weights_ = torch::zeros({size}, options);
  gradients_ = torch::zeros({size}, options);
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    torch::Tensor& parameter = parameters_[i];
    TORCH_CHECK(parameter.device() == weights_.device() && parameter.scalar_type() == weights_.scalar_type(),
                "All trainable parameters must be of one type and on one device.");
    const auto view_in = [&](const torch::Tensor& buffer) {
      return buffer.narrow(0, offsets_[i], parameter.numel()).view(parameter.sizes());
    };
    torch::Tensor weight = view_in(weights_);
    weight.copy_(parameter);
    parameter.set_data(weight);
    // backward() adds in place to a gradient that is there; only a missing one would be replaced.
    parameter.mutable_grad() = view_in(gradients_);
  }
}

bool FlatParameters::is_intact() const {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (!is_view_of(parameters_[i], weights_, offsets_[i])) return false;
    if (!is_view_of(parameters_[i].grad(), gradients_, offsets_[i])) return false;
  }
  return true;
}

}  // namespace netwright
