#pragma once
// JSON as this project writes it: key order kept, and a list or object of plain values on one line where it fits.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "backend/core/settings.h"

namespace netwright {

using Json = nlohmann::ordered_json;

/// Two-space indentation; what fits 100 columns and holds no nested object stays on one line. Ends with a newline.
std::string pretty(const Json& json);

Json to_json(const Value& value);
/// Nothing for null, objects and mixed lists.
std::optional<Value> value_from_json(const Json& json);
/// In the specs' order, then what they don't name by name.
Json to_json(const Settings& settings, const std::vector<SettingSpec>& specs);

}  // namespace netwright
