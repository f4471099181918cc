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
