#include "designer/canvas/layer_kind.h"

#include <charconv>

#include "backend/graph/blocks.h"

namespace netwright {

namespace {

const std::string block_prefix = std::string(block_type) + " ";

}  // namespace

LayerKind LayerKind::from_text(std::string_view text) {
  if (!text.starts_with(block_prefix)) return {std::string(text)};
  LayerKind kind{block_type};
  const std::string_view number = text.substr(block_prefix.size());
  std::from_chars(number.data(), number.data() + number.size(), kind.network.value);
  return kind;
}

std::string LayerKind::to_text() const {
  return network ? block_prefix + std::to_string(network.value) : type;
}

std::string LayerKind::title(const Project& project) const {
  const Network* of = project.find(network);
  return of ? of->name : type;
}

Settings LayerKind::settings() const {
  return network ? Settings{{"network", network.value}} : Settings();
}

std::vector<LayerKind> blocks_for(const Project& project, NetworkId network) {
  std::vector<LayerKind> kinds;
  for (const Network& candidate : project.networks) {
    const LayerKind kind{block_type, candidate.id};
    const Layer block{.id = {}, .name = {}, .type = kind.type, .settings = kind.settings(), .position = {}};
    if (port_counts(project, block).outputs > 0 && !uses(project, candidate.id, network)) kinds.push_back(kind);
  }
  return kinds;
}

}  // namespace netwright
