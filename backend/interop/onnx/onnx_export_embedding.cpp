#include <limits>

#include "backend/interop/onnx/onnx_mapping.h"

namespace netwright {

namespace {

std::string rows(const OnnxLayer& l) {
  return l.add("Gather", {l.weight("weight"), l.x()}, {{"axis", std::int64_t{0}}});
}

/// Over the words, dimension 1.
std::string total(const OnnxLayer& l, const std::string& value) {
  return l.add("ReduceSum", {value, l.graph.integers("axes", {1})}, {{"keepdims", std::int64_t{0}}});
}

std::string over_words(const OnnxLayer& l, const char* op, const std::string& value) {
  return l.add(op, {value}, {{"axes", Integers{1}}, {"keepdims", std::int64_t{0}}});
}

/// The padding word counts for nothing; a text of nothing else gives zeros.
OnnxValues bag_without_padding(const OnnxLayer& l, const std::string& mode) {
  const std::string padding = l.graph.whole_number(l.integer("padding_idx"));
  const std::string is_word = l.unsqueeze(l.add("Not", {l.add("Equal", {l.x(), padding})}), {-1});
  const std::string counts = l.add("Cast", {is_word}, {{"to", std::int64_t{onnx::TensorProto::FLOAT}}});
  if (mode == "max") {
    const std::string nothing = l.graph.number(-std::numeric_limits<double>::infinity());
    const std::string largest = over_words(l, "ReduceMax", l.add("Where", {is_word, rows(l), nothing}));
    const std::string has_words = l.add("Greater", {total(l, counts), l.graph.number(0)});
    return {l.add("Where", {has_words, largest, l.graph.number(0)})};
  }
  const std::string sum = total(l, l.add("Mul", {rows(l), counts}));
  if (mode == "sum") return {sum};
  return {l.add("Div", {sum, l.add("Max", {total(l, counts), l.graph.number(1)})})};
}

OnnxValues embedding_bag(const OnnxLayer& l) {
  const std::string mode = l.text("mode", "mean");
  if (l.has("padding_idx")) return bag_without_padding(l, mode);
  if (mode == "sum") return {total(l, rows(l))};
  return {over_words(l, mode == "max" ? "ReduceMax" : "ReduceMean", rows(l))};
}

}  // namespace

void add_onnx_embeddings(OnnxMappingTable& table) {
  table.merge(OnnxMappingTable{
      {"Embedding", [](const OnnxLayer& l) { return OnnxValues{rows(l)}; }},
      {"EmbeddingBag", embedding_bag},
  });
}

}  // namespace netwright
