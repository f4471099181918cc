// Where a process stands, from its environment. Needs no c10d.

#include <fmt/format.h>

#include <charconv>
#include <cstring>

#include "backend/engine/process_group.h"

namespace netwright {

namespace {

constexpr const char* who_sets_places =
    "torchrun sets RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR and MASTER_PORT; docs/many_processes.md has examples";

Result<int> place_number(const char* name, const char* text, int least, int most) {
  int value = 0;
  const auto [end, error] = std::from_chars(text, text + std::strlen(text), value);
  if (error == std::errc() && *end == '\0' && value >= least && value <= most) return value;
  return Error{fmt::format("{} is “{}”: it must be a whole number from {} to {} ({}).", name, text, least, most,
                           who_sets_places)};
}

}  // namespace

Result<std::optional<ProcessPlace>> place_from_environment(const std::function<const char*(const char*)>& variable) {
  constexpr int most = 65535;
  const char* world = variable("WORLD_SIZE");
  if (!world) return std::optional<ProcessPlace>();
  const Result<int> size = place_number("WORLD_SIZE", world, 1, most);
  if (!size) return size.error();
  if (*size == 1) return std::optional<ProcessPlace>();

  ProcessPlace place{.size = *size, .address = {}};
  for (const char* name : {"RANK", "MASTER_ADDR", "MASTER_PORT"}) {
    const char* value = variable(name);
    if (value && *value != '\0') continue;
    return Error{fmt::format("WORLD_SIZE is {}, but {} isn't set ({}).", *size, name, who_sets_places)};
  }
  const Result<int> rank = place_number("RANK", variable("RANK"), 0, *size - 1);
  if (!rank) return rank.error();
  const Result<int> port = place_number("MASTER_PORT", variable("MASTER_PORT"), 1, most);
  if (!port) return port.error();
  place.rank = *rank;
  place.port = *port;
  place.address = variable("MASTER_ADDR");
  if (const char* local = variable("LOCAL_RANK")) {
    const Result<int> local_rank = place_number("LOCAL_RANK", local, 0, most);
    if (!local_rank) return local_rank.error();
    place.local_rank = *local_rank;
  }
  const char* agent = variable("TORCHELASTIC_USE_AGENT_STORE");
  place.joins_store = agent && std::strcmp(agent, "True") == 0;
  if (const char* attempt = variable("TORCHELASTIC_RESTART_COUNT")) place.attempt = std::atoi(attempt);
  return std::optional(place);
}

}  // namespace netwright
