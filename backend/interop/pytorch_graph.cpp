#include "backend/interop/pytorch_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <queue>
#include <string_view>

#include "backend/layers/catalogue.h"

namespace netwright {

namespace {

std::vector<std::string> components(const std::string& path) {
  std::vector<std::string> found(1);
  for (const char c : path) {
    if (c == '.') {
      found.emplace_back();
    } else {
      found.back() += c;
    }
  }
  return found;
}

void add_once(std::vector<PortRef>& ports, PortRef port) {
  if (std::find(ports.begin(), ports.end(), port) == ports.end()) ports.push_back(port);
}

}  // namespace

PytorchGraph::PytorchGraph(const Network& network, const Report& report)
    : network_(network), report_(report.find(network.id)) {
  std::set<LayerId> placed;
  const auto place = [&](const Layer* layer) {
    if (!layer || !placed.insert(layer->id).second || layer->type == "Output") return;
    rank_[layer->id] = order_.size();
    order_.push_back(layer->id);
  };
  if (report_) {
    for (const LayerId id : report_->order) place(network.find(id));
  }
  for (const Layer& layer : network.layers) place(&layer);
  for (const Layer& layer : network.layers) paths_[layer.id] = components(layer.name);
  find_faults(report);

  std::map<PortRef, PortRef> feeds;  // the first connection of each port, as analysis takes it
  for (const Connection& connection : network.connections) feeds.emplace(connection.to, connection.from);
  const auto seen_through = [&](PortRef port) {
    for (std::size_t step = 0; step < network.layers.size(); ++step) {
      const Layer* layer = network.find(port.layer);
      const LayerSpec* spec = layer ? find_layer_spec(layer->type) : nullptr;
      const auto before = feeds.find({port.layer, 0});
      if (!spec || spec->call || layer->type == "Input" || before == feeds.end()) break;
      port = before->second;
    }
    return port;
  };
  for (const auto& [to, from] : feeds) {
    const PortRef source = seen_through(from);
    sources_[to.layer].push_back(source);
    readers_[source.layer].push_back(to.layer);
  }
  find_needed();
}

void PytorchGraph::find_faults(const Report& report) {
  std::map<LayerId, std::string> said;
  for (const Diagnostic& diagnostic : report.diagnostics) {
    if (diagnostic.severity == Severity::Error && diagnostic.network == network_.id && diagnostic.layer)
      said.emplace(diagnostic.layer, diagnostic.message);
  }
  std::set<std::string_view> names;
  for (const Layer& layer : network_.layers) {
    const LayerReport* figures = this->figures(layer.id);
    const std::vector<std::string>& path = paths_[layer.id];
    const bool is_name_good = std::all_of(path.begin(), path.end(), [](const std::string& name) {
      const bool is_number = !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
      return is_number || name_complaint(name).empty();
    });
    const bool is_name_new = names.insert(layer.name).second;
    if (figures && figures->is_valid && is_name_good && is_name_new) continue;
    const auto message = said.find(layer.id);
    faults_[layer.id] = message != said.end() ? message->second : std::string("it waits for what comes before it.");
  }
}

void PytorchGraph::find_needed() {
  std::vector<LayerId> open;
  for (const Layer& layer : network_.layers) {
    if (layer.type == "Output") open.push_back(layer.id);
  }
  if (open.empty()) open = order_;
  while (!open.empty()) {
    const LayerId layer = open.back();
    open.pop_back();
    if (!needed_.insert(layer).second) continue;
    for (const PortRef& source : sources(layer)) open.push_back(source.layer);
  }
}

const std::vector<PortRef>& PytorchGraph::sources(LayerId layer) const {
  static const std::vector<PortRef> none;
  const auto it = sources_.find(layer);
  return it == sources_.end() ? none : it->second;
}

const std::string& PytorchGraph::fault(LayerId layer) const {
  static const std::string none;
  const auto it = faults_.find(layer);
  return it == faults_.end() ? none : it->second;
}

const LayerReport* PytorchGraph::figures(LayerId layer) const {
  if (!report_) return nullptr;
  const auto it = report_->layers.find(layer);
  return it == report_->layers.end() ? nullptr : &it->second;
}

std::vector<PytorchPart> PytorchGraph::parts(const std::vector<LayerId>& layers, std::size_t depth) const {
  std::vector<PytorchPart> found;
  std::map<std::string_view, std::size_t> by_name;
  std::map<LayerId, std::size_t> part_of;
  for (const LayerId layer : layers) {
    const std::vector<std::string>& path = paths_.at(layer);
    const bool is_layer = path.size() == depth + 1;
    // A layer never shares a part, even where (by mistake) it shares a name.
    const auto it = is_layer ? by_name.end() : by_name.find(path[depth]);
    const std::size_t number = it == by_name.end() ? found.size() : it->second;
    if (number == found.size()) {
      found.push_back({.name = path[depth], .layers = {}, .is_layer = is_layer, .reads = {}, .gives = {}});
      if (!is_layer) by_name.emplace(path[depth], number);
    }
    found[number].layers.push_back(layer);
    part_of[layer] = number;
  }
  const auto is_in = [&](LayerId layer, std::size_t number) {
    const auto it = part_of.find(layer);
    return it != part_of.end() && it->second == number;
  };
  for (std::size_t number = 0; number < found.size(); ++number) {
    PytorchPart& part = found[number];
    for (const LayerId layer : part.layers) {
      for (const PortRef& source : sources(layer)) {
        if (part.is_layer) {
          part.reads.push_back(source);  // a layer may read one value at several ports
        } else if (!is_in(source.layer, number) && is_needed(layer)) {
          add_once(part.reads, source);
        }
      }
      const auto readers = readers_.find(layer);
      if (readers == readers_.end()) continue;
      std::vector<PortRef> given;
      for (const LayerId reader : readers->second) {
        if (is_in(reader, number) || !is_needed(reader)) continue;
        for (const PortRef& source : sources(reader)) {
          if (source.layer == layer) add_once(given, source);
        }
      }
      std::sort(given.begin(), given.end());
      part.gives.insert(part.gives.end(), given.begin(), given.end());
    }
  }
  return sorted(std::move(found));
}

/// Kahn's algorithm; the part whose first layer runs first goes first.
std::vector<PytorchPart> PytorchGraph::sorted(std::vector<PytorchPart> parts) const {
  std::map<LayerId, std::size_t> part_of;
  for (std::size_t number = 0; number < parts.size(); ++number) {
    for (const LayerId layer : parts[number].layers) part_of[layer] = number;
  }
  std::vector<std::set<std::size_t>> followers(parts.size());
  std::vector<std::size_t> waiting(parts.size());
  for (std::size_t number = 0; number < parts.size(); ++number) {
    for (const PortRef& source : parts[number].reads) {
      const auto from = part_of.find(source.layer);
      if (from != part_of.end() && from->second != number && followers[from->second].insert(number).second)
        ++waiting[number];
    }
  }
  using Entry = std::pair<std::size_t, std::size_t>;  // the first layer's rank, the part
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> ready;
  const auto offer = [&](std::size_t number) { ready.emplace(rank_.at(parts[number].layers.front()), number); };
  for (std::size_t number = 0; number < parts.size(); ++number) {
    if (waiting[number] == 0) offer(number);
  }
  std::vector<PytorchPart> ordered;
  std::vector<bool> is_done(parts.size());
  while (!ready.empty()) {
    const std::size_t number = ready.top().second;
    ready.pop();
    is_done[number] = true;
    for (const std::size_t follower : followers[number]) {
      if (--waiting[follower] == 0) offer(follower);
    }
    ordered.push_back(std::move(parts[number]));
  }
  for (std::size_t number = 0; number < parts.size(); ++number) {
    if (!is_done[number]) ordered.push_back(std::move(parts[number]));  // on a cycle
  }
  return ordered;
}

}  // namespace netwright
