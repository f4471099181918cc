#include "designer/document/edit_step.h"

#include <map>
#include <optional>
#include <tuple>

namespace netwright {
namespace {

struct Pair {
  Edit forward;
  Edit backward;
  bool is_dropped = false;
};

/// Which one thing an edit sets; edits of different things may change places.
using Target = std::tuple<std::size_t, std::int64_t, std::int64_t, std::string>;

std::optional<Target> target_of(const Edit& edit) {
  const std::size_t kind = edit.index();
  if (const auto* e = std::get_if<MoveLayer>(&edit)) return Target{kind, e->network.value, e->layer.value, {}};
  if (const auto* e = std::get_if<SetSetting>(&edit)) return Target{kind, e->network.value, e->layer.value, e->setting};
  if (const auto* e = std::get_if<SetTrainable>(&edit)) return Target{kind, e->network.value, e->layer.value, {}};
  if (const auto* e = std::get_if<SetInitialisation>(&edit)) return Target{kind, e->network.value, e->layer.value, {}};
  if (std::holds_alternative<SetProjectName>(edit) || std::holds_alternative<SetNote>(edit) ||
      std::holds_alternative<SetData>(edit) || std::holds_alternative<SetRecipe>(edit))
    return Target{kind, 0, 0, {}};
  return std::nullopt;
}

/// Names must be free when they are given, so renames join only where nothing lies between them.
bool renames_same(const Edit& a, const Edit& b) {
  if (const auto* x = std::get_if<RenameLayer>(&a), *y = std::get_if<RenameLayer>(&b); x && y)
    return x->network == y->network && x->layer == y->layer;
  if (const auto* x = std::get_if<RenameNetwork>(&a), *y = std::get_if<RenameNetwork>(&b); x && y)
    return x->network == y->network;
  return false;
}

bool is_same_change(const Edit& a, const Edit& b) {
  if (a.index() != b.index()) return false;
  return std::visit(
      [&b](const auto& x) {
        using T = std::decay_t<decltype(x)>;
        const T& y = std::get<T>(b);
        if constexpr (std::is_same_v<T, RenameLayer> || std::is_same_v<T, RenameNetwork> ||
                      std::is_same_v<T, SetProjectName>)
          return x.name == y.name;
        else if constexpr (std::is_same_v<T, MoveLayer>)
          return x.position == y.position;
        else if constexpr (std::is_same_v<T, SetSetting>)
          return x.value == y.value;
        else if constexpr (std::is_same_v<T, SetCanvasNotes>)
          return x.network == y.network && x.notes == y.notes;
        else if constexpr (std::is_same_v<T, SetExposed>)
          return x.network == y.network && x.exposed == y.exposed;
        else if constexpr (std::is_same_v<T, SetTrainable>)
          return x.trainable == y.trainable;
        else if constexpr (std::is_same_v<T, SetInitialisation>)
          return x.initialisation == y.initialisation;
        else if constexpr (std::is_same_v<T, SetNote>)
          return x.note == y.note;
        else if constexpr (std::is_same_v<T, SetData>)
          return x.data == y.data;
        else if constexpr (std::is_same_v<T, SetRecipe>)
          return x.recipe == y.recipe;
        else
          return false;
      },
      a);
}

bool cancels(const Edit& first, const Edit& second) {
  if (const auto* a = std::get_if<Connect>(&first); a)
    if (const auto* b = std::get_if<Disconnect>(&second))
      return a->network == b->network && a->connection == b->connection;
  if (const auto* a = std::get_if<Disconnect>(&first); a)
    if (const auto* b = std::get_if<Connect>(&second))
      return a->network == b->network && a->connection == b->connection;
  if (const auto* a = std::get_if<AddLayer>(&first); a)
    if (const auto* b = std::get_if<RemoveLayer>(&second)) return a->network == b->network && a->layer.id == b->layer;
  return false;
}

}  // namespace

void EditStep::append(const EditStep& later) {
  forward.insert(forward.end(), later.forward.begin(), later.forward.end());
  backward.insert(backward.begin(), later.backward.begin(), later.backward.end());
}

void EditStep::reduce() {
  std::vector<Pair> kept;
  std::map<Target, std::size_t> places;
  for (std::size_t i = 0; i < forward.size(); ++i) {
    const Edit& now = forward[i];
    const Edit& inverse = backward[backward.size() - 1 - i];
    if (const std::optional<Target> target = target_of(now)) {
      const auto [place, is_new] = places.try_emplace(*target, kept.size());
      if (is_new)
        kept.push_back({now, inverse});
      else
        kept[place->second].forward = now;
      continue;
    }
    if (!kept.empty() && renames_same(kept.back().forward, now)) {
      kept.back().forward = now;
      continue;
    }
    if (!kept.empty() && cancels(kept.back().forward, now)) {
      kept.pop_back();
      continue;
    }
    // Adding and removing a layer carries its settings and place along: nothing may move across it.
    const bool is_connection = std::holds_alternative<Connect>(now) || std::holds_alternative<Disconnect>(now);
    if (!is_connection) places.clear();
    kept.push_back({now, inverse});
  }
  std::erase_if(kept, [](const Pair& pair) { return is_same_change(pair.forward, pair.backward); });
  forward.clear();
  backward.clear();
  for (const Pair& pair : kept) forward.push_back(pair.forward);
  for (auto pair = kept.rbegin(); pair != kept.rend(); ++pair) backward.push_back(pair->backward);
}

}  // namespace netwright
