#include "backend/interop/onnx/onnx_export_parts.h"
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

OnnxValues permute(const OnnxLayer& l) {
  Integers axes = l.integers("dims");
  for (std::int64_t& axis : axes) axis += axis < 0 ? l.rank() : 0;
  return {l.transpose(l.x(), axes)};
}

OnnxValues squeeze(const OnnxLayer& l) {
  return {l.add("Squeeze", {l.x(), l.graph.integers("axes", {l.axis("dim")})})};
}

/// A negative dim counts in the output.
OnnxValues unsqueeze(const OnnxLayer& l) {
  return {l.unsqueeze(l.x(), {l.integer("dim")})};
}

OnnxValues slice(const OnnxLayer& l) {
  return {l.slice(l.x(), l.axis("dim"), l.integer("start"), l.integer("end"), l.integer("step", 1))};
}

OnnxValues select(const OnnxLayer& l) {
  return {l.add("Gather", {l.x(), l.graph.whole_number(l.integer("index"))}, {{"axis", l.axis("dim")}})};
}

/// Split and Chunk: the report knows the parts' sizes.
OnnxValues cut(const OnnxLayer& l) {
  const std::int64_t axis = l.axis("dim");
  Integers sizes;
  for (const Shape& part : l.output_shapes) sizes.push_back(part[static_cast<std::size_t>(axis) - 1].value());
  return l.graph.add("Split", {l.x(), l.graph.integers("split", sizes)}, {{"axis", axis}},
                     static_cast<int>(sizes.size()));
}

/// PyTorch names the last axis first, and each axis's ends together.
OnnxValues pad(const OnnxLayer& l) {
  const Integers amounts = l.integers("pad");
  const std::string mode = l.text("mode", "constant");
  const auto rank = static_cast<std::size_t>(l.rank());
  Integers pads(2 * rank, 0);
  std::string value = l.x();
  for (std::size_t i = 0; 2 * i + 1 < amounts.size(); ++i) {
    const std::size_t axis = rank - 1 - i;
    pads[axis] = amounts[2 * i];
    pads[rank + axis] = amounts[2 * i + 1];
    if (mode == "circular") {
      const auto dim = static_cast<std::int64_t>(axis);
      value = l.wrap(value, dim, l.size(dim), pads[axis], pads[rank + axis]);
    }
  }
  if (mode == "circular") return {value};
  const std::string padding = l.graph.integers("pads", pads);
  if (mode != "constant") {
    return {l.add("Pad", {value, padding}, {{"mode", std::string(mode == "reflect" ? "reflect" : "edge")}})};
  }
  const double filling = l.real("value", 0);
  return {l.add(
      "Pad", {value, padding,
              l.holds_integers ? l.graph.whole_number(static_cast<std::int64_t>(filling)) : l.graph.number(filling)})};
}

/// A size of 1 keeps a dimension as it is, the batch too.
OnnxValues expand(const OnnxLayer& l) {
  Integers sizes = sizes_of(l.output_shapes.front());
  sizes.insert(sizes.begin(), 1);
  return {l.add("Expand", {l.x(), l.graph.integers("shape", sizes)})};
}

OnnxValues concatenate(const OnnxLayer& l) {
  return {l.add("Concat", l.inputs, {{"axis", l.axis("dim")}})};
}

}  // namespace

void add_onnx_shapes(OnnxMappingTable& table) {
  table.merge(OnnxMappingTable{
      {"Flatten", flatten},
      {"Identity", onnx_identity},
      {"Unflatten", reshape},
      {"netwright.expand", expand},
      {"netwright.slice", slice},
      {"torch.cat", concatenate},
      {"torch.chunk", cut},
      {"torch.flatten", flatten},
      {"torch.nn.functional.pad", pad},
      {"torch.permute", permute},
      {"torch.reshape", reshape},
      {"torch.select", select},
      {"torch.split", cut},
      {"torch.squeeze", squeeze},
      {"torch.unsqueeze", unsqueeze},
  });
}

}  // namespace netwright
