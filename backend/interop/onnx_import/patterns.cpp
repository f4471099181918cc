#include "backend/interop/onnx_import/patterns.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace netwright::onnx_import {

namespace {

class Patterns {
 public:
  explicit Patterns(Graph& graph) : graph_(graph), producers_(graph.producers()), readers_(graph.values.size(), 0) {
    for (const Node& node : graph.nodes) {
      for (const ValueId value : node.inputs) {
        if (value != no_value) ++readers_[static_cast<std::size_t>(value)];
      }
    }
    for (const ValueId value : graph.outputs) ++readers_[static_cast<std::size_t>(value)];
  }

  void recognise() {
    for (Node& node : graph_.nodes) {
      if (node.op == "Mul") {
        gelu(node) || self_gate(node) || scaled_norm(node);
      } else if (node.op == "Div") {
        layer_norm(node) || hard_gate(node);
      } else if (node.op == "Add") {
        shifted_norm(node) || linear(node);
      } else if (node.op == "Sub") {
        tanhshrink(node);
      } else if (node.op == "Log") {
        log_sigmoid(node);
      } else if (node.op == "Reshape") {
        group_norm(node);
      } else if (node.op == "AveragePool") {
        padded_average(node);
      }
    }
  }

 private:
  const Node* made_by(ValueId value, std::string_view op) const {
    if (value == no_value) return nullptr;
    const auto producer = producers_[static_cast<std::size_t>(value)];
    if (!producer) return nullptr;
    const Node& node = graph_.nodes[*producer];
    return node.op == op ? &node : nullptr;
  }
  bool is_read_once(ValueId value) const { return readers_[static_cast<std::size_t>(value)] == 1; }

  std::optional<double> number(ValueId value) const {
    const Constant* constant = value == no_value ? nullptr : graph_.constant(value);
    return constant ? constant->only_number() : std::nullopt;
  }
  bool is_number(ValueId value, double wanted) const {
    const auto found = number(value);
    constexpr double tolerance = 1e-5;
    return found && std::abs(*found - wanted) <= tolerance * std::max(1.0, std::abs(wanted));
  }
  /// The other input of a commutative node with two, one of which is that number.
  ValueId beside_number(const Node* node, double wanted) const {
    if (!node || node->inputs.size() != 2) return no_value;
    if (is_number(node->inputs[1], wanted)) return node->inputs[0];
    return is_number(node->inputs[0], wanted) ? node->inputs[1] : no_value;
  }
  /// A constant among two inputs, and the other one.
  struct Beside {
    const Constant* constant = nullptr;
    ValueId constant_value = no_value;
    ValueId other = no_value;
  };
  Beside beside_constant(const Node& node) const {
    for (const std::size_t index : {std::size_t{1}, std::size_t{0}}) {
      if (node.inputs.size() != 2 || node.inputs[index] == no_value) continue;
      const Constant* constant = graph_.constant(node.inputs[index]);
      if (constant && constant->is_real()) return {constant, node.inputs[index], node.inputs[1 - index]};
    }
    return {};
  }

  static bool become(Node& node, const char* op, std::vector<ValueId> inputs, Settings attributes = {}) {
    node.op = op;
    node.inputs = std::move(inputs);
    node.attributes = std::move(attributes);
    return true;
  }

  /// The factors of nested products, up to four.
  void collect_factors(ValueId value, std::vector<ValueId>& factors, int depth) const {
    const Node* product = depth > 0 ? made_by(value, "Mul") : nullptr;
    if (!product || product->inputs.size() != 2) {
      factors.push_back(value);
      return;
    }
    for (const ValueId input : product->inputs) collect_factors(input, factors, depth - 1);
  }

  /// x · ½ · (1 + erf(x / √2)), or with tanh (Hendrycks and Gimpel 2016).
  bool gelu(Node& node) {
    std::vector<ValueId> factors;
    if (node.inputs.size() != 2) return false;
    for (const ValueId input : node.inputs) collect_factors(input, factors, 1);
    if (factors.size() != 3) return false;
    std::sort(factors.begin(), factors.end());
    do {
      const ValueId x = factors[0];
      if (!is_number(factors[1], 0.5)) continue;
      const ValueId inner = beside_number(made_by(factors[2], "Add"), 1);
      if (const Node* erf = made_by(inner, "Erf"); erf && is_over_root_two(erf->input(0), x)) {
        return become(node, "Gelu", {x});
      }
      if (const Node* tanh = made_by(inner, "Tanh"); tanh && is_gelu_cubic(tanh->input(0), x)) {
        return become(node, "Gelu", {x}, {{"approximate", std::string("tanh")}});
      }
    } while (std::next_permutation(factors.begin(), factors.end()));
    return false;
  }
  bool is_over_root_two(ValueId value, ValueId x) const {
    const Node* division = made_by(value, "Div");
    if (division) return division->input(0) == x && is_number(division->input(1), std::sqrt(2.0));
    return beside_number(made_by(value, "Mul"), std::sqrt(0.5)) == x;
  }
  /// √(2/π) · (x + 0.044715 · x³)
  bool is_gelu_cubic(ValueId value, ValueId x) const {
    const double root = std::sqrt(2 / 3.14159265358979);
    const Node* sum = made_by(beside_number(made_by(value, "Mul"), root), "Add");
    if (!sum || sum->inputs.size() != 2) return false;
    const ValueId cubic = sum->inputs[0] == x ? sum->inputs[1] : sum->inputs[1] == x ? sum->inputs[0] : no_value;
    const ValueId cube = beside_number(made_by(cubic, "Mul"), 0.044715);
    if (const Node* power = made_by(cube, "Pow")) return power->input(0) == x && is_number(power->input(1), 3);
    std::vector<ValueId> factors;
    collect_factors(cube, factors, 2);
    return cube != no_value && factors == std::vector<ValueId>{x, x, x};
  }

  /// x · f(x)
  bool self_gate(Node& node) {
    if (node.inputs.size() != 2) return false;
    for (const std::size_t index : {std::size_t{0}, std::size_t{1}}) {
      const ValueId x = node.inputs[index];
      const ValueId gate = node.inputs[1 - index];
      if (x == no_value) continue;
      if (const Node* sigmoid = made_by(gate, "Sigmoid"); sigmoid && sigmoid->input(0) == x) {
        return become(node, "netwright.SiLU", {x});
      }
      if (const Node* tanh = made_by(gate, "Tanh")) {
        const Node* softplus = made_by(tanh->input(0), "Softplus");
        if (softplus && softplus->input(0) == x) return become(node, "Mish", {x});
      }
      if (const Node* hard = made_by(gate, "HardSigmoid");
          hard && hard->input(0) == x && is_torch_hard_sigmoid(*hard)) {
        return become(node, "HardSwish", {x});
      }
    }
    return false;
  }
  static bool is_torch_hard_sigmoid(const Node& node) {
    constexpr double tolerance = 1e-5;
    return std::abs(node.real("alpha", 0.2) - 1.0 / 6) < tolerance &&
           std::abs(node.real("beta", 0.5) - 0.5) < tolerance;
  }

  /// clip(x + 3, 0, 6) gives x.
  ValueId clipped_after_three(ValueId value) const {
    const Node* clip = made_by(value, "Clip");
    if (!clip) return no_value;
    const bool by_inputs = is_number(clip->input(1), 0) && is_number(clip->input(2), 6);
    const bool by_attributes = clip->inputs.size() == 1 && clip->real("min", -1) == 0 && clip->real("max", -1) == 6;
    if (!by_inputs && !by_attributes) return no_value;
    return beside_number(made_by(clip->input(0), "Add"), 3);
  }
  /// x · clip(x + 3, 0, 6) / 6, or without the x.
  bool hard_gate(Node& node) {
    if (!is_number(node.input(1), 6)) return false;
    if (const Node* product = made_by(node.input(0), "Mul"); product && product->inputs.size() == 2) {
      for (const std::size_t index : {std::size_t{0}, std::size_t{1}}) {
        const ValueId x = product->inputs[index];
        if (x != no_value && clipped_after_three(product->inputs[1 - index]) == x)
          return become(node, "HardSwish", {x});
      }
    }
    const ValueId x = clipped_after_three(node.input(0));
    return x != no_value && become(node, "HardSigmoid", {x}, {{"alpha", 1.0 / 6}, {"beta", 0.5}});
  }

  /// (x − mean) / √(mean of (x − mean)² + ε), along the last axes.
  bool layer_norm(Node& node) {
    const Node* centred = made_by(node.input(0), "Sub");
    const Node* root = made_by(node.input(1), "Sqrt");
    if (!centred || !root) return false;
    const Node* mean = made_by(centred->input(1), "ReduceMean");
    const Node* sum = made_by(root->input(0), "Add");
    if (!mean || !sum || sum->inputs.size() != 2 || mean->input(0) != centred->input(0)) return false;
    for (const std::size_t index : {std::size_t{0}, std::size_t{1}}) {
      const Node* variance = made_by(sum->inputs[index], "ReduceMean");
      const auto epsilon = number(sum->inputs[1 - index]);
      if (!variance || !epsilon) continue;
      const Node* square = made_by(variance->input(0), "Pow");
      const Node* product = made_by(variance->input(0), "Mul");
      const bool is_square = square && is_number(square->input(1), 2) && square->input(0) == node.input(0);
      const bool is_product = product && product->inputs == std::vector<ValueId>{node.input(0), node.input(0)};
      const Integers axes = mean->integers("axes");
      if ((!is_square && !is_product) || axes.empty() || axes != variance->integers("axes")) continue;
      if (mean->integer("keepdims", 1) == 0) continue;
      // The last axes, counted from the end as PyTorch's exporter does.
      for (std::size_t i = 0; i < axes.size(); ++i) {
        if (axes[i] != static_cast<std::int64_t>(i) - static_cast<std::int64_t>(axes.size())) return false;
      }
      return become(node, "LayerNormalization", {centred->input(0)}, {{"axis", axes.front()}, {"epsilon", *epsilon}});
    }
    return false;
  }

  /// A norm times a constant: its scale.
  bool scaled_norm(Node& node) {
    const Beside beside = beside_constant(node);
    for (const char* op : {"LayerNormalization", "netwright.GroupNorm"}) {
      const Node* norm = beside.constant ? made_by(beside.other, op) : nullptr;
      if (!norm || norm->inputs.size() != 1) continue;
      if (beside.constant->only_number() == 1.0) return become(node, op, norm->inputs, norm->attributes);
      if (!fits(*norm, *beside.constant)) continue;
      return become(node, op, {norm->input(0), beside.constant_value}, norm->attributes);
    }
    return false;
  }
  /// A norm plus a constant: its bias.
  bool shifted_norm(Node& node) {
    const Beside beside = beside_constant(node);
    for (const char* op : {"LayerNormalization", "netwright.GroupNorm"}) {
      const Node* norm = beside.constant ? made_by(beside.other, op) : nullptr;
      if (!norm || norm->inputs.size() > 2) continue;
      if (beside.constant->only_number() == 0.0) return become(node, op, norm->inputs, norm->attributes);
      if (!fits(*norm, *beside.constant)) continue;
      if (norm->inputs.size() == 2 && norm->input(1) != no_value &&
          graph_.constant(norm->input(1))->count() != beside.constant->count()) {
        continue;
      }
      return become(node, op, {norm->input(0), norm->input(1), beside.constant_value}, norm->attributes);
    }
    return false;
  }
  /// As many axes as are normalised; of a group norm C×1×1.
  static bool fits(const Node& norm, const Constant& constant) {
    if (norm.op == "LayerNormalization") {
      return static_cast<std::int64_t>(constant.rank()) == -norm.integer("axis", 0);
    }
    return constant.rank() > 0 && constant.count() > 1 && constant.sizes().front() == constant.count();
  }

  /// Groups normalised as instances: Reshape to N×G×-1, InstanceNormalization that learns nothing, Reshape back.
  bool group_norm(Node& node) {
    const Node* norm = made_by(node.input(0), "InstanceNormalization");
    const Node* split = norm ? made_by(norm->input(0), "Reshape") : nullptr;
    if (!split) return false;
    const Constant* sizes = split->input(1) == no_value ? nullptr : graph_.constant(split->input(1));
    if (!sizes || sizes->rank() != 1 || sizes->count() != 3 || sizes->is_missing()) return false;
    if (!is_all(norm->input(1), 1) || !is_all(norm->input(2), 0)) return false;
    const ValueId x = split->input(0);
    const Node* shape = made_by(node.input(1), "Shape");
    const bool is_back =
        (shape && shape->input(0) == x) || (node.input(1) != no_value && graph_.constant(node.input(1)));
    if (!is_back || x == no_value || sizes->whole_number(1) < 1) return false;
    return become(node, "netwright.GroupNorm", {x},
                  {{"groups", sizes->whole_number(1)}, {"epsilon", norm->real("epsilon", 1e-5)}});
  }
  bool is_all(ValueId value, double wanted) const {
    const Constant* constant = value == no_value ? nullptr : graph_.constant(value);
    if (!constant || constant->is_missing()) return false;
    for (std::int64_t i = 0; i < (constant->is_uniform() ? 1 : constant->count()); ++i) {
      if (constant->number(i) != wanted) return false;
    }
    return true;
  }

  /// x·W + b
  bool linear(Node& node) {
    const Beside beside = beside_constant(node);
    const Node* product = beside.constant ? made_by(beside.other, "MatMul") : nullptr;
    if (!product || product->inputs.size() != 2 || !is_read_once(beside.other)) return false;
    const Constant* weight = product->input(1) == no_value ? nullptr : graph_.constant(product->input(1));
    if (!weight || weight->rank() != 2 || beside.constant->rank() != 1 ||
        beside.constant->count() != weight->sizes()[1]) {
      return false;
    }
    node.name = product->name;
    return become(node, "netwright.Linear", {product->input(0), product->input(1), beside.constant_value});
  }

  bool tanhshrink(Node& node) {
    const Node* tanh = made_by(node.input(1), "Tanh");
    return tanh && tanh->input(0) == node.input(0) && become(node, "netwright.Tanhshrink", {node.input(0)});
  }

  bool log_sigmoid(Node& node) {
    const Node* sigmoid = made_by(node.input(0), "Sigmoid");
    return sigmoid && become(node, "netwright.LogSigmoid", {sigmoid->input(0)});
  }

  /// Zeros around an average that counts its padding.
  bool padded_average(Node& node) {
    const Node* pad = made_by(node.input(0), "Pad");
    if (!pad || pad->text("mode", "constant") != "constant" || node.integer("ceil_mode", 0) != 0) return false;
    if (node.text("auto_pad", "NOTSET") != "NOTSET") return false;
    const Integers own = node.integers("pads");
    if (std::any_of(own.begin(), own.end(), [](std::int64_t count) { return count != 0; })) return false;
    if (pad->input(2) != no_value ? !is_number(pad->input(2), 0) : pad->real("value", 0) != 0) return false;
    Integers pads = pad->integers("pads");
    const Constant* given = pad->input(1) == no_value ? nullptr : graph_.constant(pad->input(1));
    if (pads.empty() && given) pads = given->all_whole();
    const Integers kernel = node.integers("kernel_shape");
    const std::size_t rank = kernel.size() + 2;
    if (pads.size() != 2 * rank || pads[0] != 0 || pads[1] != 0 || pads[rank] != 0 || pads[rank + 1] != 0) return false;
    Integers spatial;
    for (const std::size_t side : {std::size_t{0}, rank}) {
      for (std::size_t axis = 0; axis < kernel.size(); ++axis) {
        const std::int64_t count = pads[side + 2 + axis];
        if (count < 0 || count > kernel[axis] / 2 || count != pads[2 + axis]) return false;
        spatial.push_back(count);
      }
    }
    Settings attributes = node.attributes;
    attributes.set("pads", spatial);
    attributes.set("count_include_pad", std::int64_t{1});
    return become(node, "AveragePool", {pad->input(0)}, std::move(attributes));
  }

  Graph& graph_;
  const std::vector<std::optional<std::size_t>> producers_;
  std::vector<int> readers_;
};

}  // namespace

void recognise_patterns(Graph& graph) {
  Patterns(graph).recognise();
}

}  // namespace netwright::onnx_import
