#pragma once
// Settings as a command line gives them: `name=value`.

#include <string>
#include <vector>

#include "backend/core/result.h"
#include "backend/graph/project.h"

namespace netwright {

/// Sets what each `name=value` says, among the source's settings or those of its preparation. Refuses unknown names.
Result<void> apply_settings(const std::vector<std::string>& assignments, DataSource& data);

}  // namespace netwright
