#include "backend/interop/onnx/onnx_export_parts.h"
#include "backend/interop/onnx/onnx_mapping.h"

namespace netwright {

namespace {

using L = const OnnxLayer&;

/// An operator that takes the value and nothing else.
template <const char* op>
OnnxValues plain(L l) {
  return {l.add(op, {l.x()})};
}

std::string times(L l, const std::string& value, double factor) {
  return l.add("Mul", {value, l.graph.number(factor)});
}

OnnxValues clip(L l, double least, double most) {
  return {l.add("Clip", {l.x(), l.graph.number(least), l.graph.number(most)})};
}

OnnxValues over_dim(L l, const char* op) {
  return {l.add(op, {l.x()}, {{"axis", l.integer("dim")}})};
}

/// One slope, or one per channel, which then stands along dimension 1.
OnnxValues prelu(L l) {
  std::string slope = l.weight("weight");
  if (l.integer("num_parameters", 1) > 1) {
    Integers axes;
    for (std::int64_t axis = 2; axis < l.rank(); ++axis) axes.push_back(axis - 1);
    if (!axes.empty()) slope = l.unsqueeze(slope, axes);
  }
  return {l.add("PRelu", {l.x(), slope})};
}

OnnxValues gelu(L l) {
  return {onnx_gelu(l, l.x(), l.text("approximate", "none") == "tanh")};
}

std::string hard_sigmoid(L l) {
  return l.add("HardSigmoid", {l.x()}, {{"alpha", 1.0 / 6}, {"beta", 0.5}});
}

/// log(1 + exp(βx)) / β, and x itself where βx is above the threshold.
OnnxValues softplus(L l) {
  const double beta = l.real("beta", 1);
  const double threshold = l.real("threshold", 20);
  const std::string scaled = beta == 1 ? l.x() : times(l, l.x(), beta);
  const std::string soft = l.add("Softplus", {scaled});
  const std::string y = beta == 1 ? soft : l.add("Div", {soft, l.graph.number(beta)});
  // From there on the two agree in float32.
  constexpr double same_from = 17;
  if (threshold >= same_from) return {y};
  return {l.add("Where", {l.add("Greater", {scaled, l.graph.number(threshold)}), l.x(), y})};
}

OnnxValues glu(L l) {
  const std::int64_t dim = l.integer("dim", -1);
  const std::int64_t half = l.size(dim) / 2;
  const OnnxValues halves = l.graph.add("Split", {l.x(), l.graph.integers("split", {half, half})}, {{"axis", dim}}, 2);
  return {l.add("Mul", {halves[0], l.add("Sigmoid", {halves[1]})})};
}

OnnxValues shrink(L l, bool is_soft) {
  const double lambda = l.real("lambd", 0.5);
  return {l.add("Shrink", {l.x()}, {{"lambd", lambda}, {"bias", is_soft ? lambda : 0.0}})};
}

OnnxValues threshold(L l) {
  if (l.real("value") == 0) return {l.add("ThresholdedRelu", {l.x()}, {{"alpha", l.real("threshold")}})};
  const std::string is_above = l.add("Greater", {l.x(), l.graph.number(l.real("threshold"))});
  return {l.add("Where", {is_above, l.x(), l.graph.number(l.real("value"))})};
}

/// ONNX knows no Dropout of everything.
OnnxValues dropout(L l) {
  const double p = l.real("p", 0.5);
  if (p >= 1) return onnx_identity(l);
  return {l.add("Dropout", {l.x(), l.graph.number(p)})};
}

constexpr char relu[] = "Relu";
constexpr char selu[] = "Selu";
constexpr char sigmoid[] = "Sigmoid";
constexpr char softsign[] = "Softsign";
constexpr char tanh_op[] = "Tanh";

}  // namespace

void add_onnx_activations(OnnxMappingTable& table) {
  table.merge(OnnxMappingTable{
      {"AlphaDropout", onnx_identity},
      {"CELU",
       [](L l) {
         return OnnxValues{l.add("Celu", {l.x()}, {{"alpha", l.real("alpha", 1)}})};
       }},
      {"Dropout", dropout},
      {"Dropout1d", dropout},
      {"Dropout2d", dropout},
      {"Dropout3d", dropout},
      {"ELU",
       [](L l) {
         return OnnxValues{l.add("Elu", {l.x()}, {{"alpha", l.real("alpha", 1)}})};
       }},
      {"GELU", gelu},
      {"GLU", glu},
      {"Hardshrink", [](L l) { return shrink(l, false); }},
      {"Hardsigmoid", [](L l) { return OnnxValues{hard_sigmoid(l)}; }},
      {"Hardswish",
       [](L l) {
         return OnnxValues{l.add("Mul", {l.x(), hard_sigmoid(l)})};
       }},
      {"Hardtanh", [](L l) { return clip(l, l.real("min_val", -1), l.real("max_val", 1)); }},
      {"LeakyReLU",
       [](L l) {
         return OnnxValues{l.add("LeakyRelu", {l.x()}, {{"alpha", l.real("negative_slope", 0.01)}})};
       }},
      {"LogSigmoid", [](L l) { return OnnxValues{l.add("Neg", {l.add("Softplus", {l.add("Neg", {l.x()})})})}; }},
      {"LogSoftmax", [](L l) { return over_dim(l, "LogSoftmax"); }},
      {"Mish",
       [](L l) {
         return OnnxValues{l.add("Mul", {l.x(), l.add("Tanh", {l.add("Softplus", {l.x()})})})};
       }},
      {"PReLU", prelu},
      {"RReLU",
       [](L l) {
         const double slope = (l.real("lower", 1.0 / 8) + l.real("upper", 1.0 / 3)) / 2;
         return OnnxValues{l.add("LeakyRelu", {l.x()}, {{"alpha", slope}})};
       }},
      {"ReLU", plain<relu>},
      {"ReLU6", [](L l) { return clip(l, 0, 6); }},
      {"SELU", plain<selu>},
      {"SiLU",
       [](L l) {
         return OnnxValues{l.add("Mul", {l.x(), l.add("Sigmoid", {l.x()})})};
       }},
      {"Sigmoid", plain<sigmoid>},
      {"Softmax", [](L l) { return over_dim(l, "Softmax"); }},
      {"Softplus", softplus},
      {"Softshrink", [](L l) { return shrink(l, true); }},
      {"Softsign", plain<softsign>},
      {"Tanh", plain<tanh_op>},
      {"Tanhshrink",
       [](L l) {
         return OnnxValues{l.add("Sub", {l.x(), l.add("Tanh", {l.x()})})};
       }},
      {"Threshold", threshold},
      {"netwright.GaussianNoise", onnx_identity},
  });
}

}  // namespace netwright
