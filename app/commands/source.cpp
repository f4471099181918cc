#include "app/commands/source.h"

#include <fmt/format.h>

#include <system_error>

#include "backend/graph/project_json.h"
#include "backend/run/run_folder.h"

namespace netwright {

namespace {

Result<Source> open_run(const std::filesystem::path& path) {
  const Result<RunFolder> folder = RunFolder::open(path);
  if (!folder) return folder.error();
  Result<Project> project = folder->project();
  if (!project) return project.error();
  Source source{std::move(*project), {}, {}, true, {}};
  if (const auto events = folder->events()) {
    for (const Event& event : *events) {
      if (const auto* run = std::get_if<RunEvent>(&event)) source.network = run->network;
      if (const auto* memory = std::get_if<MemoryEvent>(&event)) source.memory = *memory;
    }
  }
  std::error_code ignored;
  for (const auto& checkpoint : {folder->last_checkpoint(), folder->best_checkpoint()}) {
    if (std::filesystem::exists(checkpoint, ignored)) source.weights = checkpoint;
  }
  return source;
}

}  // namespace

Result<Source> open_source(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return open_run(path);
  Result<Project> project = read_project(path);
  if (!project) return project.error();
  Source source{std::move(*project), {}, {}, false, {}};
  const std::filesystem::path beside = weights_file_of(path);
  if (std::filesystem::exists(beside, ignored)) source.weights = beside;
  return source;
}

Result<std::filesystem::path> weights_at(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(path, ignored)) {
    if (std::filesystem::exists(path, ignored)) return path;
    return Error{fmt::format("There is no {}.", path.string())};
  }
  const Result<Source> run = open_run(path);
  if (!run) return run.error();
  if (run->weights.empty()) return Error{fmt::format("{} has no checkpoint yet.", path.string())};
  return run->weights;
}

Result<const Network*> network_of(const Source& source, const std::string& name) {
  const Project& project = source.project;
  if (project.networks.empty()) return Error{"The project has no network."};
  const std::string& wanted = name.empty() ? source.network : name;
  if (wanted.empty()) return &project.networks.front();
  if (const Network* network = project.find(std::string_view(wanted))) return network;
  std::string names;
  for (const Network& candidate : project.networks) names += (names.empty() ? "" : ", ") + candidate.name;
  return Error{fmt::format("There is no network “{}”. There are: {}.", wanted, names)};
}

}  // namespace netwright
