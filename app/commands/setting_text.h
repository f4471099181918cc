#pragma once
// Settings as a command line gives them: `name=value`.

#include <string>
#include <vector>

#include "backend/core/result.h"
#include "backend/core/settings.h"
#include "backend/graph/project.h"

namespace netwright {

/// A value of the spec's kind from its text, lists with commas between their items. The message says what is allowed.
Result<Value> value_from_text(const SettingSpec& spec, const std::string& text);

/// Sets what each `name=value` says, among the source's settings or those of its preparation. Refuses unknown names.
Result<void> apply_settings(const std::vector<std::string>& assignments, DataSource& data);

}  // namespace netwright
