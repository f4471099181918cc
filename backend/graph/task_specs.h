#pragma once
// Tasks: what a network can be trained for, and the choices of each.

#include <string>
#include <string_view>
#include <vector>

#include "backend/core/settings.h"

namespace netwright {

struct TaskSpec {
  std::string type;  ///< stable name in project files
  std::string summary;
  std::vector<SettingSpec> settings;
  /// Names of the settings that have no effect under others' values (a focal loss's gamma under cross entropy): forms
  /// hide them.
  std::vector<std::string> (*idle)(const Settings&) = nullptr;
};

const std::vector<TaskSpec>& task_specs();
const TaskSpec* find_task_spec(std::string_view type);

}  // namespace netwright
