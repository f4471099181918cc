#include "backend/interop/pytorch_code.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <sstream>

#include "backend/analysis/analyse.h"
#include "backend/core/numbers.h"
#include "backend/graph/blocks.h"
#include "backend/graph/flatten.h"
#include "backend/interop/pytorch_classes.h"
#include "backend/interop/pytorch_definitions.h"
#include "backend/interop/pytorch_training.h"

namespace netwright {

namespace {

/// `residual_block` -> `ResidualBlock`.
std::string class_name(const std::string& name) {
  std::string camel;
  bool is_start = true;
  for (const char c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c))) {
      is_start = true;
    } else {
      camel += is_start ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
      is_start = false;
    }
  }
  return camel.empty() || std::isdigit(static_cast<unsigned char>(camel.front())) ? "Net" + camel : camel;
}

/// Text within a docstring.
std::string quoted(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '\\' || c == '"') safe += '\\';
    safe += c;
  }
  return safe;
}

std::string summary_of(const Network& network, const NetworkReport& report) {
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  for (const Layer& layer : network.layers) {
    const auto figures = report.layers.find(layer.id);
    if (figures == report.layers.end() || figures->second.outputs.empty()) continue;
    if (layer.type == "Input") inputs.push_back(figures->second.outputs.front().to_string());
    if (layer.type == "Output") outputs.push_back(figures->second.outputs.front().to_string());
  }
  std::string text = fmt::format("{} → {}", fmt::join(inputs, ", "), fmt::join(outputs, ", "));
  if (const Dim& count = report.totals.parameters)
    text += fmt::format("; {} parameter{}", with_separators(*count), *count == 1 ? "" : "s");
  return text + ".";
}

std::string imports_of(const std::string& code) {
  std::string text;
  for (const char* module : {"argparse", "gzip", "json", "math", "struct"}) {
    if (code.find(std::string(module) + ".") != std::string::npos) text += fmt::format("import {}\n", module);
  }
  if (code.find("OrderedDict(") != std::string::npos) text += "from collections import OrderedDict\n";
  if (!text.empty()) text += "\n";
  if (code.find("np.load(") != std::string::npos) text += "import numpy as np\n";
  text += "import torch\n";
  if (code.find("F.pad(") != std::string::npos) text += "import torch.nn.functional as F\n";
  text += "from torch import nn\n";
  if (code.find("DataLoader(") != std::string::npos) text += "from torch.utils.data import DataLoader, TensorDataset\n";
  return text;
}

/// The network that stands at a path of Blocks (`stage1.0.block2`); null where none does.
const Network* network_at(const Project& drawn, const Network* network, const std::string& path) {
  std::istringstream names(path);
  for (std::string name; network && std::getline(names, name, '.');) {
    if (std::isdigit(static_cast<unsigned char>(name.front()))) continue;  // the number of a repetition
    const Layer* block = network->find(name);
    network = block && is_block(*block) ? network_of_block(drawn, *block) : nullptr;
  }
  return network;
}

/// True for a network that others use as a Block: its class stands where it is used.
bool is_only_a_block(const Project& drawn, const Network& network) {
  if (network.id == drawn.networks.front().id) return false;
  return std::any_of(drawn.networks.begin(), drawn.networks.end(),
                     [&](const Network& other) { return other.id != network.id && uses(drawn, other.id, network.id); });
}

/// `flat` is what was drawn with its Blocks replaced by their layers, `report` is of it.
std::string code_of(const Project& drawn, const Project& flat, const Report& report) {
  std::set<std::string> names = {"GaussianNoise",
                                 "PositionalEncoding",
                                 "AdditiveAttention",
                                 "Parameter",
                                 "DataLoader",
                                 "TensorDataset",
                                 "OrderedDict",
                                 "F",
                                 "L1",
                                 "L2",
                                 "EPOCHS",
                                 "BATCH_SIZE",
                                 "SEED",
                                 "None",
                                 "True",
                                 "False"};
  std::string classes;
  std::string model;
  for (const Network& network : flat.networks) {
    const NetworkReport* figures = report.find(network.id);
    if (!figures || is_only_a_block(drawn, network)) continue;
    const PytorchGraph graph(network, report);
    const auto block_name = [&](const std::string& path) {
      const Network* inner = network_at(drawn, drawn.find(network.id), path);
      return class_name(inner ? inner->name : path.substr(path.rfind('.') + 1));
    };
    std::vector<PytorchBody> bodies = pytorch_bodies(graph, class_name(network.name), block_name);
    bodies.back().summary = summary_of(network, *figures);
    const PytorchClasses written = pytorch_classes(bodies, names);
    if (model.empty()) model = written.last;
    if (!classes.empty()) classes += "\n\n";
    classes += written.source;
  }
  const std::string definitions = pytorch_definitions(classes);
  std::string code = definitions.empty() ? classes : definitions + "\n\n" + classes;
  if (!model.empty()) code += "\n\n" + pytorch_training(drawn, flat.networks.front(), model);
  std::string about = quoted(drawn.name.empty() ? "A network" : drawn.name) + ", drawn with Netwright.";
  if (!drawn.note.empty()) about += "\n\n" + quoted(drawn.note);
  return fmt::format("\"\"\"{}\n\nThe shapes in comments leave the batch out.\n\"\"\"\n\n{}\n\n{}", about,
                     imports_of(code), code);
}

}  // namespace

std::string pytorch_code(const Project& project, const Report& report) {
  const bool are_blocks_used = std::any_of(project.networks.begin(), project.networks.end(), has_blocks);
  if (!are_blocks_used) return code_of(project, project, report);
  const Project flat = flattened(project);
  return code_of(project, flat, analyse(flat));
}

}  // namespace netwright
