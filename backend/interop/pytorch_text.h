#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "backend/core/settings.h"

namespace netwright {

/// Replaces each `{name}`; fmt would mind Python's own braces.
std::string filled(std::string text, std::initializer_list<std::pair<std::string, std::string>> values);
/// A setting as Python writes it; 0 where there is none.
std::string python_setting(const Settings& settings, const char* name);

}  // namespace netwright
