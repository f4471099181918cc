#include "backend/interop/onnx/onnx_mapping.h"

namespace netwright {

namespace {

/// The report knows the output's shape, so that only the batch stays open.
OnnxValues reshape(const OnnxLayer& l) {
  return {l.reshape(l.x(), sizes_of(l.output_shapes.front()))};
}

OnnxValues flatten(const OnnxLayer& l) {
  const bool is_whole = l.integer("start_dim", 1) == 1 && l.output_shapes.front().rank() == 1;
  if (is_whole) return {l.add("Flatten", {l.x()}, {{"axis", std::int64_t{1}}})};
  return reshape(l);
}

OnnxValues identity(const OnnxLayer& l) {
  return {l.add("Identity", {l.x()})};
}

OnnxValues concatenate(const OnnxLayer& l) {
  return {l.add("Concat", l.inputs, {{"axis", l.integer("dim", 0)}})};
}

}  // namespace

void add_onnx_shapes(OnnxMappingTable& table) {
  table.merge(OnnxMappingTable{
      {"Flatten", flatten},
      {"Identity", identity},
      {"Unflatten", reshape},
      {"torch.cat", concatenate},
      {"torch.flatten", flatten},
      {"torch.reshape", reshape},
  });
}

}  // namespace netwright
