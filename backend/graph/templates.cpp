#include "backend/graph/templates.h"

#include <fmt/core.h>

#include <algorithm>
#include <system_error>

#include "backend/graph/project_json.h"

namespace netwright {

namespace fs = std::filesystem;

namespace {

fs::path templates_folder() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path installed = program.parent_path().parent_path() / "share" / "netwright" / "templates";
  if (!error && fs::is_directory(installed, error)) return installed;
  return NETWRIGHT_SOURCE_TEMPLATES;
}

}  // namespace

std::vector<Template> templates() {
  std::vector<Template> found;
  std::error_code error;
  for (fs::directory_iterator entry(templates_folder(), error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() != ".netwright") continue;
    const auto project = read_project(entry->path());
    if (!project) continue;
    found.push_back({entry->path().stem().string(), project->name, project->note.substr(0, project->note.find('\n')),
                     entry->path()});
  }
  std::sort(found.begin(), found.end(), [](const Template& a, const Template& b) { return a.name < b.name; });
  return found;
}

Result<Project> open_template(std::string_view name) {
  std::string names;
  for (const Template& candidate : templates()) {
    if (candidate.name == name) return read_project(candidate.file);
    names += (names.empty() ? "" : ", ") + candidate.name;
  }
  return Error{fmt::format("There is no template \"{}\". There are: {}.", name, names.empty() ? "none" : names)};
}

}  // namespace netwright
