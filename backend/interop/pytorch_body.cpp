#include "backend/interop/pytorch_body.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "backend/analysis/analyse.h"
#include "backend/interop/pytorch_variables.h"
#include "backend/layers/catalogue.h"

namespace netwright {

namespace {

bool is_number(const std::string& name) {
  return !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
}

/// False for what the code of forward has use for itself.
bool is_free_variable(const std::string& name) {
  static const std::set<std::string_view> taken = {"torch",          "nn",   "F", "causal_mask", "scaled_dot_product",
                                                   "reparameterize", "block"};
  return name_complaint(name).empty() && !taken.contains(name);
}

/// A comment ends with its line, whatever a name holds.
std::string on_one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return text;
}

/// Writes bodies, those of Blocks first.
class BodyWriter {
 public:
  BodyWriter(const PytorchGraph& graph, const std::function<std::string(const std::string&)>& block_name)
      : graph_(graph), block_name_(block_name) {}

  std::vector<PytorchBody> run(const std::string& name) {
    std::vector<LayerId> inputs;
    std::vector<PortRef> outputs;
    std::vector<LayerId> layers;
    const Network& network = graph_.network();
    for (const Layer& layer : network.layers) {
      if (layer.type == "Input") inputs.push_back(layer.id);
      if (layer.type != "Output") continue;
      const std::vector<PortRef>& sources = graph_.sources(layer.id);
      outputs.push_back(sources.empty() ? PortRef{} : sources.front());
    }
    for (const LayerId layer : graph_.order()) {
      if (network.find(layer)->type != "Input") layers.push_back(layer);
    }
    std::vector<PortRef> reads;
    std::vector<std::string> parameters;
    for (const LayerId input : inputs) {
      reads.push_back({input, 0});
      const std::string& wished = network.find(input)->name;
      const bool is_usable =
          is_free_variable(wished) && std::find(parameters.begin(), parameters.end(), wished) == parameters.end();
      parameters.push_back(inputs.size() == 1 ? "x" : is_usable ? wished : fmt::format("input_{}", reads.size()));
    }
    write(name, layers, 0, "", reads, outputs, parameters);
    return std::move(bodies_);
  }

 private:
  /// What the module under construction is made of.
  struct Scope {
    PytorchBody body;
    PytorchVariables variables;
    std::string prefix;  ///< the path of the module, with a dot behind it
    std::size_t depth = 0;
    std::vector<std::string> complaints;
  };

  /// The number of the body of the module that holds `layers`.
  std::size_t write(const std::string& name, const std::vector<LayerId>& layers, std::size_t depth,
                    const std::string& prefix, const std::vector<PortRef>& reads, const std::vector<PortRef>& gives,
                    const std::vector<std::string>& parameters) {
    const std::vector<PytorchPart> parts = graph_.parts(layers, depth);
    Scope scope{.body = {}, .variables = {}, .prefix = prefix, .depth = depth, .complaints = {}};
    scope.body.name = name;
    for (const PytorchPart& part : parts) {
      if (!runs(part)) continue;
      for (const PortRef& value : part.reads) scope.variables.expect_reader(value);
    }
    for (const PortRef& value : gives) scope.variables.expect_reader(value);
    for (std::size_t i = 0; i < reads.size(); ++i) scope.variables.hold(reads[i], parameters[i]);
    scope.body.parameters = parameters;
    scope.body.is_sequential = is_chain(parts, reads, gives);
    for (const PytorchPart& part : parts) {
      if (part.is_layer) {
        write_layer(scope, part);
      } else {
        write_block(scope, part);
      }
    }
    if (!scope.body.is_sequential) write_return(scope, gives);
    bodies_.push_back(std::move(scope.body));
    return bodies_.size() - 1;
  }

  bool runs(const PytorchPart& part) const {
    return std::any_of(part.layers.begin(), part.layers.end(),
                       [&](LayerId layer) { return graph_.is_needed(layer) && graph_.fault(layer).empty(); });
  }

  std::optional<NnCall> call_of(LayerId id) const {
    const Layer* layer = graph_.network().find(id);
    const LayerSpec* spec = find_layer_spec(layer->type);
    const LayerReport* figures = graph_.figures(id);
    if (!spec || !spec->call || !figures || !figures->is_valid) return std::nullopt;
    return spec->call({layer->settings, figures->inputs});
  }

  /// True where nn.Sequential says it all: plain modules, each reading the one before it.
  bool is_chain(const std::vector<PytorchPart>& parts, const std::vector<PortRef>& reads,
                const std::vector<PortRef>& gives) const {
    static const std::set<std::string_view> taken = {"append", "extend", "insert", "pop"};
    if (reads.size() != 1 || gives.size() != 1 || parts.empty()) return false;
    PortRef last = reads.front();
    for (const PytorchPart& part : parts) {
      if (part.reads != std::vector<PortRef>{last} || part.gives.size() != 1 || taken.contains(part.name)) return false;
      if (part.is_layer) {
        const auto call = call_of(part.layers.front());
        if (!call || !is_plain_module(*call) || !graph_.fault(part.layers.front()).empty()) return false;
      }
      last = part.gives.front();
    }
    return last == gives.front();
  }

  /// Said where a part changes it.
  std::string new_shapes(const PytorchPart& part, const std::vector<PortRef>& outputs) const {
    const std::string shapes = shapes_of(outputs);
    return !part.reads.empty() && shapes_of({part.reads.front()}) == shapes ? std::string() : shapes;
  }

  std::string shapes_of(const std::vector<PortRef>& values) const {
    std::vector<std::string> shapes;
    for (const PortRef& value : values) {
      const LayerReport* figures = graph_.figures(value.layer);
      const auto port = static_cast<std::size_t>(value.port);
      if (figures && port < figures->outputs.size()) shapes.push_back(figures->outputs[port].to_string());
    }
    return fmt::format("{}", fmt::join(shapes, ", "));
  }

  void write_layer(Scope& scope, const PytorchPart& part) {
    const LayerId id = part.layers.front();
    const Layer& layer = *graph_.network().find(id);
    if (const std::string& fault = graph_.fault(id); !fault.empty()) {
      leave_out(scope, part, fmt::format("{} ({}) is left out: {}", part.name, layer.type, fault));
      return;
    }
    const std::optional<NnCall> call = call_of(id);
    if (!call) return;  // hands its input on, or has none: seen through
    const LayerReport& figures = *graph_.figures(id);
    std::vector<PortRef> outputs;
    for (std::size_t port = 0; port < figures.outputs.size(); ++port) outputs.push_back({id, static_cast<int>(port)});
    const std::string shapes = new_shapes(part, outputs);
    if (call->is_module()) {
      scope.body.members.push_back({.name = part.name,
                                    .constructor = pytorch_constructor(*call),
                                    .copies = {},
                                    .is_frozen = !layer.trainable && figures.parameters.value_or(0) > 0,
                                    .comment = scope.body.is_sequential ? shapes : std::string()});
    }
    if (!graph_.is_needed(id)) return;
    std::vector<std::string> inputs = begin_reading(scope, part);
    if (inputs.size() != part.reads.size()) return;
    if (inputs.empty() && scope.body.parameters.empty()) {
      scope.body.forward.push_back({"", fmt::format("{} needs an Input to tell how large the batch is.", part.name)});
      return;
    }
    tell_batch(scope, inputs);
    finish(scope, part, outputs, expression_of(*call, part.name, std::move(inputs), figures), shapes);
  }

  /// What reads nothing is given the first of what there is.
  static void tell_batch(const Scope& scope, std::vector<std::string>& inputs) {
    if (inputs.empty() && !scope.body.parameters.empty()) inputs.push_back(scope.body.parameters.front());
  }

  static std::string expression_of(const NnCall& call, const std::string& name, std::vector<std::string> inputs,
                                   const LayerReport& figures) {
    const Value* mode = call.find("mode");
    // PyTorch mirrors real numbers only.
    const bool is_mirrored_words = figures.holds_integers && call.name == "torch.nn.functional.pad" && mode &&
                                   *mode != Value(std::string("constant"));
    if (is_mirrored_words) inputs.front() += ".double()";
    std::string expression = pytorch_expression(call, "self." + name, inputs);
    if (is_mirrored_words) expression += ".long()";
    const bool is_list = call.name == "torch.split" || call.name == "torch.chunk";
    return is_list && figures.outputs.size() == 1 ? expression + "[0]" : expression;
  }

  static void leave_out(Scope& scope, const PytorchPart& part, const std::string& why) {
    const std::string said = on_one_line(why);
    scope.body.members.push_back(
        {.name = part.name, .constructor = {}, .copies = {}, .comment = said, .is_left_out = true});
    scope.complaints.push_back(said);
  }

  /// The variables of a part's inputs; fewer where one is missing.
  std::vector<std::string> begin_reading(Scope& scope, const PytorchPart& part) {
    std::vector<std::string> inputs;
    for (const PortRef& value : part.reads) {
      if (!scope.variables.holds(value)) {
        scope.body.forward.push_back({"", fmt::format("{} waits for what comes before it.", part.name)});
        return inputs;
      }
      inputs.push_back(scope.variables.name(value));
    }
    for (const PortRef& value : part.reads) scope.variables.read(value);
    return inputs;
  }

  static void finish(Scope& scope, const PytorchPart& part, const std::vector<PortRef>& outputs,
                     const std::string& expression, const std::string& shapes) {
    std::vector<std::string> results;
    for (const PortRef& output : outputs) results.push_back(scope.variables.assign(output, part.reads));
    const std::string target = results.empty() ? std::string() : fmt::format("{} = ", fmt::join(results, ", "));
    scope.body.forward.push_back({target + expression, shapes});
  }

  void write_block(Scope& scope, const PytorchPart& part) {
    if (const std::string why = name_complaint(part.name); !why.empty()) {
      leave_out(scope, part, fmt::format("{} is left out: {}", part.name, why));
      return;
    }
    const std::string path = scope.prefix + part.name;
    std::vector<PytorchPart> copies = graph_.parts(part.layers, scope.depth + 1);
    PytorchMember member{.name = part.name, .constructor = {}, .copies = {}, .comment = {}};
    member.is_repeated = std::all_of(copies.begin(), copies.end(),
                                     [](const PytorchPart& p) { return !p.is_layer && is_number(p.name); });
    const std::string name = block_name_(path);
    if (!member.is_repeated) {
      copies = {part};
      member.copies = {write_copy(name, part, scope.depth + 1, path + ".")};
    } else {
      for (const PytorchPart& copy : copies) {
        member.copies.push_back(write_copy(name, copy, scope.depth + 2, path + "." + copy.name + "."));
      }
    }
    for (const std::size_t copy : member.copies)
      scope.body.height = std::max(scope.body.height, bodies_[copy].height + 1);
    member.is_chain = reads_the_last(copies);
    const bool is_single = copies.front().reads.size() == 1 && copies.front().gives.size() == 1;
    const bool is_loop = member.is_repeated && member.is_chain && !is_single;
    member.is_chain = member.is_chain && is_single;
    const std::string shapes = new_shapes(part, part.gives);
    member.comment = scope.body.is_sequential ? shapes : std::string();
    const bool is_called_once = !member.is_repeated || member.is_chain;
    scope.body.members.push_back(std::move(member));
    if (!runs(part)) return;
    if (is_called_once) {
      std::vector<std::string> inputs = begin_reading(scope, part);
      if (inputs.size() != part.reads.size()) return;
      tell_batch(scope, inputs);
      finish(scope, part, part.gives, fmt::format("self.{}({})", part.name, fmt::join(inputs, ", ")), shapes);
    } else if (is_loop) {
      write_loop(scope, part, copies, shapes);
    } else {
      write_copies(scope, part, copies);
    }
  }

  std::size_t write_copy(const std::string& name, const PytorchPart& copy, std::size_t depth,
                         const std::string& prefix) {
    static const std::vector<std::string> usual = {"x", "y", "z"};
    std::vector<std::string> parameters;
    for (std::size_t i = 0; i < copy.reads.size(); ++i) {
      parameters.push_back(i < usual.size() ? usual[i] : fmt::format("x{}", i));
    }
    // What reads nothing is told how large the batch is all the same.
    if (parameters.empty()) parameters.emplace_back("like");
    return write(name, copy.layers, depth, prefix, copy.reads, copy.gives, parameters);
  }

  /// True where each copy reads what the one before it gives, in that order, and as much as it gives itself.
  static bool reads_the_last(const std::vector<PytorchPart>& copies) {
    for (std::size_t i = 0; i < copies.size(); ++i) {
      if (copies[i].reads.size() != copies[i].gives.size()) return false;
      if (i > 0 && copies[i].reads != copies[i - 1].gives) return false;
    }
    return !copies.empty();
  }

  static void write_loop(Scope& scope, const PytorchPart& part, const std::vector<PytorchPart>& copies,
                         const std::string& shapes) {
    std::vector<std::string> names;
    for (const PortRef& value : copies.front().reads) {
      if (!scope.variables.holds(value)) return;
      names.push_back(scope.variables.name(value));
    }
    for (const PortRef& value : part.reads) scope.variables.read(value);
    std::vector<std::string> results;
    for (const PortRef& output : copies.back().gives) results.push_back(scope.variables.assign(output, part.reads));
    if (names != results) {
      scope.body.forward.push_back({fmt::format("{} = {}", fmt::join(results, ", "), fmt::join(names, ", ")), ""});
    }
    scope.body.forward.push_back({fmt::format("for block in self.{}:", part.name), ""});
    scope.body.forward.push_back(
        {fmt::format("    {0} = block({0})", fmt::format("{}", fmt::join(results, ", "))), shapes});
  }

  /// Copy by copy, for those whose wires no loop says.
  void write_copies(Scope& scope, const PytorchPart& part, const std::vector<PytorchPart>& copies) {
    // The readings inside weren't announced with those of the whole.
    for (const PytorchPart& copy : copies) {
      for (const PortRef& value : copy.reads) scope.variables.expect_reader(value);
    }
    for (const PytorchPart& copy : copies) {
      if (copy.gives.empty()) continue;  // copies of what reads nothing aren't read but for the last
      std::vector<std::string> inputs = begin_reading(scope, copy);
      if (inputs.size() != copy.reads.size()) return;
      tell_batch(scope, inputs);
      finish(scope, copy, copy.gives, fmt::format("self.{}[{}]({})", part.name, copy.name, fmt::join(inputs, ", ")),
             shapes_of(copy.gives));
    }
    for (const PortRef& value : part.reads) scope.variables.read(value);
  }

  static void write_return(Scope& scope, const std::vector<PortRef>& gives) {
    std::vector<std::string> results;
    bool is_whole = !gives.empty();
    for (const PortRef& value : gives) {
      is_whole = is_whole && scope.variables.holds(value);
      if (is_whole) results.push_back(scope.variables.name(value));
    }
    if (is_whole) {
      scope.body.forward.push_back({fmt::format("return {}", fmt::join(results, ", ")), ""});
      return;
    }
    const std::string why = scope.complaints.empty() ? "nothing leads to an Output." : scope.complaints.front();
    scope.body.forward.push_back({fmt::format("raise NotImplementedError({})", python_literal(why)), ""});
  }

  const PytorchGraph& graph_;
  const std::function<std::string(const std::string&)>& block_name_;
  std::vector<PytorchBody> bodies_;
};

}  // namespace

std::vector<PytorchBody> pytorch_bodies(const PytorchGraph& graph, const std::string& name,
                                        const std::function<std::string(const std::string&)>& block_name) {
  return BodyWriter(graph, block_name).run(name);
}

}  // namespace netwright
