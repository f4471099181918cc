#pragma once
// A setting's value as a person types it.

#include <string>

#include "backend/core/result.h"
#include "backend/core/settings.h"

namespace netwright {

/// A value of the spec's kind from its text, lists with commas between their items. The message says what is allowed.
Result<Value> value_from_text(const SettingSpec& spec, const std::string& text);

}  // namespace netwright
