#include "backend/core/json_text.h"

#include <algorithm>

namespace netwright {

namespace {

constexpr std::size_t line_width = 100;

bool is_plain(const Json& json) {
  if (!json.is_structured()) return true;
  return std::all_of(json.begin(), json.end(),
                     [](const Json& item) { return !item.is_object() && (!item.is_array() || is_plain(item)); });
}

/// Names may hold bytes of the file system that aren't UTF-8: they are replaced, not thrown over.
std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string on_one_line(const Json& json) {
  if (!json.is_structured()) return dumped(json);
  const bool is_object = json.is_object();
  std::string text = is_object ? "{" : "[";
  for (auto it = json.begin(); it != json.end(); ++it) {
    if (text.size() > 1) text += ", ";
    if (is_object) text += dumped(it.key()) + ": ";
    text += on_one_line(*it);
  }
  return text + (is_object ? "}" : "]");
}

void write(const Json& json, std::size_t indent, std::size_t used, std::string& text) {
  if (is_plain(json)) {
    const std::string line = on_one_line(json);
    if (!json.is_structured() || json.empty() || used + line.size() <= line_width) {
      text += line;
      return;
    }
  }
  const bool is_object = json.is_object();
  const std::string margin(indent + 2, ' ');
  text += is_object ? "{\n" : "[\n";
  bool is_first = true;
  for (auto it = json.begin(); it != json.end(); ++it) {
    if (!is_first) text += ",\n";
    is_first = false;
    text += margin;
    std::string key = is_object ? dumped(it.key()) + ": " : std::string();
    text += key;
    write(*it, indent + 2, indent + 2 + key.size(), text);
  }
  text += "\n" + std::string(indent, ' ') + (is_object ? "}" : "]");
}

template <class T, class Test>
std::optional<Value> list_of(const Json& json, Test test) {
  if (!std::all_of(json.begin(), json.end(), test)) return std::nullopt;
  return Value(json.get<std::vector<T>>());
}

}  // namespace

std::string pretty(const Json& json) {
  std::string text;
  write(json, 0, 0, text);
  return text + "\n";
}

Json to_json(const Value& value) {
  return std::visit([](const auto& typed) { return Json(typed); }, value);
}

std::optional<Value> value_from_json(const Json& json) {
  if (json.is_boolean()) return Value(json.get<bool>());
  if (json.is_number_unsigned() && json.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max()) {
    return std::nullopt;
  }
  if (json.is_number_integer()) return Value(json.get<std::int64_t>());
  if (json.is_number()) return Value(json.get<double>());
  if (json.is_string()) return Value(json.get<std::string>());
  if (!json.is_array()) return std::nullopt;
  // [0.9, 1] is a list of reals: one fraction makes it so.
  if (auto whole = list_of<std::int64_t>(json, [](const Json& item) { return item.is_number_integer(); })) return whole;
  return list_of<double>(json, [](const Json& item) { return item.is_number(); });
}

Json to_json(const Settings& settings, const std::vector<SettingSpec>& specs) {
  Json json = Json::object();
  for (const SettingSpec& spec : specs) {
    if (const Value* value = settings.find(spec.name)) json[spec.name] = to_json(*value);
  }
  for (const auto& [name, value] : settings.values()) {
    if (!find_spec(specs, name)) json[name] = to_json(value);
  }
  return json;
}

}  // namespace netwright
