#include "backend/graph/network.h"

#include <cctype>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace netwright {

namespace {

auto position_of(const std::vector<Layer>& layers, LayerId id) {
  return std::lower_bound(layers.begin(), layers.end(), id,
                          [](const Layer& layer, LayerId wanted) { return layer.id < wanted; });
}

// Words that Python won't take as an attribute's name in exported code, and members of torch.nn.Module (also of
// versions after 1.13), each between spaces.
constexpr std::string_view reserved_names =
    " False None True and as assert async await break class continue def del elif else except finally for from "
    "global if import in is lambda nonlocal not or pass raise return try while with yield forward train eval to "
    "float half double type apply modules children parameters buffers self training cpu cuda state_dict zero_grad "
    "T_destination add_module bfloat16 call_super_init compile dump_patches extra_repr get_buffer get_extra_state "
    "get_parameter get_submodule ipu load_state_dict mtia named_buffers named_children named_modules "
    "named_parameters register_backward_hook register_buffer register_forward_hook register_forward_pre_hook "
    "register_full_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook "
    "register_load_state_dict_pre_hook register_module register_parameter register_state_dict_post_hook "
    "register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory to_empty xpu _apply "
    "_buffers _modules _parameters _version ";

}  // namespace

const Layer* Network::find(LayerId layer) const {
  const auto it = position_of(layers, layer);
  return it != layers.end() && it->id == layer ? &*it : nullptr;
}

Layer* Network::find(LayerId layer) {
  return const_cast<Layer*>(std::as_const(*this).find(layer));
}

const Layer* Network::find(std::string_view layer_name) const {
  const auto it =
      std::find_if(layers.begin(), layers.end(), [&](const Layer& layer) { return layer.name == layer_name; });
  return it == layers.end() ? nullptr : &*it;
}

LayerId Network::next_layer_id() const {
  std::int64_t highest = layers.empty() ? 0 : layers.back().id.value;
  // A dangling connection must not be adopted by the next layer.
  for (const Connection& c : connections) highest = std::max({highest, c.from.layer.value, c.to.layer.value});
  return {highest + 1};
}

std::string Network::free_name(const std::string& stem) const {
  std::set<std::string_view> taken;
  for (const Layer& layer : layers) taken.insert(layer.name);
  for (std::size_t number = 1;; ++number) {
    std::string candidate = stem + std::to_string(number);
    if (!taken.contains(candidate)) return candidate;
  }
}

std::vector<Connection> Network::connections_of(LayerId layer) const {
  std::vector<Connection> found;
  std::copy_if(connections.begin(), connections.end(), std::back_inserter(found),
               [&](const Connection& c) { return c.from.layer == layer || c.to.layer == layer; });
  return found;
}

bool Network::reaches(LayerId from, LayerId to) const {
  std::unordered_map<LayerId, std::vector<LayerId>> next;
  for (const Connection& connection : connections) next[connection.from.layer].push_back(connection.to.layer);
  std::set<LayerId> seen = {from};
  std::vector<LayerId> open = {from};
  while (!open.empty()) {
    const LayerId layer = open.back();
    if (layer == to) return true;
    open.pop_back();
    for (const LayerId follower : next[layer]) {
      if (seen.insert(follower).second) open.push_back(follower);
    }
  }
  return false;
}

std::string name_complaint(const std::string& name) {
  if (name.empty()) return "A name can't be empty.";
  const auto is_letter = [](unsigned char c) { return std::isalpha(c) || c == '_'; };
  if (!is_letter(static_cast<unsigned char>(name.front()))) return "A name begins with a letter or an underscore.";
  for (const char c : name) {
    if (!is_letter(static_cast<unsigned char>(c)) && !std::isdigit(static_cast<unsigned char>(c))) {
      return "A name has only letters (a–z), digits and underscores: it becomes a variable in PyTorch code.";
    }
  }
  if (name.starts_with("__")) return "A name doesn't begin with two underscores: Python changes such names.";
  if (reserved_names.find(" " + name + " ") != std::string_view::npos) {
    return "“" + name + "” is reserved by Python or PyTorch; choose another name.";
  }
  if (name.size() > 100) return "A name has at most 100 letters.";
  return {};
}

std::string path_complaint(const std::string& path) {
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string part = path.substr(begin, end - begin);
    const bool is_copy = begin > 0 && end < path.size() && !part.empty() &&
                         std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!is_copy) {
      if (std::string why = name_complaint(part); !why.empty()) return why;
    }
    if (end == path.size()) return {};
    begin = end + 1;
  }
}

}  // namespace netwright
