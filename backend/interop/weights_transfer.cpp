#include "backend/interop/weights_transfer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "backend/analysis/analyse.h"
#include "backend/graph/flatten.h"
#include "backend/interop/checkpoint_names.h"

namespace netwright {

namespace {

std::size_t taken_of(const MatchedWeights& matched) {
  return matched.expected - matched.missing.size();
}

MatchedWeights best_match(const Network& network, const NetworkReport& report, const TensorFile& file) {
  MatchedWeights best = match_weights(network, report, file);
  const std::vector<std::string> others = networks_in(file);
  if (std::find(others.begin(), others.end(), network.name) != others.end()) return best;
  for (const std::string& other : others) {
    auto weights = only_weights_of(file, other);
    if (!weights) continue;
    MatchedWeights matched = match_weights(network, report, std::move(*weights));
    if (taken_of(matched) > taken_of(best)) best = std::move(matched);
  }
  return best;
}

}  // namespace

std::size_t WeightTransfer::taken() const {
  std::size_t count = 0;
  for (const Part& part : networks) count += taken_of(part.matched);
  return count;
}

std::size_t WeightTransfer::expected() const {
  std::size_t count = 0;
  for (const Part& part : networks) count += part.matched.expected;
  return count;
}

std::string WeightTransfer::words() const {
  constexpr std::size_t shown = 3;
  std::vector<std::string> reasons;
  std::vector<std::string> absent;
  std::vector<std::string> unused;
  for (const auto& [network, matched] : networks) {
    const std::string owner = networks.size() > 1 ? network + "." : std::string();
    reasons.insert(reasons.end(), matched.unfitting.begin(), matched.unfitting.end());
    // What doesn't fit is missing, too, and was said already.
    for (const std::string& name : matched.missing) {
      const bool is_said = std::any_of(matched.unfitting.begin(), matched.unfitting.end(),
                                       [&](const std::string& why) { return why.starts_with(name + " "); });
      if (!is_said) absent.push_back(owner + name);
    }
    if (networks.size() == 1) unused = matched.unused;
  }
  const auto few = [&](const std::vector<std::string>& names) {
    const auto count = static_cast<std::ptrdiff_t>(std::min(shown, names.size()));
    std::string text = fmt::format("{}", fmt::join(names.begin(), names.begin() + count, ", "));
    if (names.size() > shown) text += fmt::format(" and {} more", names.size() - shown);
    return text;
  };
  std::string text = fmt::format("{} of {} tensors were taken.", taken(), expected());
  for (std::size_t i = 0; i < std::min(shown, reasons.size()); ++i) text += " " + reasons[i];
  if (reasons.size() > shown) text += fmt::format(" {} more don't fit.", reasons.size() - shown);
  if (!absent.empty()) text += fmt::format(" Not in the file: {}.", few(absent));
  if (!unused.empty()) text += fmt::format(" Not in the network: {}.", few(unused));
  return text;
}

WeightTransfer transfer_to(const Project& project, const std::vector<const Network*>& networks,
                           const TensorFile& file) {
  const Project flat = flattened(project);
  const Report report = analyse(flat);
  WeightTransfer transfer;
  for (const Network* network : networks) {
    const Network* drawn = flat.find(network->id);
    const NetworkReport* figures = report.find(network->id);
    if (drawn && figures) transfer.networks.push_back({network->name, best_match(*drawn, *figures, file)});
  }
  return transfer;
}

}  // namespace netwright
