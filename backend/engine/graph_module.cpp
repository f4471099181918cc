#include "backend/engine/graph_module.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include "backend/analysis/analyse.h"
#include "backend/analysis/structure.h"
#include "backend/graph/blocks.h"
#include "backend/layers/catalogue.h"

namespace netwright {

namespace {

bool is_finite(const torch::Tensor& tensor) {
  return !tensor.is_floating_point() || torch::isfinite(tensor).all().item<bool>();
}

/// The outputs at each layer's inputs, by input port.
std::map<LayerId, std::vector<PortRef>> sources_in(const Network& network) {
  std::map<LayerId, std::vector<PortRef>> sources;
  for (const Connection& connection : network.connections) sources[connection.to.layer].push_back(connection.from);
  return sources;
}

/// `lengths`: by table, none where all sequences are whole.
std::vector<torch::Tensor> forward_padded(const Op& op, std::vector<torch::Tensor> inputs,
                                          const SequencePlan::LayerPlan& plan, const std::vector<Lengths>& lengths,
                                          Sequences sequences) {
  if (!lengths.empty()) {
    for (const auto& [port, dim, table] : plan.zeroed) inputs[port] = filled(inputs[port], dim, lengths[table]);
    for (const auto& [port, dim, table] : plan.told) sequences.axes.push_back({port, dim, &lengths[table]});
  }
  return op.padded && (!sequences.axes.empty() || sequences.attention) ? op.padded(inputs, sequences)
                                                                       : op.forward(inputs);
}

/// In evaluation mode until it is destroyed.
class Evaluating {
 public:
  explicit Evaluating(torch::nn::Module& module) : module_(module), was_training_(module.is_training()) {
    module.eval();
  }
  ~Evaluating() { module_.train(was_training_); }
  Evaluating(const Evaluating&) = delete;
  Evaluating& operator=(const Evaluating&) = delete;

 private:
  torch::nn::Module& module_;
  bool was_training_;
};

/// Fills in each step's `frees`: the slots that no later step and no output reads.
template <class Plan>
void free_after_last_use(Plan& plan, const std::vector<std::size_t>& outputs) {
  std::set<std::size_t> read_later(outputs.begin(), outputs.end());
  for (auto step = plan.rbegin(); step != plan.rend(); ++step) {
    for (const auto* slots : {&step->reads, &step->writes}) {
      for (const std::size_t slot : *slots) {
        if (read_later.insert(slot).second) step->frees.push_back(slot);
      }
    }
  }
}

}  // namespace

Result<std::shared_ptr<GraphModule>> GraphModule::build(const Network& network, const NetworkReport& report) {
  const auto refusal = [&](const std::string& why) {
    return Error{fmt::format("The network “{}” can't run: {}", network.name, why)};
  };
  const std::set<LayerId> ordered(report.order.begin(), report.order.end());
  for (const Layer& layer : network.layers) {
    if (is_block(layer)) return refusal(fmt::format("the Block “{}” hasn't been replaced by its layers.", layer.name));
    if (!ordered.contains(layer.id)) {
      return refusal(fmt::format("“{}” lies on a cycle.", layer.name));
    }
    if (!known_layer(network, report, layer.id)) {
      return refusal(fmt::format("“{}” ({}) has a mistake, or doesn't know its input.", layer.name, layer.type));
    }
  }

  const std::set<LayerId> needed = needed_layers(network);
  std::map<LayerId, std::vector<PortRef>> sources = sources_in(network);
  std::shared_ptr<GraphModule> module(new GraphModule);
  std::map<PortRef, std::size_t> slot_of;
  std::map<std::size_t, SequencePlan::Axes> steps_of;  // by slot
  std::map<LayerId, std::size_t> outputs;
  for (const Layer& layer : network.layers) {
    if (layer.type != "Input") continue;
    const Shape& shape = report.layers.at(layer.id).outputs.front();
    if (module->input_slots_.empty() && shape.rank() > 0 && shape[0].value_or(0) > 0) {
      module->sequences_.emplace(*shape[0]);
      steps_of[module->slots_] = module->sequences_->input();
    }
    module->input_names_.push_back(layer.name);
    module->input_slots_.push_back(module->slots_);
    slot_of[{layer.id, 0}] = module->slots_++;
  }
  if (module->input_slots_.empty()) return refusal("it has no Input.");
  for (const LayerId id : report.order) {
    const KnownLayer known = *known_layer(network, report, id);
    const Layer& layer = *known.layer;
    std::vector<std::size_t> reads;
    for (const PortRef& source : sources[id]) {
      const auto slot = slot_of.find(source);
      if (slot == slot_of.end()) return refusal(fmt::format("an input of “{}” comes from nowhere.", layer.name));
      reads.push_back(slot->second);
    }
    if (layer.type == "Output" && !reads.empty()) {
      outputs[id] = reads.front();
      continue;
    }
    if (layer.type == "Input") continue;
    std::vector<SequencePlan::Axes> steps;
    for (const std::size_t slot : reads) steps.push_back(steps_of[slot]);
    // A port that is connected twice, or a layer that only asks how many samples there are, reads more than its ports.
    steps.resize(known.report->inputs.size());
    // What needs no input still gives as many samples as there are.
    if (known.spec->max_inputs == 0) reads.push_back(module->input_slots_.front());
    if (!known.spec->call) {
      if (reads.empty()) return refusal(fmt::format("“{}” has no input.", layer.name));
      slot_of[{id, 0}] = reads.front();
      continue;
    }
    Result<Op> op = bind(known.spec->call(known.view()));
    if (!op) return refusal(fmt::format("“{}”: {}", layer.name, op.error().message));
    Step step = {.layer = layer.name, .op = std::move(*op), .reads = std::move(reads), .writes = {}, .frees = {}};
    if (module->sequences_) step.sequences = module->sequences_->plan(known, step.op, steps);
    step.shapes = known.report->outputs;
    for (int port = 0; port < netwright::output_count(*known.spec, layer.settings); ++port) {
      if (module->sequences_) steps_of[module->slots_] = step.sequences.outputs.at(static_cast<std::size_t>(port));
      slot_of[{id, port}] = module->slots_;
      step.writes.push_back(module->slots_++);
    }
    try {
      if (step.op.module) module->add_module(layer.name, step.op.module);
    } catch (const c10::Error& error) {
      return refusal(fmt::format("“{}”: {}", layer.name, error.what_without_backtrace()));
    }
    if (!layer.trainable && step.op.module) {
      for (torch::Tensor& parameter : step.op.module->parameters()) parameter.set_requires_grad(false);
    }
    if (needed.contains(id)) module->plan_.push_back(std::move(step));
  }

  for (const Layer& layer : network.layers) {
    if (layer.type != "Output") continue;
    module->output_names_.push_back(layer.name);
    module->output_slots_.push_back(outputs.at(layer.id));
    module->output_steps_.push_back(steps_of[module->output_slots_.back()]);
  }
  if (module->output_slots_.empty()) return refusal("it has no Output.");

  free_after_last_use(module->plan_, module->output_slots_);
  return module;
}

template <class Visit>
std::vector<torch::Tensor> GraphModule::run(std::vector<torch::Tensor> inputs, const torch::Tensor& lengths,
                                            std::vector<AttentionMap>* attention, const Visit& visit) {
  if (inputs.size() != input_slots_.size()) {
    throw std::invalid_argument(
        fmt::format("{} inputs given to a network with {}.", inputs.size(), input_slots_.size()));
  }
  const std::vector<Lengths> own = lengths_of(lengths, inputs);
  // What is done to each step is then as finite at padded ones, whatever was in them.
  if (!own.empty()) inputs.front() = continued(inputs.front(), 1, own.front());
  std::vector<torch::Tensor> slots(slots_);
  for (std::size_t i = 0; i < inputs.size(); ++i) slots[input_slots_[i]] = std::move(inputs[i]);
  for (const Step& step : plan_) {
    std::vector<torch::Tensor> arguments;
    arguments.reserve(step.reads.size());
    for (const std::size_t slot : step.reads) arguments.push_back(slots[slot]);
    torch::Tensor weights;
    torch::Tensor* const wanted = attention && step.op.attends ? &weights : nullptr;
    std::vector<torch::Tensor> results =
        own.empty() && !wanted
            ? step.op.forward(arguments)
            : forward_padded(step.op, arguments, step.sequences, own, {.outputs = step.shapes, .attention = wanted});
    if (wanted) attention->push_back({step.layer, weights});
    if (!visit(step, arguments, results)) return {};
    for (std::size_t port = 0; port < step.writes.size(); ++port)
      slots[step.writes[port]] = std::move(results.at(port));
    for (const std::size_t slot : step.frees) slots[slot].reset();
  }
  std::vector<torch::Tensor> outputs;
  outputs.reserve(output_slots_.size());
  for (std::size_t i = 0; i < output_slots_.size(); ++i) {
    outputs.push_back(slots[output_slots_[i]]);
    if (own.empty()) continue;
    for (const auto& [dim, table] : output_steps_[i]) outputs.back() = filled(outputs.back(), dim, own[table]);
  }
  return outputs;
}

std::vector<Lengths> GraphModule::lengths_of(const torch::Tensor& lengths,
                                             const std::vector<torch::Tensor>& inputs) const {
  if (!lengths.defined() || !sequences_) return {};
  if (lengths.dim() != 1 || lengths.size(0) != inputs.front().size(0)) {
    throw std::invalid_argument(
        fmt::format("{} lengths given for {} sequences.", lengths.numel(), inputs.front().size(0)));
  }
  return sequences_->lengths_of(lengths);
}

torch::Tensor GraphModule::forward(const torch::Tensor& input, const torch::Tensor& lengths) {
  return forward(std::vector<torch::Tensor>{input}, lengths).at(0);
}

std::vector<torch::Tensor> GraphModule::forward(std::vector<torch::Tensor> inputs, const torch::Tensor& lengths) {
  return run(std::move(inputs), lengths, nullptr, [](const Step&, const auto&, const auto&) { return true; });
}

std::vector<torch::Tensor> GraphModule::forward(std::vector<torch::Tensor> inputs, const torch::Tensor& lengths,
                                                std::vector<Watched>& watched) {
  const auto watch = [&](const std::string& layer, const auto& fill) {
    for (Watched& one : watched) {
      if (one.layer == layer) fill(one);
    }
  };
  for (std::size_t i = 0; i < inputs.size() && i < input_names_.size(); ++i) {
    watch(input_names_[i], [&](Watched& one) { one.outputs = {inputs[i]}; });
  }
  std::vector<torch::Tensor> outputs =
      run(std::move(inputs), lengths, nullptr, [&](const Step& step, const auto& in, const auto& out) {
        watch(step.layer, [&](Watched& one) {
          one.inputs = in;
          one.outputs = out;
        });
        return true;
      });
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    watch(output_names_[i], [&](Watched& one) { one.inputs = {outputs[i]}; });
  }
  return outputs;
}

std::vector<GraphModule::AttentionMap> GraphModule::attention(std::vector<torch::Tensor> inputs,
                                                              const torch::Tensor& lengths) {
  const torch::NoGradGuard no_grad;
  const Evaluating evaluating(*this);
  std::vector<AttentionMap> maps;
  run(std::move(inputs), lengths, &maps, [](const Step&, const auto&, const auto&) { return true; });
  return maps;
}

void GraphModule::observe(std::vector<torch::Tensor> inputs, const torch::Tensor& lengths,
                          const std::function<void(const std::string& layer, const torch::Tensor& output)>& tell) {
  const torch::NoGradGuard no_grad;
  const Evaluating evaluating(*this);
  run(std::move(inputs), lengths, nullptr, [&](const Step& step, const auto&, const auto& outputs) {
    if (!outputs.empty()) tell(step.layer, outputs.front());
    return true;
  });
}

std::optional<std::string> GraphModule::first_bad_layer(const std::vector<torch::Tensor>& inputs,
                                                        const torch::Tensor& lengths) {
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < inputs.size() && i < input_names_.size(); ++i) {
    if (!is_finite(inputs[i])) return input_names_[i];
  }
  std::vector<torch::Tensor> saved;
  for (const torch::Tensor& buffer : buffers()) saved.push_back(buffer.clone());
  std::optional<std::string> bad;
  run(inputs, lengths, nullptr, [&](const Step& step, const auto&, const std::vector<torch::Tensor>& outputs) {
    if (!std::all_of(outputs.begin(), outputs.end(), is_finite)) bad = step.layer;
    return !bad;
  });
  std::vector<torch::Tensor> own = buffers();
  for (std::size_t i = 0; i < own.size(); ++i) own[i].copy_(saved[i]);
  if (bad) return bad;
  for (const auto& [name, module] : layers_) {
    const std::vector<torch::Tensor> weights = module->parameters();
    const std::vector<torch::Tensor> states = module->buffers();
    if (!std::all_of(weights.begin(), weights.end(), is_finite)) return name;
    if (!std::all_of(states.begin(), states.end(), is_finite)) return name;
  }
  return std::nullopt;
}

void GraphModule::add_module(const std::string& name, const std::shared_ptr<torch::nn::Module>& module) {
  Module* parent = this;
  std::size_t begin = 0;
  for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', begin)) {
    const std::string part = name.substr(begin, dot - begin);
    const auto children = parent->named_children();
    const auto* child = children.find(part);
    parent = child ? child->get() : parent->register_module(part, std::make_shared<torch::nn::Module>()).get();
    begin = dot + 1;
  }
  parent->register_module(name.substr(begin), module);
  layers_.emplace_back(name, module);
}

NamedTensors GraphModule::named_state() const {
  NamedTensors state;
  for (const auto& [name, module] : layers_) {
    for (const auto& parameter : module->named_parameters()) {
      state.emplace_back(name + '.' + parameter.key(), parameter.value());
    }
    for (const auto& buffer : module->named_buffers()) state.emplace_back(name + '.' + buffer.key(), buffer.value());
  }
  return state;
}

}  // namespace netwright
