#pragma once
// What the files that bind families of calls share; see nn_bindings.h for what they are for.

#include <limits>
#include <map>
#include <string_view>

#include "backend/engine/nn_arguments.h"
#include "backend/engine/nn_bindings.h"
#include "backend/engine/sequences.h"

namespace netwright {

using Tensors = std::vector<torch::Tensor>;
/// Reads the call's arguments; throws BindingError where they don't fit.
using Binding = Op (*)(NnArguments&);
using BindingTable = std::map<std::string_view, Binding>;

// A file each.
void add_spatial_bindings(BindingTable& table);  ///< convolution, pooling
void add_normalisation_bindings(BindingTable& table);
void add_pointwise_bindings(BindingTable& table);  ///< activations, regularisation
void add_sequence_bindings(BindingTable& table);   ///< embedding, recurrence, attention
void add_shape_bindings(BindingTable& table);      ///< shapes, parts, margins, upsampling
void add_tensor_bindings(BindingTable& table);     ///< linear, arithmetic, what joins branches, constants

/// constant, reflect, replicate or circular; throws BindingError for others.
torch::nn::functional::PadFuncOptions::mode_t pad_mode(const std::string& mode);

/// A module with one input and one output, forward as it is.
template <class Holder>
Op module_op(Holder holder) {
  return {holder.ptr(), [holder](const Tensors& x) mutable { return Tensors{holder->forward(x[0])}; }};
}

/// A function of all inputs.
template <class Function>
Op function_op(Function function) {
  return {nullptr, [function](const Tensors& x) { return Tensors{function(x)}; }};
}

/// A module of our own with one input.
template <class Module, class... Arguments>
Op own_op(Arguments&&... arguments) {
  auto module = std::make_shared<Module>(std::forward<Arguments>(arguments)...);
  return {module, [module](const Tensors& x) { return Tensors{module->forward(x[0])}; }};
}

template <class Holder>
Op plain_module(NnArguments&) {
  return module_op(Holder());
}

/// An op to which zeros after a sequence are as good as its end.
inline Op zero_padded(Op op) {
  op.padded = [forward = op.forward](const Tensors& x, const Sequences& sequences) {
    return forward(filled(x, sequences));
  };
  return op;
}

/// An op that depends on where a sequence ends: it runs for each length by itself.
inline Op run_apart(Op op) {
  op.padded = [forward = op.forward](const Tensors& x, const Sequences& sequences) {
    return apart(forward, x, sequences);
  };
  return op;
}

/// What a mean over all steps, padded ones counted as 0, lacks to be that of the sequences' own.
torch::Tensor mean_of_own(const torch::Tensor& mean, const Tensors& x, const Sequences& sequences);

inline constexpr double lowest = -std::numeric_limits<double>::infinity();

}  // namespace netwright
