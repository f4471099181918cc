#include "backend/engine/torchscript.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/script.h>

#include <map>
#include <sstream>

#include "backend/analysis/analyse.h"
#include "backend/engine/torchscript_forms.h"

namespace netwright {

namespace {

/// The sub-module at a path of names joined by dots, made where it isn't there yet.
torch::jit::Module module_at(const torch::jit::Module& root, const std::string& path) {
  if (path.empty()) return root;
  const std::size_t dot = path.find('.');
  const std::string name = path.substr(0, dot);
  torch::jit::Module parent = root;
  if (!parent.hasattr(name)) {
    // A name of its own for each type: classes of one name in a file would be taken for one class.
    torch::jit::Module made(root.type()->name()->qualifiedName() + "_" + name, root._ivalue()->compilation_unit());
    made.register_attribute("training", c10::BoolType::get(), false);
    parent.register_module(name, made);
  }
  const torch::jit::Module child = parent.attr(name).toModule();
  return dot == std::string::npos ? child : module_at(child, path.substr(dot + 1));
}

/// How forward reaches a module: names that begin with a digit (the repetitions of a Block) are no attributes there.
std::string reached(const std::string& path) {
  std::string text = "self";
  std::istringstream names(path);
  for (std::string name; std::getline(names, name, '.');) {
    text = std::isdigit(static_cast<unsigned char>(name.front())) ? fmt::format("getattr({}, \"{}\")", text, name)
                                                                  : text + "." + name;
  }
  return text;
}

void add_weights(const torch::jit::Module& root, const GraphModule& module) {
  const auto buffers = module.named_buffers();
  for (const auto& [path, tensor] : module.named_state()) {
    const std::size_t dot = path.rfind('.');
    torch::jit::Module owner = module_at(root, path.substr(0, dot));
    const bool is_buffer = buffers.contains(path);
    torch::Tensor copy = tensor.detach().to(torch::kCPU).clone();
    copy.set_requires_grad(!is_buffer && tensor.requires_grad());
    owner.register_parameter(path.substr(dot + 1), copy, is_buffer);
  }
}

/// Writes the root's forward, and defines the layers' on the way.
class Script {
 public:
  Script(const Network& network, const NetworkReport& report, const torch::jit::Module& root)
      : network_(network), report_(report), root_(root) {}

  Result<std::string> write() {
    for (const Layer& layer : network_.layers) {
      if (layer.type == "Input") inputs_.push_back(variable({layer.id, 0}));
    }
    for (const LayerId id : report_.order) {
      const auto known = known_layer(network_, report_, id);
      if (!known) return Error{fmt::format("“{}” has a mistake.", network_.find(id)->name)};
      if (const Result<void> written = write_layer(*known); !written) return written.error();
    }
    std::vector<std::string> outputs;
    for (const Layer& layer : network_.layers) {
      if (layer.type == "Output") outputs.push_back(sources_of(layer.id).at(0));
    }
    return fmt::format("def forward(self, {}):\n{}    return {}\n", fmt::join(inputs_, ", "), body_,
                       fmt::join(outputs, ", "));
  }

 private:
  std::string variable(PortRef port) {
    const auto [it, is_new] = variables_.emplace(port, fmt::format("v{}", variables_.size()));
    return it->second;
  }

  std::vector<std::string> sources_of(LayerId layer) {
    std::vector<std::string> sources;
    for (const Connection& connection : network_.connections) {
      if (connection.to.layer == layer) sources.push_back(variable(connection.from));
    }
    return sources;
  }

  Result<void> write_layer(const KnownLayer& known) {
    const Layer& layer = *known.layer;
    if (layer.type == "Input" || layer.type == "Output") return {};
    std::vector<std::string> inputs = sources_of(layer.id);
    if (!known.spec->call) {
      variables_[{layer.id, 0}] = inputs.at(0);
      return {};
    }
    // What has no input takes the batch's size from the network's first.
    if (inputs.empty()) inputs = {inputs_.at(0)};
    const NnCall call = known.spec->call(known.view());
    std::vector<std::string> results;
    for (std::size_t port = 0; port < known.report->outputs.size(); ++port)
      results.push_back(variable({layer.id, static_cast<int>(port)}));
    std::string expression;
    if (call.is_module()) {
      if (const Result<void> defined = define(layer.name, call, inputs.size(), *known.report); !defined)
        return defined.error();
      expression = fmt::format("{}.forward({})", reached(layer.name), fmt::join(inputs, ", "));
    } else {
      expression = torchscript_expression(call, inputs);
    }
    const bool is_list = results.size() == 1 && (call.name == "torch.split" || call.name == "torch.chunk");
    body_ += fmt::format("    {} = {}{}\n", fmt::join(results, ", "), expression, is_list ? "[0]" : "");
    return {};
  }

  Result<void> define(const std::string& path, const NnCall& call, std::size_t inputs, const LayerReport& report) {
    std::vector<std::string> weights;
    for (const Weight& weight : report.weights) weights.push_back(weight.name);
    const Result<std::string> forward = torchscript_forward(call, inputs, weights);
    if (!forward) return Error{fmt::format("“{}”: {}", path, forward.error().message)};
    const char* const parameters = inputs == 1 ? "x" : inputs == 2 ? "x, y" : "x, y, z";
    module_at(root_, path).define(fmt::format("def forward(self, {}):\n{}", parameters, *forward));
    return {};
  }

  const Network& network_;
  const NetworkReport& report_;
  const torch::jit::Module& root_;
  std::map<PortRef, std::string> variables_;
  std::vector<std::string> inputs_;
  std::string body_;
};

}  // namespace

Result<std::string> torchscript(const Network& network, const NetworkReport& report, const GraphModule& module) {
  try {
    const torch::NoGradGuard no_grad;
    torch::jit::Module root("__torch__.netwright." + network.name, std::make_shared<torch::jit::CompilationUnit>());
    root.register_attribute("training", c10::BoolType::get(), false);
    add_weights(root, module);
    const Result<std::string> forward = Script(network, report, root).write();
    if (!forward) return Error{fmt::format("TorchScript: {}", forward.error().message)};
    root.define(*forward);
    std::ostringstream file;
    root.save(file);
    return file.str();
  } catch (const std::exception& problem) {
    const auto* torch_problem = dynamic_cast<const c10::Error*>(&problem);
    return Error{fmt::format("The network “{}” can't become TorchScript: {}", network.name,
                             torch_problem ? torch_problem->what_without_backtrace() : problem.what())};
  }
}

}  // namespace netwright
