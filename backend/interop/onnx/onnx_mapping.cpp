#include "backend/interop/onnx/onnx_mapping.h"

#include <fmt/format.h>

namespace netwright {

namespace {

[[noreturn]] void complain(const NnCall& call, std::string_view argument, const char* expected) {
  const Value* value = call.find(argument);
  throw OnnxExportError(fmt::format("{}: {} must be {}, not {}.", call.name, argument, expected,
                                    value ? to_text(*value) : std::string("missing")));
}

template <class T>
T get(const NnCall& call, std::string_view argument, const std::optional<T>& fallback, const char* expected) {
  const Value* value = call.find(argument);
  if (!value && fallback) return *fallback;
  if (const auto* typed = value ? std::get_if<T>(value) : nullptr) return *typed;
  complain(call, argument, expected);
}

}  // namespace

Integers sizes_of(const Shape& shape) {
  Integers sizes;
  for (const Dim& dim : shape.dims()) sizes.push_back(dim.value());
  return sizes;
}

std::int64_t OnnxLayer::size(std::int64_t axis, std::size_t port) const {
  return input_shapes[port][static_cast<std::size_t>(axis < 0 ? axis + rank(port) - 1 : axis - 1)].value();
}

bool OnnxLayer::flag(std::string_view argument, std::optional<bool> fallback) const {
  return get<bool>(call, argument, fallback, "true or false");
}

std::int64_t OnnxLayer::integer(std::string_view argument, std::optional<std::int64_t> fallback) const {
  return get<std::int64_t>(call, argument, fallback, "a whole number");
}

double OnnxLayer::real(std::string_view argument, std::optional<double> fallback) const {
  const Value* value = call.find(argument);
  if (value && std::holds_alternative<std::int64_t>(*value)) return static_cast<double>(integer(argument));
  return get<double>(call, argument, fallback, "a number");
}

std::string OnnxLayer::text(std::string_view argument, const std::optional<std::string>& fallback) const {
  return get<std::string>(call, argument, fallback, "text");
}

Integers OnnxLayer::integers(std::string_view argument, std::size_t count,
                             const std::optional<Integers>& fallback) const {
  const Value* value = call.find(argument);
  const bool is_one = value && std::holds_alternative<std::int64_t>(*value);
  Integers list = is_one ? Integers{integer(argument)} : get<Integers>(call, argument, fallback, "whole numbers");
  if (count > 1 && list.size() == 1) list.resize(count, list.front());
  if (count != 0 && list.size() != count) complain(call, argument, fmt::format("{} whole numbers", count).c_str());
  return list;
}

Reals OnnxLayer::reals(std::string_view argument) const {
  const Value* value = call.find(argument);
  const bool is_one = value && !std::holds_alternative<Reals>(*value);
  return is_one ? Reals{real(argument)} : get<Reals>(call, argument, {}, "numbers");
}

std::int64_t OnnxLayer::axis(std::string_view argument) const {
  const std::int64_t dim = integer(argument);
  return dim < 0 ? dim + rank() : dim;
}

bool OnnxLayer::is_text(std::string_view argument) const {
  const Value* value = call.find(argument);
  return value && std::holds_alternative<std::string>(*value);
}

const NamedTensor& OnnxLayer::tensor(std::string_view weight_name) const {
  const auto found = weights.find(full_name(weight_name));
  if (found == weights.end()) throw OnnxExportError(fmt::format("the weight {} is missing.", full_name(weight_name)));
  if (found->second->dtype != "F32") {
    throw OnnxExportError(
        fmt::format("the weight {} is {}; only F32 is exported.", full_name(weight_name), found->second->dtype));
  }
  return *found->second;
}

std::string OnnxLayer::weight(std::string_view weight_name) const {
  return graph.weight(tensor(weight_name));
}

std::span<const float> OnnxLayer::numbers(std::string_view weight_name) const {
  const NamedTensor& found = tensor(weight_name);
  return {reinterpret_cast<const float*>(found.bytes.data()), found.bytes.size() / sizeof(float)};
}

std::string OnnxLayer::reshape(const std::string& value, const Integers& shape) const {
  Integers sizes = {-1};
  sizes.insert(sizes.end(), shape.begin(), shape.end());
  return add("Reshape", {value, graph.integers("shape", sizes)});
}

std::string OnnxLayer::unsqueeze(const std::string& value, const Integers& axes) const {
  return add("Unsqueeze", {value, graph.integers("axes", axes)});
}

std::string OnnxLayer::slice(const std::string& value, std::int64_t axis, std::int64_t start, std::int64_t end,
                             std::int64_t step) const {
  return add("Slice", {value, graph.integers("starts", {start}), graph.integers("ends", {end}),
                       graph.integers("axes", {axis}), graph.integers("steps", {step})});
}

std::string OnnxLayer::wrap(const std::string& value, std::int64_t axis, std::int64_t size, std::int64_t before,
                            std::int64_t after) const {
  OnnxValues parts;
  if (before > 0) parts.push_back(slice(value, axis, size - before, size));
  parts.push_back(value);
  if (after > 0) parts.push_back(slice(value, axis, 0, after));
  return parts.size() == 1 ? value : add("Concat", parts, {{"axis", axis}});
}

std::string OnnxLayer::batched_shape(const Shape& shape) const {
  const std::string batch = slice(add("Shape", {batch_source}), 0, 0, 1);
  return add("Concat", {batch, graph.integers("shape", sizes_of(shape))}, {{"axis", std::int64_t{0}}});
}

}  // namespace netwright
