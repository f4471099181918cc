#pragma once
// Strong ids: a LayerId can't be passed where a NetworkId is meant. 0 means "none".

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace netwright {

template <class Tag>
struct Id {
  std::int64_t value = 0;

  explicit operator bool() const { return value != 0; }
  auto operator<=>(const Id&) const = default;
};

using LayerId = Id<struct LayerTag>;
using NetworkId = Id<struct NetworkTag>;

}  // namespace netwright

template <class Tag>
struct std::hash<netwright::Id<Tag>> {
  std::size_t operator()(netwright::Id<Tag> id) const noexcept { return std::hash<std::int64_t>()(id.value); }
};
