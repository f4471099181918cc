#include "tests/support/sample_project.h"

#include "backend/layers/catalogue.h"
#include "tests/support/drawing.h"

namespace netwright {

namespace {

Integers sizes_of(const Shape& shape) {
  Integers sizes;
  for (const Dim& dim : shape.dims()) sizes.push_back(dim.value());
  return sizes;
}

LayerId place(Project& project, const std::string& type, const std::string& name, const Settings& settings = {}) {
  Network& network = project.networks.front();
  Layer layer = make_layer(network, type, {}, settings);
  layer.name = name;
  [[maybe_unused]] const bool is_placed = static_cast<bool>(apply(project, AddLayer{network.id, layer}));
  return layer.id;
}

}  // namespace

Project sample_project(const LayerSpec& spec, const Sample& sample) {
  Project project = empty_project();
  Drawing draw(project);
  const std::string kind = spec.elements == Elements::Indices ? "int64" : "float32";
  std::vector<LayerId> sources;
  for (const Shape& input : sample.inputs) {
    const Settings settings = {{"shape", sizes_of(input)}, {"dtype", kind}};
    sources.push_back(place(project, "Input", "input" + std::to_string(sources.size()), settings));
  }
  // What reads nothing still learns from the first Input how many samples there are.
  if (sources.empty()) place(project, "Input", "input", {{"shape", Integers{2}}});
  const LayerId layer = place(project, spec.type, "subject", sample.settings);
  for (std::size_t port = 0; port < sources.size(); ++port) draw.connect(sources[port], layer, static_cast<int>(port));
  const int outputs = output_count(spec, draw.network().find(layer)->settings);
  for (int port = 0; port < outputs; ++port) {
    draw.connect(layer, place(project, "Output", "output" + std::to_string(port)), 0, port);
  }
  return project;
}

}  // namespace netwright
