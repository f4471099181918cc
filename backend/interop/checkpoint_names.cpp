#include "backend/interop/checkpoint_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace netwright {

bool is_training_state(std::string_view name) {
  return name.starts_with(training_prefix) || name.starts_with("optimiser.") || name == "generator.cpu";
}

std::vector<std::string> networks_in(const TensorFile& file) {
  std::vector<std::string> networks;
  const auto named = file.metadata.find(networks_key);
  if (named == file.metadata.end()) return networks;
  std::string_view rest = named->second;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    networks.emplace_back(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return networks;
}

Result<std::string> prefix_in(const TensorFile& file, const std::string& network) {
  const std::vector<std::string> networks = networks_in(file);
  if (networks.empty()) return std::string();
  if (std::find(networks.begin(), networks.end(), network) == networks.end()) {
    return Error{fmt::format("It holds the weights of {}; {}.", fmt::join(networks, " and "),
                             network.empty() ? "say which is meant" : fmt::format("there are none of “{}”", network))};
  }
  return network + '.';
}

Result<TensorFile> only_weights_of(TensorFile file, const std::string& network) {
  const Result<std::string> prefix = prefix_in(file, network);
  if (!prefix) return prefix.error();
  std::erase_if(file.tensors, [&](const NamedTensor& tensor) {
    return !tensor.name.starts_with(*prefix) || tensor.name.starts_with(training_prefix);
  });
  for (NamedTensor& tensor : file.tensors) tensor.name.erase(0, prefix->size());
  file.metadata.erase(networks_key);
  return file;
}

}  // namespace netwright
