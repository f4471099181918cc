#pragma once
// The file format of a project (`*.netwright`): JSON, versioned, with fixed key order so that diffs read well.
// What is read may hold mistakes of design (analyse() names them) but never of form.

#include <filesystem>
#include <string>

#include "backend/core/result.h"
#include "backend/graph/project.h"

namespace netwright {

inline constexpr int project_version = 1;

/// The same project always gives the same bytes.
std::string to_json(const Project& project);
/// `origin` names the source in messages. Refuses newer versions, broken JSON and wrong forms, saying where.
Result<Project> project_from_json(const std::string& text, const std::string& origin);

/// A fragment (see gestures.h) for the clipboard.
std::string to_json(const Network& fragment);
Result<Network> network_from_json(const std::string& text, const std::string& origin);

Result<Project> read_project(const std::filesystem::path& path);
/// Safe: see core/safe_file.h.
Result<void> write_project(const Project& project, const std::filesystem::path& path);

}  // namespace netwright
