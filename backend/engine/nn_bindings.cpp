#include "backend/engine/nn_bindings.h"

#include <fmt/format.h>

#include "backend/engine/nn_binding_table.h"

namespace netwright {

namespace {

const BindingTable& table() {
  static const BindingTable all = [] {
    BindingTable rows;
    add_spatial_bindings(rows);
    add_normalisation_bindings(rows);
    add_pointwise_bindings(rows);
    add_sequence_bindings(rows);
    add_shape_bindings(rows);
    add_tensor_bindings(rows);
    return rows;
  }();
  return all;
}

}  // namespace

torch::Tensor mean_of_own(const torch::Tensor& mean, const Tensors& x, const Sequences& sequences) {
  torch::Tensor result = mean;
  for (const Sequences::Axis& axis : sequences.axes) {
    const torch::Tensor own = axis.lengths->tensor().to(mean.options());
    std::vector<std::int64_t> sizes(static_cast<std::size_t>(mean.dim()), 1);
    sizes.front() = own.size(0);
    result = result * (static_cast<double>(x[axis.port].size(axis.dim)) / own).view(sizes);
  }
  return result;
}

Result<Op> bind(const NnCall& call) {
  const auto it = table().find(call.name);
  if (it == table().end()) return Error{fmt::format("The engine can't run {} yet.", call.name)};
  try {
    NnArguments arguments(call);
    Op op = it->second(arguments);
    arguments.expect_all_read();
    return op;
  } catch (const BindingError& error) {
    return Error{error.what()};
  } catch (const c10::Error& error) {
    return Error{fmt::format("{}: {}", call.name, error.what_without_backtrace())};
  }
}

}  // namespace netwright
