#pragma once
// A Legend as JSON: saved with each run (data.json), so that a trained network can be used without its data.

#include <filesystem>
#include <string>

#include "backend/core/result.h"
#include "backend/data/dataset.h"

namespace netwright {

std::string to_json(const Legend& legend);
/// Refuses, naming the place, what to_json() can't have written. `origin` (a file's name) begins every message.
Result<Legend> legend_from_json(const std::string& text, const std::string& origin);

Result<void> write_legend(const Legend& legend, const std::filesystem::path& path);
Result<Legend> read_legend(const std::filesystem::path& path);

}  // namespace netwright
