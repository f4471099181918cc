#include "backend/engine/sequences.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace netwright {

namespace {

torch::Tensor indices(const std::vector<std::int64_t>& values, torch::Device device) {
  return torch::tensor(values, torch::kInt64).to(device);
}

torch::Tensor zeros_up_to(torch::Tensor x, const Shape& shape) {
  std::vector<std::int64_t> margins;
  for (std::size_t axis = shape.rank(); axis-- > 0;) {
    const std::int64_t size = x.size(static_cast<std::int64_t>(axis) + 1);
    margins.insert(margins.end(), {0, std::max<std::int64_t>(shape[axis].value_or(size) - size, 0)});
  }
  return torch::constant_pad_nd(x, margins);
}

}  // namespace

Lengths::Lengths(std::vector<std::int64_t> own) : own_(std::move(own)) {
  for (std::int64_t& length : own_) length = std::max<std::int64_t>(length, 1);
}

torch::Tensor Lengths::tensor() const {
  return torch::tensor(own_, torch::kInt64);
}

torch::Tensor Lengths::padding(std::int64_t steps, torch::Device device) const {
  if (!padding_.defined() || padding_.size(1) != steps || padding_.device() != device) {
    padding_ = (torch::arange(steps, torch::kInt64).unsqueeze(0) >= tensor().unsqueeze(1)).to(device);
  }
  return padding_;
}

torch::Tensor Lengths::padding_of(const torch::Tensor& like, std::int64_t dim) const {
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(like.dim()), 1);
  sizes.front() = samples();
  sizes[static_cast<std::size_t>(dim)] = like.size(dim);
  return padding(like.size(dim), like.device()).view(sizes);
}

const Lengths* Sequences::along(std::size_t port, std::int64_t dim) const {
  for (const Axis& axis : axes) {
    if (axis.port == port && axis.dim == dim) return axis.lengths;
  }
  return nullptr;
}

torch::Tensor filled(const torch::Tensor& x, std::int64_t dim, const Lengths& lengths, double value) {
  return x.masked_fill(lengths.padding_of(x, dim), value);
}

std::vector<torch::Tensor> filled(std::vector<torch::Tensor> inputs, const Sequences& sequences, double value) {
  for (const Sequences::Axis& axis : sequences.axes) {
    inputs[axis.port] = filled(inputs[axis.port], axis.dim, *axis.lengths, value);
  }
  return inputs;
}

torch::Tensor continued(const torch::Tensor& x, std::int64_t dim, const Lengths& lengths) {
  const std::int64_t steps = x.size(dim);
  const torch::Tensor places =
      torch::minimum(torch::arange(steps, torch::kInt64).unsqueeze(0), lengths.tensor().unsqueeze(1) - 1);
  const torch::Tensor rows = torch::arange(lengths.samples(), torch::kInt64).unsqueeze(1) * steps + places;
  const torch::Tensor first = x.movedim(dim, 1);
  return first.flatten(0, 1).index_select(0, rows.flatten().to(x.device())).view(first.sizes()).movedim(1, dim);
}

torch::Tensor picked(const torch::Tensor& x, std::int64_t dim, const std::vector<std::int64_t>& steps) {
  const torch::Tensor samples = torch::arange(x.size(0), torch::TensorOptions(torch::kInt64).device(x.device()));
  return x.movedim(dim, 1).index({samples, indices(steps, x.device())});
}

std::vector<torch::Tensor> apart(
    const std::function<std::vector<torch::Tensor>(const std::vector<torch::Tensor>&)>& forward,
    const std::vector<torch::Tensor>& inputs, const Sequences& sequences) {
  std::map<std::vector<std::int64_t>, std::vector<std::int64_t>> groups;
  for (std::int64_t sample = 0; sample < inputs.front().size(0); ++sample) {
    std::vector<std::int64_t> sizes;
    for (const auto& axis : sequences.axes) sizes.push_back(axis.lengths->own()[static_cast<std::size_t>(sample)]);
    groups[sizes].push_back(sample);
  }
  std::vector<std::vector<torch::Tensor>> parts(sequences.outputs.size());
  std::vector<std::int64_t> order;
  for (const auto& [sizes, samples] : groups) {
    std::vector<torch::Tensor> own;
    for (const torch::Tensor& input : inputs) own.push_back(input.index_select(0, indices(samples, input.device())));
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const Sequences::Axis& axis = sequences.axes[i];
      own[axis.port] = own[axis.port].narrow(axis.dim, 0, std::min(sizes[i], own[axis.port].size(axis.dim)));
    }
    const std::vector<torch::Tensor> outputs = forward(own);
    for (std::size_t port = 0; port < parts.size(); ++port) {
      parts[port].push_back(zeros_up_to(outputs.at(port), sequences.outputs[port]));
    }
    order.insert(order.end(), samples.begin(), samples.end());
  }
  std::vector<std::int64_t> place(order.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    place[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(i);
  std::vector<torch::Tensor> joined;
  for (const auto& port : parts) {
    joined.push_back(torch::cat(port).index_select(0, indices(place, port.front().device())));
  }
  return joined;
}

}  // namespace netwright
